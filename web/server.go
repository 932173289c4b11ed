package web

import (
	"log/slog"
	"net/http"
	"time"
)

// maxStreams is how many requests one HTTP/2 connection may have at once.
const maxStreams = 100

// NewServer returns a server for a handler. It bounds the time that a client may take
// to send its headers and its body and to read the answer, the size of the headers, and
// the requests of one HTTP/2 connection. Connections bounds their number.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    MaxHeader,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: maxStreams,
			SendPingTimeout:      30 * time.Second,
			PingTimeout:          15 * time.Second,
			WriteByteTimeout:     30 * time.Second,
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
