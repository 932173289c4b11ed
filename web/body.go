package web

import (
	"bytes"
	"encoding/json"
	"io"
	"sync"

	"jeton"
)

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Decode reads the request's body into v, as Go's decoder reads a stream: names
// match in any case, the last of two keys wins, null empties a list and leaves
// other fields as they are, and what
// follows the first value is not looked at. It fails with CodeBodyTooLarge, or
// with CodeInvalidBody naming param.
func (c *Call) Decode(v any, param string) error {
	err := c.decode(v)
	if err == nil || jeton.CodeOf(err) == jeton.CodeBodyTooLarge {
		return err
	}
	return InvalidBody(param)
}

// StringMap reads the body as an object of strings. As in Mattermost's
// MapFromJSON, what is not a string is "", and what is no object is empty; only
// a body over the limit fails.
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

// InvalidBody is the error of a field of the body.
func InvalidBody(param string) error {
	return &jeton.Error{Code: jeton.CodeInvalidBody, Param: param}
}

// InvalidURL is the error of a parameter of the URL.
func InvalidURL(param string) error { return &jeton.Error{Code: jeton.CodeInvalidURL, Param: param} }

// tooLarge also ends the connection: the rest of the body is not worth reading.
func tooLarge(c *Call) error {
	c.Header().Set("Connection", "close")
	return &jeton.Error{Code: jeton.CodeBodyTooLarge}
}
