package cli

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"jeton/sqlstore"
)

func newMigrate(a *admin) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Make or update the database's tables",
		Long: `Make the database's tables, or update them to the schema of this program. "jeton serve"
does the same when it starts; use this command to do it at another time or as another
user of the database. It shows its progress. SIGINT and SIGTERM undo the step that is
running; the next run continues from there.`,
		Example: `jeton admin migrate --db data/jeton.db`,
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := prepareDatabase(a.db); err != nil {
				return err
			}
			ctx, release := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer release()
			from, to, err := sqlstore.Migrate(ctx, sqlstore.Options{URL: a.db, Log: a.log(), Admin: true, Progress: a.migrating()})
			if err != nil {
				return explainOpen(a.db, err)
			}
			if asJSON {
				return printJSON(a.out, map[string]int64{"from": from, "to": to})
			}
			if from == to {
				_, err = fmt.Fprintf(a.out, "The schema is up to date: version %d.\n", to)
			} else {
				_, err = fmt.Fprintf(a.out, "The schema was updated from version %d to %d.\n", from, to)
			}
			return err
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

// migrating returns what shows the progress of a migration, on a terminal.
func (a *admin) migrating() func(done, total int64) {
	var step func(done int64)
	var end func()
	return func(done, total int64) {
		if step == nil {
			step, end = a.progress(total, "moving tokens")
		}
		if step(done); done == total {
			end()
		}
	}
}
