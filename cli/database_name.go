package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"jeton/sqlstore"
)

// What looks like the address of a database server, but is no postgres:// URL. Taken for
// the name of a SQLite file, it would start a server with an empty database.
var (
	// key=value, as libpq and ADO.NET write it: a word of theirs first, or with white
	// space, semicolons or quotes around.
	keyword   = `(host|hostaddr|port|user|user id|username|uid|password|passfile|passwd|pwd|dbname|database|db|service|servicefile|server|data source|sslmode|ssl\w+|target_session_attrs|connect_timeout|application_name|options)`
	keyFirst  = regexp.MustCompile(`(?i)^` + keyword + `\s*=`)
	keys      = regexp.MustCompile(`^[A-Za-z_][\w\s-]*=`)
	keyInside = regexp.MustCompile(`(?i)[\s;'"]` + keyword + `\s*=`)
	// a scheme without //
	scheme = regexp.MustCompile(`(?i)^(postgres|postgresql|pgsql|pgx?|jdbc|mysql|mariadb|sqlite|sqlite3|file|sqlserver|mssql|mongodb|unix)\+?[a-z0-9]*:`)
	// user:password@host, user@host:5432, host:5432/name
	noScheme = regexp.MustCompile(`^//|^[^/\s]*:[^/\s]*@|^[^/@\s]+@[^/@\s]+:\d+(/|$)|^[^/\s]+:\d+/`)
)

// checkDatabase refuses a --db that is neither a postgres:// URL nor the path of a file.
// The error does not repeat it: it may hold a password.
func checkDatabase(db string) error {
	if sqlstore.IsPostgres(db) {
		return nil
	}
	if kind, _, is := strings.Cut(db, "://"); is || db == "" {
		if is && !regexp.MustCompile(`^[A-Za-z0-9+.:-]{1,32}$`).MatchString(kind) {
			kind = "..." // it may hold anything
		}
		return usage(fmt.Errorf("--%s: databases of type %q are not supported", dbFlag, kind), "give a path of a SQLite file, or %s", urlForm)
	}
	bare := strings.Trim(strings.TrimSpace(db), `'"`)
	for _, path := range []string{"./", "../", "/"} {
		if strings.HasPrefix(bare, path) && !strings.HasPrefix(bare, "//") {
			return nil
		}
	}
	if keys.MatchString(bare) && strings.ContainsAny(bare, " \t\r\n;") || keyFirst.MatchString(bare) || keyInside.MatchString(bare) || scheme.MatchString(bare) || noScheme.MatchString(bare) {
		return usage(errors.New("--"+dbFlag+" is neither the path of a SQLite file nor a PostgreSQL URL: it looks like settings of a connection in another form"),
			"correct --%s or %s: write %s; for a SQLite file of that name, write ./ before it", dbFlag, variable(dbFlag), urlForm)
	}
	return nil
}

// urlForm is the form of a PostgreSQL database in --db.
const urlForm = "postgres://user@host:5432/database"
