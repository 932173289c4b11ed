package httpapi

import (
	"github.com/go-chi/chi/v5"

	"jeton"
	"jeton/limit"
	"jeton/web"
)

// For tests in package httpapi_test.
var (
	AppendString = appendString
	ParsePage    = parsePage
	Description  = description
	InAlphabet   = inAlphabet
	Unescaped    = unescaped
)

type (
	TokenList = tokenList
	TokenIn   = newTokenJSON
)

// DeviceOf returns the platform, the operating system and the browser of a User-Agent.
func DeviceOf(userAgent string) (platform, os, browser string) {
	d := deviceOf(userAgent)
	return d.platform, d.os, d.browser
}

func WireToken(t jeton.Token) any { return wireToken(t) }

// Routes returns the router of a server without a service.
func Routes() chi.Router {
	return newAPI(Options{Options: web.Options{Service: jeton.NewService(jeton.Options{Limits: limit.ForService()})}}).routes()
}

// ErrorRow is a row of the error table.
type ErrorRow struct {
	Code    jeton.Code
	Status  int
	ID      string
	Message string
}

// ErrorRows returns all rows of the error table.
func ErrorRows() (rows []ErrorRow) {
	for code, r := range table {
		rows = append(rows, ErrorRow{code, r.status, r.id, r.message})
	}
	for code, byField := range fields {
		for _, r := range byField {
			rows = append(rows, ErrorRow{code, r.status, r.id, r.message})
		}
	}
	return rows
}
