package cli_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"jeton/apitest"
	"jeton/pgtest"
)

// program is the real binary, built once for all tests of this package.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "jeton-cli")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "jeton")
	args := []string{"build", "-o", program}
	if apitest.RaceDetector {
		args = append(args, "-race") // detect races in the program, too
	}
	if err := os.Setenv("GORACE", raceOptions); err != nil {
		panic(err)
	}
	build := exec.Command("go", append(args, "jeton/cmd/jeton")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		os.Exit(1)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	pgtest.Main(m)
}

// raceOptions make a race end the program. They also turn off the detector's wait of one second
// at exit, which would slow down hundreds of short commands.
const raceOptions = "halt_on_error=1 atexit_sleep_ms=0"

// process is a running "jeton serve".
type process struct {
	cmd     *exec.Cmd
	url     string // the server's URL
	paste   string // the shell line that it prints for the user to paste
	metrics string // the URL of the metrics address; empty: there is none
	stderr  *strings.Builder
	ended   chan error
}

// startServe starts the server in dir and waits until it reports that it serves.
func startServe(dir string, env []string, args ...string) (*process, error) {
	return start(dir, env, program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
}

// start starts a command that runs a server.
func start(dir string, env []string, name string, args ...string) (*process, error) {
	p := &process{stderr: &strings.Builder{}, ended: make(chan error, 1)}
	p.cmd = exec.Command(name, args...)
	p.cmd.Dir = dir
	p.cmd.Env = env
	p.cmd.Stderr = p.stderr
	// The server must end if the test's process ends.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			line := strings.TrimSpace(lines.Text())
			if url, ok := strings.CutPrefix(line, "Jeton serves "); ok {
				p.url = url
			}
			if _, rest, ok := strings.Cut(line, "Metrics at "); ok {
				p.metrics, _, _ = strings.Cut(rest, "/metrics,")
			}
			if strings.Contains(line, "TOKEN=$(") {
				p.paste = line
				close(ready)
				break
			}
		}
		for lines.Scan() { // the rest of its output
		}
		p.ended <- p.cmd.Wait()
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	select {
	case <-ready:
		return p, nil
	case err := <-p.ended:
		return nil, fmt.Errorf("serve ended: %w\n%s", err, p.stderr)
	case <-ctx.Done():
		p.kill()
		return nil, fmt.Errorf("serve did not get ready\n%s", p.stderr)
	}
}

// stop ends the server with SIGTERM and returns the error of its process.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return <-p.ended
}

// kill ends the server with SIGKILL.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended //nolint:errcheck // it was killed
}
