package client

import "context"

// Ping returns nil if the server and its database work.
func (c *Client) Ping(ctx context.Context) error {
	_, err := get[status](ctx, c, "/system/ping?get_server_status=true")
	return err
}

// Config returns the settings that the server publishes to clients.
func (c *Client) Config(ctx context.Context) (map[string]string, error) {
	return get[map[string]string](ctx, c, "/config/client?format=old")
}

// Description returns the server's OpenAPI document.
func (c *Client) Description(ctx context.Context) ([]byte, error) {
	return get[[]byte](ctx, c, "/openapi.yaml")
}
