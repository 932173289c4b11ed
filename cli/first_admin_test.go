package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func testAdmin(t *testing.T) firstAdmin {
	t.Helper()
	return firstAdmin{dir: t.TempDir(), terminal: &terminal{err: &strings.Builder{}}, log: slog.New(slog.DiscardHandler)}
}

// The password is in a temporary file before the user is created. The file gets its final name
// afterwards. So a crash at any moment loses no password and overwrites none.
func TestPasswordIsWrittenFirst(t *testing.T) {
	f := testAdmin(t)
	if err := os.WriteFile(f.path(), []byte("an earlier administrator's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := f.makeWritten(t.Context(), func(_ context.Context, password string) (bool, error) {
		if held, err := readPassword(f.path()); err != nil || held != "an earlier administrator's" {
			t.Errorf("before the user is made the file holds %q, %v", held, err)
		}
		if left := waiting(t, f); len(left) != 1 {
			t.Errorf("files that wait: %v", left)
		} else if held, err := readPassword(left[0]); err != nil || held != password {
			t.Errorf("the file that waits holds %q, %v; want the password", held, err)
		}
		return true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if held, err := readPassword(f.path()); err != nil || len(held) != 26 {
		t.Errorf("afterwards the file holds %q, %v", held, err)
	}
	if left := waiting(t, f); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

// If another process created the user first, its file stays as it is. If it is not known
// whether the user was created, the password is kept.
func TestPasswordWhenNotMade(t *testing.T) {
	f := testAdmin(t)
	if err := f.makeWritten(t.Context(), func(context.Context, string) (bool, error) { return false, nil }); err != nil {
		t.Fatal(err)
	}
	if left := waiting(t, f); len(left) != 0 {
		t.Errorf("another was first, and yet: %v", left)
	}
	err := f.makeWritten(t.Context(), func(context.Context, string) (bool, error) { return false, errors.New("connection lost") })
	if err == nil {
		t.Error("no error")
	}
	if left := waiting(t, f); len(left) != 1 {
		t.Errorf("the store failed, so the password must stay: %v", left)
	}
	if _, err := os.Stat(f.path()); err == nil {
		t.Error("a password file for a user that may not be there")
	}
}

func waiting(t *testing.T, f firstAdmin) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(f.dir, adminPasswordFile+unfinished))
	if err != nil {
		t.Fatal(err)
	}
	return left
}
