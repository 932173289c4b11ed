package cli_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// writePair writes a new certificate and its key, and returns the certificate.
func writePair(t *testing.T, dir string) *x509.Certificate {
	t.Helper()
	pair, err := selfSigned("127.0.0.1", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, "key.pem": {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

// startTLS starts a server with a certificate, which it returns.
func startTLS(t *testing.T, args ...string) (*process, *x509.Certificate) {
	t.Helper()
	dir := t.TempDir()
	leaf := writePair(t, dir)
	p, err := startServe(dir, asAdmin(os.Environ()), append([]string{"--tls-cert", "cert.pem", "--tls-key", "key.pem"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p, leaf
}

// handshake returns the state of a connection to a server with settings of TLS.
func handshake(url string, config *tls.Config) (tls.ConnectionState, error) {
	config.InsecureSkipVerify = true
	conn, err := tls.Dial("tcp", strings.TrimPrefix(url, "https://"), config)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close() //nolint:errcheck // nothing was written
	return conn.ConnectionState(), nil
}

// TestTLS: versions, suites, HTTP/2, and what is sent on https only.
func TestTLS(t *testing.T) {
	p, leaf := startTLS(t)
	if !strings.HasPrefix(p.url, "https://127.0.0.1:") || !strings.Contains(p.paste, p.url+"/api/v4/users/login") {
		t.Fatalf("it says %q and %q", p.url, p.paste)
	}
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
		if _, err := handshake(p.url, &tls.Config{MinVersion: version, MaxVersion: version}); err == nil {
			t.Errorf("it speaks %s", tls.VersionName(version))
		}
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s, err := handshake(p.url, &tls.Config{MinVersion: version, MaxVersion: version, NextProtos: []string{"h2", "http/1.1"}})
		if err != nil || s.NegotiatedProtocol != "h2" {
			t.Errorf("%s: %q, %v", tls.VersionName(version), s.NegotiatedProtocol, err)
		}
	}
	weak := &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}
	if _, err := handshake(p.url, weak); err == nil {
		t.Error("it takes a weak suite")
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequest("POST", p.url+"/api/v4/users/login", strings.NewReader(`{"login_id":"admin","password":"`+testPassword+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Requested-With", "XMLHttpRequest")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it is not read
	if resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%s %s %v", resp.Proto, resp.Status, resp.Header)
	}
	for _, c := range resp.Cookies() {
		if !c.Secure {
			t.Errorf("%s is not secure", c.Name)
		}
	}
	if len(resp.Cookies()) != 3 {
		t.Errorf("%d cookies", len(resp.Cookies()))
	}
	if err := p.stop(); err != nil {
		t.Errorf("serve ended: %v\n%s", err, p.stderr)
	}
}

// freeAddress returns an address that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing was written
	return l.Addr().String()
}

// TestPlainHasNoHSTS: a server without TLS does not send what counts for https.
func TestPlainHasNoHSTS(t *testing.T) {
	address := freeAddress(t)
	p, err := startServe(t.TempDir(), asAdmin(os.Environ()), "--public-url", "https://tokens.example.org", "--listen", address)
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	_, header, err := newCaller(t, "http://"+address).call("GET", "/system/ping", "", "", nil)
	if err != nil || header.Get("Strict-Transport-Security") != "" {
		t.Errorf("%v, %v", header, err)
	}
}

// TestCertificateIsReadAgain: a pair that changes is used without a restart, by itself and by
// SIGHUP; one that cannot be used is not.
func TestCertificateIsReadAgain(t *testing.T) {
	p, first := startTLS(t)
	shown := func() *x509.Certificate {
		s, err := handshake(p.url, &tls.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return s.PeerCertificates[0]
	}
	if !shown().Equal(first) {
		t.Error("it shows another certificate than that of the file")
	}
	if err := os.WriteFile(filepath.Join(p.cmd.Dir, "cert.pem"), []byte("-----BEGIN CERT"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if !shown().Equal(first) {
		t.Error("half a certificate replaced it")
	}
	second := writePair(t, p.cmd.Dir)
	eventually(t, "the new certificate is not shown", func() bool { return shown().Equal(second) })
	third := writePair(t, p.cmd.Dir)
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the certificate is not shown after SIGHUP", func() bool { return shown().Equal(third) })
	if err := os.Chmod(filepath.Join(p.cmd.Dir, "key.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Errorf("serve ended: %v\n%s", err, p.stderr)
	}
	if n := strings.Count(p.stderr.String(), "cannot be read again"); n == 0 || n > 2 {
		t.Errorf("the bad pair is logged %d times:\n%s", n, p.stderr)
	}
}

// askHealth returns the output of "jeton health" and its exit status.
func askHealth(dir string, args ...string) (string, int) {
	cmd := exec.Command(program, append([]string{"health"}, args...)...)
	cmd.Dir = dir
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

// TestHealth: 0 for a server that is well, 1 for one that is not, or is not the one meant.
func TestHealth(t *testing.T) {
	p, _ := startTLS(t, "--metrics-listen", "127.0.0.1:0")
	port := p.url[strings.LastIndexByte(p.url, ':'):]
	metrics := p.metrics[strings.LastIndexByte(p.metrics, ':'):]
	for _, args := range [][]string{
		{"--listen", "127.0.0.1" + port},
		{"--listen", "0.0.0.0" + port},
		{"--listen", port},
		{"--listen", "[::]" + port},
		{"--listen", "localhost" + port, "--metrics-listen", "0.0.0.0" + metrics},
	} {
		if out, status := askHealth(p.cmd.Dir, append(args, "--tls-cert", "cert.pem")...); status != 0 || out != "healthy\n" {
			t.Errorf("%v: %d %s", args, status, out)
		}
	}
	other := t.TempDir()
	writePair(t, other)
	for _, tt := range []struct {
		dir, words string
		status     int
		args       []string
	}{
		{other, "another certificate", 1, []string{"--listen", "127.0.0.1" + port, "--tls-cert", "cert.pem"}},
		{other, "unhealthy", 1, []string{"--listen", "127.0.0.1" + port}},
		{other, "unhealthy", 1, []string{"--listen", "127.0.0.1:1"}},
		{other, "unhealthy", 1, []string{"--listen", "unix:nothing.sock"}},
		{other, "cannot be known", 2, []string{"--listen", "127.0.0.1:0"}},
		{other, "not positive", 2, []string{"--timeout", "0s"}},
		{p.cmd.Dir, "no such file", 1, []string{"--listen", "127.0.0.1" + port, "--tls-cert", "nowhere.pem"}},
	} {
		if out, status := askHealth(tt.dir, tt.args...); status != tt.status || !strings.Contains(out, tt.words) {
			t.Errorf("%v: %d %s, not %d with %q", tt.args, status, out, tt.status, tt.words)
		}
	}
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if out, status := askHealth(p.cmd.Dir, "--listen", "127.0.0.1"+port, "--tls-cert", "cert.pem", "--timeout", "200ms"); status != 1 || !strings.Contains(out, "did not answer within 200ms") {
		t.Errorf("a server that is frozen: %d %s", status, out)
	}
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Errorf("serve ended: %v\n%s", err, p.stderr)
	}
}
