// Package httpapi is the Mattermost v4 wire: the routes under /api/v4, the shapes
// of their JSON, and the ids, messages and statuses of their errors.
//
// It owns nothing but translation. Who may do what, what is valid and what
// follows from it are rules of package jeton, which every handler calls once or
// twice; how a request travels is package web's. It must not reach a store.
package httpapi
