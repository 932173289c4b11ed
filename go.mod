module jeton

go 1.26.0

require (
	github.com/anishathalye/porcupine v1.3.1 // tests: histories of verify and revoke against the plain register
	github.com/getkin/kin-openapi v0.153.0 // tests: holds every recorded answer against openapi.yaml (3.1)
	github.com/go-chi/chi/v5 v5.5.0 // the router: net/http's refuses /users/tokens/{id} beside /users/{id}/tokens
	github.com/google/go-cmp v0.7.0 // tests: differences that can be read
	github.com/jackc/pgx/v5 v5.12.0 // PostgreSQL: the driver and its pool; under database/sql for migrations only
	github.com/maypok86/otter/v2 v2.4.0 // the bounded cache of credentials
	github.com/pressly/goose/v3 v3.29.0 // migrations of both engines, with a lock on PostgreSQL
	github.com/prometheus/client_golang v1.25.0 // metrics for Prometheus, and its collectors of Go and of the process
	github.com/rivo/uniseg v0.4.7 // how wide a text is on a terminal: tables of people's own words
	github.com/rogpeppe/go-internal v1.16.0 // tests: scripts that drive the real binary
	github.com/schollz/progressbar/v3 v3.19.1 // progress on long work
	github.com/spf13/cobra v1.10.2 // the command line and its completions
	github.com/spf13/pflag v1.0.9 // cobra's flags, walked to fill them from variables and the file
	go.uber.org/goleak v1.3.0 // tests: no goroutine is left behind
	go.yaml.in/yaml/v3 v3.0.6 // the settings file
	golang.org/x/crypto v0.58.0 // argon2id, and reading bcrypt and PBKDF2
	golang.org/x/term v0.47.0 // asking for a password, and telling a terminal from a pipe
	modernc.org/sqlite v1.62.0 // SQLite without cgo: the engine below zombiezen, and goose's driver; modernc.org/libc stays at the version that it asks for
	pgregory.net/rapid v1.3.0 // tests: properties
)

require (
	github.com/gofrs/flock v0.13.2 // the lock of a SQLite file's one server
	golang.org/x/sys v0.49.0 // TCP_USER_TIMEOUT, by which a silent PostgreSQL is noticed
	zombiezen.com/go/sqlite v1.4.2 // SQLite by its own API: docs/adr/0013
)

require (
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/go-openapi/jsonpointer v0.22.5 // indirect
	github.com/go-openapi/swag/jsonname v0.25.5 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/kylelemons/godebug v1.1.0 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/mfridman/interpolate v0.0.2 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	github.com/sethvargo/go-retry v0.5.0 // indirect
	go.uber.org/multierr v1.11.0 // indirect
	go.yaml.in/yaml/v4 v4.0.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
	modernc.org/libc v1.80.1 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
)
