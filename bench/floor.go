package main

import (
	"bytes"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"
)

// The floor runs in a process of its own, as the server does, so that it does not share
// this process's time. It is this program, started with a variable.
const (
	floorVariable = "JETON_BENCH_FLOOR" // its listening address
	floorAddress  = "127.0.0.1:18064"
	floorSize     = 2600       // bytes: about what 10 tokens are as JSON
	emptyPath     = "/empty"   // answers 200 without a body
	headersPath   = "/headers" // the same, with as many headers as a good verification
)

// headers are like those of a good verification; the server renders them beforehand, too.
var headers = map[string][]string{
	"Cache-Control": {"no-store"}, "X-Auth-User-Id": {"18j1qhofua3jj6dhyrkoc3hqia"}, "X-Auth-Username": {"anders.haddad0"},
	"X-Auth-Roles": {"system_user"}, "X-Auth-Token-Id": {"18j1qhojrgy9h9sez4csjusjq9"}, "X-Auth-Expires-At": {""}, "X-Auth-Scopes": {""},
}

func init() {
	if address := os.Getenv(floorVariable); address != "" {
		answer := bytes.Repeat([]byte("x"), floorSize)
		_ = http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case headersPath:
				maps.Copy(w.Header(), headers)
				return
			case emptyPath:
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(answer)
		}))
		os.Exit(1)
	}
}

// startFloor starts the floor; stop ends it.
func startFloor() (url string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), floorVariable+"="+floorAddress)
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	for range 500 {
		c, err := net.Dial("tcp", floorAddress)
		if err == nil {
			return "http://" + floorAddress, stop, c.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	return "", nil, os.ErrDeadlineExceeded
}
