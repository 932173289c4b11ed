package verify

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"jeton"
	"jeton/authn"
	"jeton/limit"
	"jeton/web"
)

// verdict is what is to be answered.
type verdict struct {
	outcome Outcome
	view    authn.View // of Good and Lacking
	need    need
	limits  [2]limited // those that count here
	err     error      // of Unavailable and Gone
}

type limited struct {
	by *limit.Limiter // nil: no limit was asked
	limit.Taken
}

// verify answers whether a request may pass. Nothing of the request is read but
// Authorization and, where it says what is required, the URL.
func (f *Front) verify(w http.ResponseWriter, r *http.Request) {
	var start time.Time
	if f.watched {
		start = f.Clock()
	}
	need, plain := needOf(r.URL)
	v := verdict{outcome: Misasked}
	if plain {
		v = f.judge(r, need)
		v.need = need
		if v.outcome != Good && !need.readable() {
			v.outcome = Misasked
		}
	}
	f.answer(w.Header(), &v)
	if f.watched {
		f.tell(r, &v, f.Clock().Sub(start))
	}
	switch v.outcome {
	case Good:
		w.WriteHeader(http.StatusOK)
	case Malformed:
		w.WriteHeader(f.malformed)
	case Unavailable:
		f.outages.log(f.Log, f.Clock(), v.err)
		fallthrough
	default:
		w.WriteHeader(statuses[v.outcome])
	}
}

var statuses = map[Outcome]int{
	NoCredentials: http.StatusUnauthorized, Invalid: http.StatusUnauthorized, Lacking: http.StatusForbidden,
	Limited: http.StatusTooManyRequests, Unavailable: http.StatusServiceUnavailable, Gone: http.StatusServiceUnavailable,
	Misasked: http.StatusBadRequest,
}

// judge decides. What no memory and no database is needed for comes first.
func (f *Front) judge(r *http.Request, need need) (v verdict) {
	if f.perAddress != nil {
		v.limits[0] = limited{f.perAddress, f.perAddress.Take(f.network(r), f.Clock())}
		if !v.limits[0].OK {
			v.outcome = Limited
			return v
		}
	}
	secret, how := bearer(r.Header["Authorization"])
	switch how {
	case nothing:
		v.outcome = NoCredentials
		return v
	case malformed:
		return f.refuse(r, v, Malformed, true)
	}
	view, err := f.Cache.Verify(r.Context(), secret, f.Sessions)
	if err != nil {
		if jeton.CodeOf(err) == jeton.CodeUnauthenticated {
			return f.refuse(r, v, Invalid, errors.Is(err, authn.ErrUnknown))
		}
		v.outcome, v.err = Unavailable, err
		if r.Context().Err() != nil {
			v.outcome = Gone
		}
		return v
	}
	v.view = view
	if f.perToken != nil {
		v.limits[1] = limited{f.perToken, f.perToken.Take(view.Actor.ViaID, f.Clock())}
		if !v.limits[1].OK {
			v.outcome = Limited
			return v
		}
	}
	if !need.held(&view.Actor) {
		v.outcome = Lacking
	}
	f.used(&view.Actor, f.Proxies.Address(r))
	return v
}

// used counts a use of a token: also one that lacked a permission, since it was
// presented and recognised. Empty: where from is not known.
func (f *Front) used(a *jeton.Actor, address string) {
	if f.Used != nil && a.Kind == jeton.KindToken {
		f.Used(a.ViaID, address, f.Clock().UnixMilli())
	}
}

// refuse ends with an outcome, or with Limited for who guesses too much.
func (f *Front) refuse(r *http.Request, v verdict, outcome Outcome, guess bool) verdict {
	v.outcome = outcome
	if !guess || f.unknown == nil {
		return v
	}
	if t := f.unknown.Take(f.network(r), f.Clock()); !t.OK {
		v.outcome, v.limits[1] = Limited, limited{f.unknown, t}
	}
	return v
}

// network is what a client is limited by.
func (f *Front) network(r *http.Request) string { return limit.Network(f.Proxies.Address(r)) }

// challenges are shared by all answers.
var challenges = map[Outcome][]string{
	NoCredentials: {`Bearer realm="jeton"`},
	Malformed:     {`Bearer realm="jeton", error="invalid_request", error_description="the credentials cannot be read"`},
	Misasked:      {`Bearer realm="jeton", error="invalid_request", error_description="the requirement in the URL cannot be read"`},
	Invalid:       {`Bearer realm="jeton", error="invalid_token"`},
}

// answer sets the headers. They are assigned, not Set: the names are in their
// canonical form, and most values are shared.
func (f *Front) answer(h http.Header, v *verdict) {
	h["Cache-Control"] = noStore
	if v.limits[0].by != nil || v.limits[1].by != nil {
		limitHeaders(h, v.limits[:])
	}
	switch v.outcome {
	case Good:
		v.view.Rendered.(*rendered).set(h)
	case Lacking:
		h["Www-Authenticate"] = []string{insufficient(v.need.lacking(&v.view.Actor))}
	case Limited:
		wait := max(v.limits[0].Wait, v.limits[1].Wait)
		h["Retry-After"] = []string{strconv.Itoa(limit.Seconds(wait))}
	case Unavailable, Gone:
		h["Retry-After"] = []string{strconv.Itoa(web.RetryAfter(v.err))}
	default:
		h["Www-Authenticate"] = challenges[v.outcome]
	}
}

func insufficient(scope string) string {
	return `Bearer realm="jeton", error="insufficient_scope", scope="` + scope + `"`
}

// limitHeaders sets the headers of the limits that were asked.
func limitHeaders(h http.Header, limits []limited) {
	var policy string
	state := make([]byte, 0, 64)
	for _, l := range limits {
		switch {
		case l.by == nil:
			continue
		case policy == "":
			policy = l.by.Policy()
		default:
			policy += ", " + l.by.Policy()
			state = append(state, ", "...)
		}
		state = l.by.AppendState(state, l.Taken)
	}
	h["Ratelimit-Policy"], h["Ratelimit"] = []string{policy}, []string{string(state)}
}

// outages logs why verifications could not be answered, once a second at most.
type outages struct {
	next    atomic.Int64 // Unix milliseconds
	skipped atomic.Int64
}

func (o *outages) log(log *slog.Logger, now time.Time, err error) {
	next, at := o.next.Load(), now.UnixMilli()
	if at < next && next <= at+1000 || !o.next.CompareAndSwap(next, at+1000) {
		o.skipped.Add(1)
		return
	}
	log.Error("a verification could not be answered", "error", err, "others", o.skipped.Swap(0))
}
