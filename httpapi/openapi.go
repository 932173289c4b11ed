package httpapi

import (
	_ "embed" // the description is part of the program

	"jeton/web"
)

//go:embed openapi.yaml
var description []byte

// getDescription is GET /openapi.yaml.
func (a *api) getDescription(c *web.Call) (any, error) {
	c.Header().Set("Cache-Control", "no-cache") // it is the same for all clients, and has an ETag
	return web.Reply{Value: description, Type: "application/yaml", Tagged: true}, nil
}
