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

// verdict is a verification's result, from which the answer is made.
type verdict struct {
	outcome Outcome
	view    authn.View // of Good and Insufficient
	need    need
	limits  [2]limited // the limits that were applied
	err     error      // of Unavailable and Disconnected
}

// limited is a limit and its answer.
type limited struct {
	by *limit.Limiter // nil: no limit was applied
	limit.Taken
}

// verify answers a verification. It reads only the URL and the Authorization header of the
// request.
func (f *Front) verify(w http.ResponseWriter, r *http.Request) {
	var start time.Time
	if f.observed {
		start = f.Clock()
	}
	need, plain := needOf(r.URL)
	v := verdict{outcome: BadRequirement}
	if !web.ValidMethod(r.Method) {
		v.outcome = BadMethod
	} else if plain {
		v = f.judge(r, need)
		v.need = need
		if v.outcome != Good && !need.readable() {
			v.outcome = BadRequirement
		}
	}
	f.answer(w.Header(), &v)
	if f.observed {
		f.report(r, &v, f.Clock().Sub(start))
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
	NoCredentials: http.StatusUnauthorized, Invalid: http.StatusUnauthorized, Insufficient: http.StatusForbidden,
	Limited: http.StatusTooManyRequests, Unavailable: http.StatusServiceUnavailable, Disconnected: http.StatusServiceUnavailable,
	BadRequirement: http.StatusBadRequest, BadMethod: http.StatusMethodNotAllowed,
}

// judge returns the verdict. The checks that need neither the cache nor the database come
// first.
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
	if f.Guesses.Alarmed(f.Clock) && !f.Cache.Cached(secret) {
		if t := f.Guesses.Lookup(f.network(r), f.Clock()); !t.OK {
			v.outcome, v.limits[1] = Limited, limited{f.Guesses.Limiter(), t}
			return v
		}
	}
	view, err := f.Cache.Verify(r.Context(), secret, f.Sessions)
	if err != nil {
		if jeton.CodeOf(err) == jeton.CodeUnauthenticated {
			return f.refuse(r, v, Invalid, errors.Is(err, authn.ErrUnknown))
		}
		v.outcome, v.err = Unavailable, err
		if r.Context().Err() != nil {
			v.outcome = Disconnected
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
		v.outcome = Insufficient
	}
	f.used(&view.Actor, f.Proxies.Address(r))
	return v
}

// used counts a use of a token, also if the token lacks a required permission: the client
// presented it. An empty address is not known.
func (f *Front) used(a *jeton.Actor, address string) {
	if f.Used != nil && a.Kind == jeton.KindToken {
		f.Used(a.ViaID, address, f.Clock().UnixMilli())
	}
}

// refuse returns v with an outcome; or with Limited, if the secret counts as a guess and the
// client's network is over the limit of unknown secrets.
func (f *Front) refuse(r *http.Request, v verdict, outcome Outcome, guess bool) verdict {
	v.outcome = outcome
	if !guess || f.Guesses == nil {
		return v
	}
	if t := f.Guesses.Count(f.network(r), f.Clock()); !t.OK {
		v.outcome, v.limits[1] = Limited, limited{f.Guesses.Limiter(), t}
	}
	return v
}

// network returns the network that the limits count as the client.
func (f *Front) network(r *http.Request) string { return limit.Network(f.Proxies.Address(r)) }

// challenges are the values of WWW-Authenticate. All answers share them.
var challenges = map[Outcome][]string{
	NoCredentials:  {`Bearer realm="jeton"`},
	Malformed:      {`Bearer realm="jeton", error="invalid_request", error_description="the credentials cannot be read"`},
	BadRequirement: {`Bearer realm="jeton", error="invalid_request", error_description="the requirement in the URL cannot be read"`},
	Invalid:        {`Bearer realm="jeton", error="invalid_token"`},
}

// answer sets the headers. It assigns them without Set: the names are in canonical form, and
// Set would allocate a slice for each.
func (f *Front) answer(h http.Header, v *verdict) {
	h["Cache-Control"] = noStore
	if v.limits[0].by != nil || v.limits[1].by != nil {
		limitHeaders(h, v.limits[:])
	}
	switch v.outcome {
	case Good:
		v.view.Rendered.(*rendered).set(h)
	case Insufficient:
		h["Www-Authenticate"] = []string{insufficientScope(v.need.missing(&v.view.Actor))}
	case Limited:
		wait := max(v.limits[0].Wait, v.limits[1].Wait)
		h["Retry-After"] = []string{strconv.Itoa(limit.Seconds(wait))}
	case Unavailable, Disconnected:
		h["Retry-After"] = []string{strconv.Itoa(web.RetryAfter(v.err))}
	case BadMethod:
		h["Allow"] = allowed
	default:
		h["Www-Authenticate"] = challenges[v.outcome]
	}
}

// allowed is the value of Allow. All answers share it.
var allowed = []string{web.AllowedMethods}

// insufficientScope returns the challenge for missing permissions.
func insufficientScope(scope string) string {
	return `Bearer realm="jeton", error="insufficient_scope", scope="` + scope + `"`
}

// limitHeaders sets RateLimit and RateLimit-Policy from the limits that were applied.
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

// outages logs why verifications could not be answered, at most once a second.
type outages struct {
	next    atomic.Int64 // when to log again, Unix milliseconds
	skipped atomic.Int64 // not logged since the last line
}

func (o *outages) log(log *slog.Logger, now time.Time, err error) {
	next, at := o.next.Load(), now.UnixMilli()
	if at < next && next <= at+1000 || !o.next.CompareAndSwap(next, at+1000) {
		o.skipped.Add(1)
		return
	}
	log.Error("a verification could not be answered", "error", err, "others", o.skipped.Swap(0))
}
