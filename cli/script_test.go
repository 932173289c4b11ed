package cli_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // the command sql damages databases with it

	"jeton/pgtest"
)

// TestScripts runs testdata/*.txtar against the real program. It adds these commands to those of
// testscript:
//
//	serve [FLAG...]      start the server; sets $URL, and writes the printed shell line to paste.sh
//	                     and its log to serve.log when it ends
//	shutdown             SIGTERM; the server must end with status 0 (testscript has a stop)
//	crash                kill -9
//	exits N COMMAND...   run a command that must end with that status
//	mode OCTAL FILE...   files must have that mode
//	sql FILE STATEMENT   change a SQLite database
//	postgres             make an empty PostgreSQL database and set $JETON_DB to its URL
//
// and those of script_remote_test.go.
func TestScripts(t *testing.T) {
	testscript.Run(t, scripts(t, func(*testscript.Env) {}))
}

// TestRemoteScripts runs the scripts that call a server again, on PostgreSQL.
func TestRemoteScripts(t *testing.T) {
	p := scripts(t, func(e *testscript.Env) { e.Setenv("JETON_DB", pgtest.URL(t)) })
	var err error
	if p.Files, err = filepath.Glob("testdata/remote_*.txtar"); err != nil || len(p.Files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	p.Dir = ""
	testscript.Run(t, p)
}

func scripts(t *testing.T, setup func(*testscript.Env)) testscript.Params {
	return testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
			e.Setenv("GORACE", raceOptions)
			e.Values["server"] = new(*process)
			e.Values["test"] = t
			setup(e)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"serve": scriptServe, "shutdown": scriptShutdown, "crash": scriptCrash, "exits": scriptExits,
			"mode": scriptMode, "sql": scriptSQL, "postgres": scriptPostgres,
			"tls": scriptTLS, "stub": scriptStub, "keep": scriptKeep, "onlyin": scriptOnlyIn,
			"samejson": scriptSameJSON, "fits": scriptFits, "unseen": scriptUnseen, "within": scriptWithin,
		},
	}
}

func scriptServe(ts *testscript.TestScript, _ bool, args []string) {
	env := os.Environ()
	for _, name := range []string{
		"JETON_ADMIN_PASSWORD", "JETON_DB", "JETON_CONFIG", "JETON_LOG_FORMAT", "HOME",
		"JETON_ADMIN_PASSWORD_FILE", "JETON_DB_FILE", "JETON_LISTEN_MODE", "JETON_TRUSTED_PROXIES", "JETON_TRUSTED_PROXY", "JETON_PORT", "JETON_OPEN_SIGNUP", "JETON_SESSION_LENGTH",
	} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	p, err := startServe(ts.Getenv("WORK"), env, args...)
	ts.Check(err)
	ts.Defer(func() {
		if *server(ts) == p {
			p.kill()
		}
	})
	*server(ts) = p
	ts.Setenv("URL", p.url)
	ts.Check(os.WriteFile(ts.MkAbs("paste.sh"), []byte(p.paste+"\n"), 0o600))
}

func server(ts *testscript.TestScript) **process { return ts.Value("server").(**process) }

func scriptShutdown(ts *testscript.TestScript, _ bool, _ []string) {
	p := *server(ts)
	*server(ts) = nil
	err := p.stop()
	ts.Check(os.WriteFile(ts.MkAbs("serve.log"), []byte(p.stderr.String()), 0o600))
	if err != nil {
		ts.Fatalf("serve ended: %v\n%s", err, p.stderr)
	}
}

func scriptCrash(ts *testscript.TestScript, _ bool, _ []string) {
	p := *server(ts)
	*server(ts) = nil
	p.kill()
}

func scriptExits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("status %d, want %d\n%s", got, want, ts.ReadFile("stderr"))
	}
}

func scriptMode(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := info.Mode().Perm(); got != fs.FileMode(want) {
			ts.Fatalf("%s has mode %o, want %o", name, got, want)
		}
	}
}

func scriptSQL(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(changeSQLite(ts.MkAbs(args[0]), args[1]))
}

func changeSQLite(path, statement string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	_, err = db.Exec(statement)
	return errors.Join(err, db.Close())
}

func scriptPostgres(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Setenv("JETON_DB", pgtest.URL(ts.Value("test").(*testing.T)))
	fmt.Fprintln(ts.Stdout(), "a new database")
}
