package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker when a release is built; see the Makefile.
var version = "dev"

// revision returns the commit that the program was built from, as the go command recorded
// it; empty: unknown.
func revision() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}

func newVersion(t *terminal) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Example: `jeton version
jeton version --json`,
		Args: arguments(),
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return printJSON(t.out, map[string]string{"version": version, "revision": revision(), "go": runtime.Version()})
			}
			_, err := fmt.Fprintf(t.out, "jeton %s %s/%s %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
			return err
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}
