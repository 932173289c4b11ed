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
		Example: `jeton admin check --db data/jeton.db
jeton admin check --json`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := existing(a.db); err != nil {
				return err
			}
			store, err := openStore(cmd.Context(), a.db, a.log())
			if err != nil {
				return err
			}
			defer store.Close() //nolint:errcheck // nothing was written
			report, err := store.Check(cmd.Context(), a.saying())
			if err != nil {
				return hint(fmt.Errorf("the check could not be finished: %w", err), "try again when the database can be reached")
			}
			if err := a.printReport(report, asJSON); err != nil {
				return err
			}
			if !report.OK() {
				return hint(errors.New("the database is damaged"), "stop the server, keep a copy of the database, and restore a backup")
			}
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
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
