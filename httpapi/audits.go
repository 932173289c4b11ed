package httpapi

import "jeton/web"

// listAudits is GET /audits.
func (a *api) listAudits(c *web.Call) (any, error) {
	p := page(c)
	events, err := a.service.Events(c.Context(), c.Actor, p)
	if err != nil {
		return nil, err
	}
	a.listHeaders(c, p, len(events), unknownTotal)
	return each(events, wireAudit), nil
}

// listAuditsOf is GET /users/{user_id}/audits.
func (a *api) listAuditsOf(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	p := page(c)
	events, err := a.service.EventsOf(c.Context(), c.Actor, id, p)
	if err != nil {
		return nil, err
	}
	a.listHeaders(c, p, len(events), unknownTotal)
	return each(events, wireAudit), nil
}
