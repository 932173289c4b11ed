package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"jeton"
	"jeton/sqlstore"
)

// restoreFlags say what becomes of what was revoked after the backup.
type restoreFlags struct {
	revocations    string // a file
	disable        bool
	accept, asJSON bool
}

const (
	revocationsFlag   = "revocations"
	disableTokensFlag = "disable-tokens"
	acceptFlag        = "accept-revived"
)

func newRestore(a *admin) *cobra.Command {
	var f restoreFlags
	cmd := &cobra.Command{
		Use:   "restore [FILE]",
		Short: "Put a backup in the place of the database",
		Long: `Put a backup in the place of a SQLite database, while no server runs on it. The command
checks the backup first. It keeps the database that was there, as FILE.before-restore-TIME.

In a backup, tokens are good that were revoked after it was made, and users are active that
were deactivated. So the command wants one of three:

--revocations FILE takes away again what the server took away after the backup: tokens that
were revoked or disabled, users that were deactivated or deleted, roles and permissions that
were taken, passwords that were changed. FILE is the journal of the server, as "jeton audit
list --limit 0 --json" prints it. What it does not tell exactly is made safe, and listed. All
sessions end.

--disable-tokens disables all tokens and ends all sessions. Users, passwords and roles are as
in the backup.

--accept-revived leaves everything as it is in the backup.

On PostgreSQL pg_restore puts the backup in place. Then, before a server starts, run this
command without FILE.`,
		Example: `jeton admin restore --db data/jeton.db jeton-2026-11-25.db --revocations audit.json
jeton admin restore --db data/jeton.db jeton-2026-11-25.db --disable-tokens`,
		Args: atMost("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(a.db, args); err != nil {
				return err
			}
			ctx, release := interruptible(cmd.Context())
			defer release()
			return a.restore(ctx, f, append(args, "")[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.revocations, revocationsFlag, "", `take away again what the server took away: a `+"`file`"+` of "jeton audit list --limit 0 --json"`)
	flags.BoolVar(&f.disable, disableTokensFlag, false, "disable all tokens and end all sessions")
	flags.BoolVar(&f.accept, acceptFlag, false, "leave all as it is in the backup, also what was revoked after it")
	jsonFlag(cmd, &f.asJSON)
	return cmd
}

// check refuses before anything is read.
func (f restoreFlags) check(db string, args []string) error {
	given := 0
	for _, is := range []bool{f.revocations != "", f.disable, f.accept} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		err := errors.New("nothing says what becomes of tokens and users that were revoked after the backup: it would revive them")
		if given > 1 {
			err = fmt.Errorf("only one of --%s, --%s and --%s can be given", revocationsFlag, disableTokensFlag, acceptFlag)
		}
		return usage(err, `choose one: --%s FILE takes away again what was taken away since (FILE from "jeton audit list --limit 0 --json" of the server); `+
			"--%s disables all tokens and ends all sessions; --%s leaves all as in the backup", revocationsFlag, disableTokensFlag, acceptFlag)
	case sqlstore.IsPostgres(db) && len(args) > 0:
		return usage(errors.New("a backup of PostgreSQL is not put in place by this command"),
			"restore it by pg_restore, then run this command without FILE: see %s", backupPage)
	case !sqlstore.IsPostgres(db) && len(args) == 0:
		return usage(errors.New("the backup is missing"), `usage: jeton admin restore FILE; "jeton admin backup" makes one`)
	}
	return checkDatabase(db)
}

func (f restoreFlags) mode() string {
	switch {
	case f.disable:
		return disableTokensFlag
	case f.accept:
		return acceptFlag
	}
	return revocationsFlag
}

// restoredSummary is what the command tells.
type restoredSummary struct {
	Database       string           `json:"database"`
	Backup         string           `json:"backup,omitempty"`
	Kept           string           `json:"kept,omitempty"` // the name of the database that was there
	Mode           string           `json:"mode"`
	From           string           `json:"from"`     // the position of the backup
	Position       string           `json:"position"` // the present one, in a new epoch
	Users          int64            `json:"users"`
	Tokens         int64            `json:"tokens"`
	Sessions       int64            `json:"sessions"`
	TokensDisabled int64            `json:"tokens_disabled"` // by --disable-tokens
	SessionsEnded  int64            `json:"sessions_ended"`
	Revocations    *jeton.Reapplied `json:"revocations,omitempty"`
	Milliseconds   int64            `json:"milliseconds"`
}

func (a *admin) restore(ctx context.Context, f restoreFlags, file string) error {
	began := time.Now()
	s := restoredSummary{Database: databaseName(a.db), Backup: file, Mode: f.mode()}
	restore := a.restoreFile
	if sqlstore.IsPostgres(a.db) {
		restore = a.restoreInPlace
	} else {
		s.Database = a.db
	}
	if err := restore(ctx, f, file, &s); err != nil {
		return explainRestore(a.db, file, err)
	}
	s.Milliseconds = time.Since(began).Milliseconds()
	if f.asJSON {
		return printJSON(a.out, s)
	}
	return a.sayRestored(s)
}

// restoreFile puts a SQLite file in place.
func (a *admin) restoreFile(ctx context.Context, f restoreFlags, file string, s *restoredSummary) error {
	progress, end := a.copying("restoring")
	defer end()
	report, kept, err := sqlstore.RestoreSQLite(ctx, sqlstore.Options{URL: a.db, Log: a.log()}, sqlstore.RestoreFile{
		From: file, Progress: progress,
		Prepare: func(ctx context.Context, store *sqlstore.Store) error { return f.apply(ctx, store, s) },
	})
	s.Kept, s.Users, s.Tokens, s.Sessions = kept, report.Users, report.Tokens, report.Sessions
	return err
}

// restoreInPlace does what is left to do after pg_restore.
func (a *admin) restoreInPlace(ctx context.Context, f restoreFlags, _ string, s *restoredSummary) (err error) {
	report, err := sqlstore.Inspect(ctx, sqlstore.Options{URL: a.db}, a.saying())
	if errors.Is(err, sqlstore.ErrOlderSchema) {
		err = nil
	}
	if err == nil && !report.OK() {
		err = fmt.Errorf("%w: %s", sqlstore.ErrDamaged, report.Findings[0])
	}
	if err != nil {
		return err
	}
	store, err := openStore(ctx, a.db, a.log())
	if err != nil {
		return err
	}
	if err := errors.Join(f.apply(ctx, store, s), store.Close()); err != nil {
		return err
	}
	report, err = sqlstore.Inspect(ctx, sqlstore.Options{URL: a.db}, a.saying())
	s.Users, s.Tokens, s.Sessions = report.Users, report.Tokens, report.Sessions
	return err
}

// apply does to the restored database what the flags say.
func (f restoreFlags) apply(ctx context.Context, store *sqlstore.Store, s *restoredSummary) error {
	r := sqlstore.Restoration{DisableTokens: f.disable, EndSessions: !f.accept}
	if f.revocations != "" {
		past, err := readRevocations(ctx, f.revocations, store)
		if err != nil {
			return err
		}
		r.Apply = func(tx jeton.Tx) error {
			done, err := past.Apply(tx, time.Now().UnixMilli())
			s.Revocations = &done
			return err
		}
	}
	done, err := store.Restore(ctx, r)
	s.From, s.Position = jeton.Receipt(done.From).String(), jeton.Receipt(done.Head).String()
	s.TokensDisabled, s.SessionsEnded = done.TokensDisabled, done.SessionsEnded
	return err
}

// explainRestore adds to the error of a restore what to do about it.
func explainRestore(db, file string, err error) error {
	wrapped := fmt.Errorf("nothing was restored: %w", err)
	switch {
	case errors.Is(err, context.Canceled):
		return hint(errors.New("the restore was interrupted"), "run the command again; the database that was there is there, or kept beside it")
	case errors.Is(err, errList):
		return hint(wrapped, "use a whole list of this server's journal, or --%s, which needs none", disableTokensFlag)
	case errors.Is(err, sqlstore.ErrDamaged):
		return hint(wrapped, "use another backup")
	case errors.Is(err, sqlstore.ErrFull):
		return hint(wrapped, "free some space: the restored database and the present one lie beside each other")
	case errors.Is(err, sqlstore.ErrNotJeton), errors.Is(err, os.ErrNotExist):
		return hint(wrapped, `check the name of the backup; "jeton admin backup" makes one`)
	case errors.Is(err, sqlstore.ErrInUse):
		return wrapped
	}
	return explainState(wrapped, hint(wrapped, "try again when %s and %s can be read and written", databaseName(db), file))
}

func (a *admin) sayRestored(s restoredSummary) error {
	fmt.Fprintf(a.out, "Restored the state of position %s: %d users, %d tokens.\n", s.From, s.Users, s.Tokens)
	if s.Kept != "" {
		fmt.Fprintf(a.out, "The database that was there is kept as %s.\n", s.Kept)
	}
	switch {
	case s.Mode == disableTokensFlag:
		fmt.Fprintf(a.out, "Disabled %d tokens and ended %d sessions. Users, passwords and roles are as in the backup.\n", s.TokensDisabled, s.SessionsEnded)
	case s.Mode == acceptFlag:
		fmt.Fprintf(a.out, "All is as in the backup, also what was revoked after it.\n")
	case s.Revocations != nil:
		a.sayReapplied(*s.Revocations, s.SessionsEnded)
	}
	_, err := fmt.Fprintf(a.out, "A new epoch begins: %s.\n", s.Position)
	return err
}

func (a *admin) sayReapplied(r jeton.Reapplied, sessions int64) {
	fmt.Fprintf(a.out, "Applied %d events: revoked %d tokens and disabled %d; deactivated %d users and deleted %d; took %d roles; "+
		"changed %d roles and %d bots' owners; locked %d passwords; ended all %d sessions.\n", r.Events, r.TokensRevoked, r.TokensDisabled,
		r.UsersDeactivated, r.UsersDeleted, r.RolesTaken, r.RolesChanged, r.BotsAssigned, r.PasswordsLocked, sessions)
	if r.Lost != (jeton.Lost{}) {
		fmt.Fprintf(a.out, "Made after the backup, and lost: %d tokens, %d users and bots, %d roles.\n", r.Lost.Tokens, r.Lost.Users, r.Lost.Roles)
	}
	for _, n := range r.Attention {
		name := n.Name
		if name == "" {
			name = n.ID
		}
		if name != "" {
			name += ": "
		}
		fmt.Fprintf(a.out, "  %s\n", clean(name+n.Text))
	}
}
