// Command jeton is a self-hosted server of personal access tokens; "jeton help"
// tells what it does. Everything it does is in package cli.
package main

import (
	"os"

	"jeton/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
