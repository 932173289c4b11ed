package web

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"jeton"
)

// Reply is an answer with more than a value.
type Reply struct {
	Value  any
	Status int    // 0: 200
	Line   bool   // ends in a newline
	Tagged bool   // carries an ETag, and is 304 for a client that has the value
	Known  string // the end of a tag that a client computes by itself for the same value; empty: none
	Type   string // the media type of a []byte; empty: JSON
}

// Created answers 201 with a value.
func Created(v any) Reply { return Reply{Value: v, Status: http.StatusCreated} }

// Line answers with a value and a newline.
func Line(v any) Reply { return Reply{Value: v, Line: true} }

// Tagged answers with a value and an ETag.
func Tagged(v any) Reply { return Reply{Value: v, Tagged: true} }

// Appender is a value that writes its own JSON: those of the most frequent answers
// do.
type Appender interface {
	AppendJSON(b []byte) []byte
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// keepBuffer is the largest buffer that goes back to the pool, in bytes: one long
// list must not keep its memory forever.
const keepBuffer = 256 << 10

// WriteJSON writes a status and a value. If the value cannot be encoded, it fails and
// writes nothing.
func (c *Call) WriteJSON(status int, v any) error {
	return c.answer(Reply{Value: v, Status: status})
}

func (c *Call) answer(v any) error {
	reply, ok := v.(Reply)
	if !ok {
		reply.Value = v
	}
	if reply.Status == 0 {
		reply.Status = http.StatusOK
	}
	buf := buffers.Get().(*[]byte)
	body, err := appendValue((*buf)[:0], reply)
	if err == nil {
		c.send(reply, body)
	}
	if cap(body) <= keepBuffer {
		*buf = body
		buffers.Put(buf)
	}
	return err
}

func appendValue(b []byte, reply Reply) ([]byte, error) {
	switch v := reply.Value.(type) {
	case Appender:
		b = v.AppendJSON(b)
	case []byte:
		b = append(b, v...)
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return b, &jeton.Error{Code: jeton.CodeInternal, Err: fmt.Errorf("encode %T: %w", v, err)}
		}
		b = append(b, text...)
	}
	if reply.Line {
		b = append(b, '\n')
	}
	return b, nil
}

// send writes the answer. For HEAD net/http drops the body and keeps its length.
func (c *Call) send(reply Reply, body []byte) {
	h := c.Header()
	if reply.Type != "" {
		h["Content-Type"] = []string{reply.Type}
	}
	if reply.Tagged {
		tag := etag(body)
		h["Etag"] = []string{tag}
		if matches(c.Request.Header["If-None-Match"], tag, reply.Known) {
			c.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.WriteHeader(reply.Status)
	_, _ = c.Write(body) // the client may have closed the connection
}

// etag returns a weak tag of a body. 64 bits are enough to distinguish the versions
// of one resource that one client sees.
func etag(body []byte) string {
	h := fnv.New64a()
	_, _ = h.Write(body)
	return `W/"` + strconv.FormatUint(h.Sum64(), 36) + `"`
}

// matches evaluates If-None-Match (RFC 9110, 13.1.2): a list of tags, compared
// weakly, or a star. A tag that ends in known, if that is not empty, matches too, quoted or
// not: Mattermost's clients send theirs without quotes.
func matches(given []string, tag, known string) bool {
	for _, line := range given {
		for t := range strings.SplitSeq(line, ",") {
			t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
			if t == "*" || t == tag[len("W/"):] || known != "" && strings.HasSuffix(strings.Trim(t, `"`), known) {
				return true
			}
		}
	}
	return false
}
