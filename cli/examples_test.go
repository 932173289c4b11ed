package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// examplesWorld creates the users, bots, roles and files that the examples in the help use.
const examplesWorld = `
set -e
jeton login $URL --username admin --password-stdin < password
jeton user create alice --email alice@example.org --password-stdin < password
jeton role create deployer --permission deploy:read,deploy:write
jeton bot create ci-bot
jeton token create --for ci-bot --description pipeline -q
jeton role create releaser --permission deploy:write
jeton bot create release-bot
jeton user roles release-bot --add releaser
jeton token create --for release-bot --description verified -q > secret
HOME=$PWD/alice jeton login $URL --username alice --password-stdin < password
rm -r alice
mkdir -p data
cp password data/admin-password
echo "listen: 127.0.0.1:0" > jeton.yaml
rm -r .config # a copy would be readable by others, which the program refuses
`

// TestExamples runs the examples of each command in a shell, on a copy of that world.
func TestExamples(t *testing.T) {
	list := examples(t)
	if len(list) < 35 {
		t.Errorf("only %d commands", len(list))
	}
	world := t.TempDir()
	if err := os.WriteFile(filepath.Join(world, "password"), []byte("correct horse 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	withServer(t, world, examplesWorld)
	for command, script := range list {
		t.Run(strings.ReplaceAll(command, " ", "_"), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "copy")
			if err := os.CopyFS(dir, os.DirFS(world)); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(command, "jeton admin restore") {
				t.Skip("it wants a database that no server has open: see testdata/restore*.txtar")
			}
			if strings.HasPrefix(command, "jeton serve") {
				for line := range strings.SplitSeq(script, "\n") {
					serveExample(t, dir, line)
				}
				return
			}
			script = strings.ReplaceAll(script, "http://127.0.0.1:8065", "$URL")
			logIn := "jeton login $URL --username admin --password-stdin < password\n"
			withServer(t, dir, "set -e\n"+logIn+script)
		})
	}
}

// examples returns the examples of all commands in the reference.
func examples(t *testing.T) map[string]string {
	out, err := exec.Command(program, "reference", "markdown").Output()
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for part := range strings.SplitSeq(string(out), "\n### ") {
		command, body, _ := strings.Cut(part, "\n")
		_, script, found := strings.Cut(body, "```sh\n")
		script, _, closed := strings.Cut(script, "\n```")
		switch {
		case found && closed:
			list[command] = script
		case strings.HasPrefix(command, "jeton "):
			t.Errorf("%s has no example", command)
		}
	}
	return list
}

func exampleEnv(dir string) []string {
	return append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME=", "JETON_ADMIN_PASSWORD=correct horse 1", "JETON_LISTEN=127.0.0.1:0",
		"PATH="+filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// withServer runs a script with a server in dir.
func withServer(t *testing.T, dir, script string) {
	t.Helper()
	p, err := startServe(dir, exampleEnv(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}()
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir, cmd.Env = dir, append(exampleEnv(dir), "URL="+p.url, "JETON_LISTEN="+strings.TrimPrefix(p.url, "http://"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, script, out)
	}
}

// serveExample runs a line that starts a server, until the server reports that it serves.
func serveExample(t *testing.T, dir, line string) {
	t.Helper()
	p, err := start(dir, exampleEnv(dir), "bash", "-c", "exec "+line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if err := p.stop(); err != nil {
		t.Errorf("%s: %v", line, err)
	}
}
