package web

// For tests in the external package.
var (
	QueryValue    = queryValue
	Authorization = authorization
	CookieValue   = cookieValue
	TokenInQuery  = tokenInQuery
)
