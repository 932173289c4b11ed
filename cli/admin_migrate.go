package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"jeton/sqlstore"
)

func newMigrate(a *admin) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Make the database's tables, or bring them up to date",
		Long: `Make the database's tables, or bring them up to date. "jeton serve" does the same
when it starts; this is for doing it at another time or as another user.`,
		Example: `jeton admin migrate --db data/jeton.db`,
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := prepareDatabase(a.db); err != nil {
				return err
			}
			from, to, err := sqlstore.Migrate(cmd.Context(), sqlstore.Options{URL: a.db, Log: a.log(), Admin: true})
			if err != nil {
				return explainOpen(a.db, err)
			}
			if asJSON {
				return printJSON(a.out, map[string]int64{"from": from, "to": to})
			}
			if from == to {
				_, err = fmt.Fprintf(a.out, "The schema is up to date: version %d.\n", to)
			} else {
				_, err = fmt.Fprintf(a.out, "The schema was brought from version %d to %d.\n", from, to)
			}
			return err
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}
