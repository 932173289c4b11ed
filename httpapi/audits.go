package httpapi

import (
	"strconv"

	"jeton"
	"jeton/web"
)

// auditFilters are the parameters that select events; links repeat them.
var auditFilters = []string{"target", "owner", "action", "refused", "about"}

// listAudits is GET /audits.
func (a *api) listAudits(c *web.Call) (any, error) {
	f, err := eventFilter(c)
	if err != nil {
		return nil, err
	}
	p := page(c)
	events, err := a.service.FindEvents(c.Context(), c.Actor, f, p)
	if err != nil {
		return nil, err
	}
	a.listHeaders(c, p, len(events), unknownTotal, auditFilters...)
	return each(events, wireAudit), nil
}

// listAuditsOf is GET /users/{user_id}/audits: what the user did, or with about=true what
// concerns the user's account.
func (a *api) listAuditsOf(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	f, err := eventFilter(c)
	if err != nil {
		return nil, err
	}
	p, find := page(c), a.service.EventsOf
	if flag(c, "about") {
		find = a.service.EventsAbout
	}
	events, err := find(c.Context(), c.Actor, id, f, p)
	if err != nil {
		return nil, err
	}
	a.listHeaders(c, p, len(events), unknownTotal, auditFilters...)
	return each(events, wireAudit), nil
}

// eventFilter reads the parameters that select events. One that can match no event is an
// error: an auditor must not take a wrong question for an empty journal.
func eventFilter(c *web.Call) (f jeton.EventFilter, err error) {
	f = jeton.EventFilter{Target: c.Query("target"), Owner: c.Query("owner"), Action: jeton.Action(c.Query("action"))}
	switch {
	case f.Target != "" && !jeton.ValidID(f.Target):
		return f, web.InvalidURL("target")
	case f.Owner != "" && !jeton.ValidID(f.Owner):
		return f, web.InvalidURL("owner")
	case f.Action != "" && !f.Action.Known():
		return f, web.InvalidURL("action")
	}
	if text := c.Query("refused"); text != "" {
		refused, err := strconv.ParseBool(text)
		if err != nil {
			return f, web.InvalidURL("refused")
		}
		f.Refused = &refused
	}
	return f, nil
}
