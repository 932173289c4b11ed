package cli

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"jeton/sqlstore"
)

func newCheck(a *admin) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Verify the database: integrity, schema, journal, counts",
		Long: `Read the whole database and verify its integrity, the schema's version, the order of
the journal and the counts. The command writes nothing, also not beside the database, and
can run beside a server. It ends with status 1 if something is wrong, and if there is no
database of Jeton.`,
		Example: `jeton admin check --db data/jeton.db
jeton admin check --json`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkDatabase(a.db); err != nil {
				return err
			}
			report, err := sqlstore.Inspect(cmd.Context(), sqlstore.Options{URL: a.db, Log: a.log()}, a.saying())
			if err != nil {
				return explainCheck(a.db, err)
			}
			if err := a.printReport(report, asJSON); err != nil {
				return err
			}
			if !report.OK() {
				return hint(errors.New("the database is damaged"), `stop the server, and put a backup in place by "jeton admin restore", which keeps a copy of what is there`)
			}
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

// explainCheck adds to the error of looking at a database what to do about it.
func explainCheck(db string, err error) error {
	err = fmt.Errorf("the %s was not checked: %w", databaseName(db), err)
	switch {
	case errors.Is(err, sqlstore.ErrOlderSchema):
		return hint(err, `update it by "jeton admin migrate", then check it again`)
	case errors.Is(err, sqlstore.ErrNotJeton):
		return hint(err, `give the database by --%s or %s; "jeton serve" makes a new one`, dbFlag, variable(dbFlag))
	}
	return explainState(err, hint(err, "try again when the database can be reached and read"))
}

func (a *admin) printReport(r sqlstore.Report, asJSON bool) error {
	if asJSON {
		return printJSON(a.out, r)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "database\t%s, schema version %d\n", r.Engine, r.SchemaVersion)
	fmt.Fprintf(w, "journal\tposition %s.%d\n", r.Epoch, r.Position)
	fmt.Fprintf(w, "users\t%d\ntokens\t%d\nsessions\t%d\n", r.Users, r.Tokens, r.Sessions)
	for _, text := range r.Warnings {
		fmt.Fprintf(w, "warning\t%s\n", text)
	}
	for _, text := range r.Findings {
		fmt.Fprintf(w, "WRONG\t%s\n", text)
	}
	if r.OK() {
		fmt.Fprintf(w, "result\tall is well\n")
	}
	return w.Flush()
}

// saying returns the function that prints each step of the check, for a terminal; nil
// otherwise.
func (a *admin) saying() func(string) {
	if !isTerminal(a.err) {
		return nil
	}
	return func(what string) { fmt.Fprintf(a.err, "checking %s ...\n", what) }
}
