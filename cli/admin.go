package cli

import (
	"log/slog"

	"github.com/spf13/cobra"
)

// admin is shared by the commands that run on the server's machine.
type admin struct {
	*terminal
	db string
}

// log discards: these commands print their results themselves.
func (a *admin) log() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newAdmin(t *terminal) *cobra.Command {
	a := &admin{terminal: t}
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Work on the database directly, on the server's machine",
		Long: `Work on the database directly, without logging in. A server that uses the database
can keep running; it applies each change at once or within a second.`,
	}
	databaseFlag(cmd.PersistentFlags(), &a.db)
	cmd.AddCommand(newMigrate(a), newResetPassword(a), newSeed(a), newCheck(a), newBackup(a), newRestore(a))
	group(cmd)
	return cmd
}
