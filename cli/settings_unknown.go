package cli

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// prefix begins the name of every variable of the program.
const prefix = "JETON_"

// ofKubernetes matches the variables that Kubernetes sets in each container for a Service
// whose name begins with jeton.
var ofKubernetes = regexp.MustCompile(`^JETON(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// unknownVariables returns a sentence for each variable of the environment that begins as
// the program's own do, but is none of them. It never holds a value.
func unknownVariables(root *cobra.Command, environ []string) []string {
	known := knownVariables(root)
	var unknown []string
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		ours := len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
		if !ours || known[name] || value == "" || ofKubernetes.MatchString(name) {
			continue
		}
		text := fmt.Sprintf("the variable %s is not known and has no effect", clean(name))
		if near := nearest(name, known); near != "" {
			text += "; did you mean " + near + "?"
		}
		unknown = append(unknown, text)
	}
	slices.Sort(unknown)
	return slices.Compact(unknown)
}

// knownVariables returns the names of the variables that some command reads.
func knownVariables(root *cobra.Command) map[string]bool {
	known := map[string]bool{variable(configFlag): true}
	for name := range allFlags(root) {
		known[variable(name)] = true
	}
	for _, name := range secretVariables {
		known[name], known[name+fileSuffix] = true, true
	}
	return known
}

// nearest returns the known name that a name resembles most, or "" if none is close.
func nearest(name string, known map[string]bool) string {
	name = strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	best, least := "", max(3, len(name)/4)
	for _, k := range slices.Sorted(maps.Keys(known)) {
		if d := distance(squeeze(name), squeeze(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// squeeze leaves out what is often forgotten: JETON_PUBLICURL is near JETON_PUBLIC_URL.
func squeeze(name string) string { return strings.ReplaceAll(name, "_", "") }

// distance returns how many characters have to be inserted, removed or replaced to turn
// one text into the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
