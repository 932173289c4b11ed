package cli_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
	"github.com/rogpeppe/go-internal/testscript"
)

// Script commands for tests of commands that call a server:
//
//	tls [NAME|expired]       a TLS proxy for $URL; sets $TLSURL and writes ca.pem. The
//	                         certificate is for 127.0.0.1, for another name, or expired
//	stub STATUS BODY [HEADER...]  a server with this one answer, $STUB; the status
//	                         may be "silent" (it never answers) or "truncated"
//	keep NAME                set a variable to the last command's stdout
//	onlyin TEXT [FILE...]    exactly these files hold the text
//	samejson FILE FILE       the files hold the same JSON value
//	fits N FILE              no line is wider than N columns
//	unseen FILE              the file holds no control characters of a terminal
//	within DURATION COMMAND...  the command ends in that time, with any status

func scriptTLS(ts *testscript.TestScript, _ bool, args []string) {
	name, until := "127.0.0.1", time.Now().Add(time.Hour)
	switch {
	case len(args) > 0 && args[0] == "expired":
		until = time.Now().Add(-time.Minute)
	case len(args) > 0:
		name = args[0]
	}
	certificate, err := selfSigned(name, until)
	ts.Check(err)
	target, err := url.Parse(ts.Getenv("URL"))
	ts.Check(err)
	s := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(target))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // the tests provoke failed handshakes
	s.StartTLS()
	ts.Defer(s.Close)
	ts.Setenv("TLSURL", s.URL)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), text, 0o600))
}

// selfSigned creates a self-signed certificate.
func selfSigned(name string, until time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: until.Add(-2 * time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		c.IPAddresses = []net.IP{ip}
	} else {
		c.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

func scriptStub(ts *testscript.TestScript, _ bool, args []string) {
	body := ts.ReadFile(args[1])
	ended := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // net/http detects a disconnected client only after it has read the body
		for _, line := range args[2:] {
			name, value, _ := strings.Cut(line, ": ")
			w.Header().Set(name, strings.TrimSuffix(strings.ReplaceAll(value, "ESC", "\x9b"), "\n"))
		}
		switch args[0] {
		case "silent":
			select {
			case <-r.Context().Done():
			case <-ended:
			}
			return
		case "truncated":
			w.Header().Set("Content-Length", strconv.Itoa(len(body)+100))
		default:
			status, _ := strconv.Atoi(args[0]) // an invalid status is 0, which fails the script
			w.WriteHeader(status)
		}
		_, _ = io.WriteString(w, body)
	}))
	ts.Defer(func() { close(ended); s.Close() })
	ts.Setenv("STUB", s.URL)
}

func scriptKeep(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.TrimSpace(ts.ReadFile("stdout"))
	if text == "" {
		ts.Fatalf("there is nothing to keep")
	}
	ts.Setenv(args[0], text)
}

func scriptOnlyIn(ts *testscript.TestScript, _ bool, args []string) {
	if args[0] == "" {
		ts.Fatalf("every file holds the empty text")
	}
	var found, want []string
	ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(args[0])) {
			found = append(found, path)
		}
		return err
	}))
	for _, name := range args[1:] {
		want = append(want, ts.MkAbs(name))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, found); diff != "" {
		ts.Fatalf("the files that hold it (-want +have):\n%s", diff)
	}
}

func scriptSameJSON(ts *testscript.TestScript, neg bool, args []string) {
	var values [2]any
	for i := range values {
		if err := json.Unmarshal([]byte(ts.ReadFile(args[i])), &values[i]); err != nil {
			ts.Fatalf("%s: %v\n%s", args[i], err, ts.ReadFile(args[i]))
		}
	}
	diff := cmp.Diff(values[0], values[1])
	if neg == (diff == "") {
		ts.Fatalf("%s and %s (-first +second): %s", args[0], args[1], diff)
	}
}

func scriptFits(ts *testscript.TestScript, _ bool, args []string) {
	width, err := strconv.Atoi(args[0])
	ts.Check(err)
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if n := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); n > width {
			ts.Fatalf("%d columns, of %d: %s", n, width, line)
		}
	}
}

func scriptUnseen(ts *testscript.TestScript, _ bool, args []string) {
	for _, r := range strings.ToValidUTF8(ts.ReadFile(args[0]), "\x1b") {
		if r != '\n' && r != ' ' && !unicode.IsPrint(r) {
			ts.Fatalf("%s holds %U", args[0], r)
		}
	}
}

func scriptWithin(ts *testscript.TestScript, _ bool, args []string) {
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	began := time.Now()
	_ = ts.Exec(args[1], args[2:]...) // the script checks the output
	if took := time.Since(began); took > limit {
		ts.Fatalf("it took %v", took)
	}
}
