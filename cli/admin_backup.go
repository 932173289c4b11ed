package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"jeton/sqlstore"
)

// backupPage is the page that says how a PostgreSQL database is backed up.
const backupPage = "docs/backup.md"

func newBackup(a *admin) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy a SQLite database into a new file, beside a running server",
		Long: `Copy a SQLite database into a new file, while a server uses it. The copy is one state of
the database. Only the user who runs the command can read the file. The command checks
the copy as "jeton admin check" does, and gives the file its name only when it is whole and
on disk. It overwrites no file. For PostgreSQL use pg_dump.`,
		Example: `jeton admin backup jeton-$(date +%F).db
jeton admin backup --db data/jeton.db copy.db --json`,
		Args: arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.sqliteOnly(); err != nil {
				return err
			}
			ctx, release := interruptible(cmd.Context())
			defer release()
			progress, end := a.copying("copying")
			began := time.Now()
			report, err := sqlstore.Backup(ctx, sqlstore.Options{URL: a.db, Log: a.log()}, args[0], progress)
			end()
			if err != nil {
				return explainBackup(a.db, args[0], err)
			}
			return a.sayBackup(args[0], report, time.Since(began), asJSON)
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

// interruptible returns a context that SIGINT and SIGTERM end.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
}

// sqliteOnly refuses databases that their own programs copy.
func (a *admin) sqliteOnly() error {
	if sqlstore.IsPostgres(a.db) {
		return usage(errors.New("a PostgreSQL database is not backed up by this command"), "use pg_dump or a base backup: see %s", backupPage)
	}
	return checkDatabase(a.db)
}

// copying returns what shows the progress of a copy and of its check on a terminal.
func (a *admin) copying(words string) (p sqlstore.Progress, end func()) {
	var step func(done int64)
	finish := func() {}
	p.Checked = a.saying()
	p.Copied = func(done, total int64) {
		if step == nil {
			step, finish = a.progress(total, words)
		}
		step(done)
		if done == total {
			finish()
			step, finish = nil, func() {}
		}
	}
	return p, func() { finish() }
}

// explainBackup adds to the error of a backup what to do about it.
func explainBackup(db, file string, err error) error {
	wrapped := fmt.Errorf("no backup of %s was made: %w", db, err)
	switch {
	case errors.Is(err, context.Canceled):
		return hint(errors.New("the backup was interrupted; no file was made"), "run the command again")
	case errors.Is(err, sqlstore.ErrExists):
		return hint(wrapped, "give the backup a name of its own, or move that file away")
	case errors.Is(err, sqlstore.ErrFull):
		return hint(wrapped, "free some space, or give the file another place than %s; the incomplete copy was removed", file)
	case errors.Is(err, sqlstore.ErrDamaged):
		return hint(wrapped, `the incomplete copy was removed; run "jeton admin check", and keep your earlier backups`)
	case errors.Is(err, sqlstore.ErrNotJeton):
		return hint(wrapped, "give the database by --%s or %s", dbFlag, variable(dbFlag))
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return hint(wrapped, "make the folder of %s, and make it writable", file)
	}
	return explainState(wrapped, hint(wrapped, "try again when the database and the file can be read and written"))
}

func (a *admin) sayBackup(file string, r sqlstore.Report, took time.Duration, asJSON bool) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.out, struct {
			File         string `json:"file"`
			Bytes        int64  `json:"bytes"`
			Milliseconds int64  `json:"milliseconds"`
			sqlstore.Report
		}{file, info.Size(), took.Milliseconds(), r})
	}
	if r.Epoch == "" { // an older schema
		_, err = fmt.Fprintf(a.out, "Copied a database of schema version %d to %s: %d bytes, checked.\n", r.SchemaVersion, file, info.Size())
		return err
	}
	_, err = fmt.Fprintf(a.out, "Copied %d users and %d tokens to %s: %d bytes, checked, at position %s.%d.\n",
		r.Users, r.Tokens, file, info.Size(), r.Epoch, r.Position)
	return err
}
