package cli

import (
	"log/slog"

	"github.com/spf13/cobra"
)

// admin is what the commands on the server's own machine share.
type admin struct {
	*terminal
	db string
}

// log goes nowhere: these commands say what there is to say themselves.
func (a *admin) log() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newAdmin(t *terminal) *cobra.Command {
	a := &admin{terminal: t}
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Work on the database, on the server's own machine",
		Long: `Work straight on the database, without logging in. A server that runs on it need
not be stopped; it sees each change at once or within a second.`,
	}
	databaseFlag(cmd.PersistentFlags(), &a.db)
	cmd.AddCommand(newMigrate(a), newResetPassword(a), newSeed(a), newCheck(a))
	group(cmd)
	return cmd
}
