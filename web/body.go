package web

import (
	"bytes"
	"encoding/json"
	"io"
	"sync"

	"jeton"
)

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Decode reads the request body into v, as Go's JSON decoder reads a stream: names
// match in any case, the last of two equal keys counts, null empties a list and
// leaves other fields unchanged, and everything after the first value is ignored. It
// fails with CodeBodyTooLarge, or with CodeInvalidBody for param.
func (c *Call) Decode(v any, param string) error {
	err := c.decode(v)
	if err == nil || jeton.CodeOf(err) == jeton.CodeBodyTooLarge {
		return err
	}
	return InvalidBody(param)
}

// StringMap reads the request body as an object of strings. As in Mattermost's
// MapFromJSON, a value that is not a string is "", and a body that is not an object
// is an empty map. Only a body over the limit fails.
func (c *Call) StringMap() (map[string]string, error) {
	var m map[string]string
	if err := c.decode(&m); jeton.CodeOf(err) == jeton.CodeBodyTooLarge {
		return nil, err
	}
	return m, nil
}

func (c *Call) decode(v any) error {
	if c.Request.ContentLength > MaxBody {
		return tooLarge(c)
	}
	buf := bodies.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= keepBuffer {
			bodies.Put(buf)
		}
	}()
	buf.Reset()
	if _, err := buf.ReadFrom(io.LimitReader(c.Request.Body, MaxBody+1)); err != nil {
		return err
	}
	if buf.Len() > MaxBody {
		return tooLarge(c)
	}
	return json.NewDecoder(buf).Decode(v)
}

// InvalidBody returns the error of a field of the request body.
func InvalidBody(param string) error {
	return &jeton.Error{Code: jeton.CodeInvalidBody, Param: param}
}

// InvalidURL returns the error of a parameter of the URL.
func InvalidURL(param string) error { return &jeton.Error{Code: jeton.CodeInvalidURL, Param: param} }

// tooLarge also closes the connection, so that the rest of the body is not read.
func tooLarge(c *Call) error {
	c.Header().Set("Connection", "close")
	return &jeton.Error{Code: jeton.CodeBodyTooLarge}
}
