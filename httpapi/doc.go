// Package httpapi is the Mattermost v4 wire: the routes under /api/v4, the shapes
// of their JSON, and the ids, messages and statuses of their errors.
//
// It only translates. The rules of access and validity are those of package jeton,
// which every handler calls once or twice; package web carries the requests. This
// package must not use a store.
package httpapi
