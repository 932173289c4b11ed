package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const testPassword = "correct horse"

// asAdmin returns the environment of a server whose administrator has testPassword.
func asAdmin(env []string) []string { return append(env, "JETON_ADMIN_PASSWORD="+testPassword) }

// caller calls the API of a server over its own connections.
type caller struct {
	url    string
	client *http.Client
}

func newCaller(t *testing.T, url string) *caller {
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	t.Cleanup(transport.CloseIdleConnections)
	return &caller{url: url + "/api/v4", client: &http.Client{Transport: transport, Timeout: 30 * time.Second}}
}

// call returns the status and the headers. It decodes the body of a success into out, if out is
// not nil. An error means that there was no answer.
func (c *caller) call(method, path, secret, body string, out any) (int, http.Header, error) {
	req, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	text, err := io.ReadAll(resp.Body)
	err = errors.Join(err, resp.Body.Close())
	if err == nil && out != nil && resp.StatusCode < 300 {
		err = json.Unmarshal(text, out)
	}
	return resp.StatusCode, resp.Header, err
}

func (c *caller) login(t *testing.T) (session string) {
	t.Helper()
	status, header, err := c.call("POST", "/users/login", "", fmt.Sprintf(`{"login_id":"admin","password":%q}`, testPassword), nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("log-in: %d, %v", status, err)
	}
	return header.Get("Token")
}

// madeToken is a token in the answer to its creation.
type madeToken struct {
	ID     string `json:"id"`
	Secret string `json:"token"`
}
