package sqlstore

import (
	"context"
	"fmt"
)

// Report is what Check found.
type Report struct {
	Engine        string   `json:"engine"` // "sqlite" or "postgres"
	SchemaVersion int64    `json:"schema_version"`
	Epoch         string   `json:"epoch"`
	Position      int64    `json:"position"`
	Users         int64    `json:"users"`
	Tokens        int64    `json:"tokens"`
	Sessions      int64    `json:"sessions"`
	Findings      []string `json:"findings"` // empty: all is well
	Warnings      []string `json:"warnings"` // settings under which what was acknowledged may be lost
}

// OK reports whether nothing was found wrong.
func (r Report) OK() bool { return len(r.Findings) == 0 }

// finding is a count that should be nothing, and what to say if it is not.
type finding struct{ text, count string }

func findings() []finding {
	return []finding{
		{"%d tokens have no owner", `SELECT COUNT(*) FROM token t WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id)`},
		{"%d tokens have no secret in use", `SELECT COUNT(*) FROM token t WHERE NOT EXISTS (
			SELECT 1 FROM token_secret s WHERE s.token_id = t.id AND s.retired_at = 0)`},
		{"%d secrets in use belong to no token", `SELECT COUNT(*) FROM token_secret s
			WHERE s.retired_at = 0 AND NOT EXISTS (SELECT 1 FROM token t WHERE t.id = s.token_id)`},
		{"%d counts of uses belong to no token", `SELECT COUNT(*) FROM token_use u WHERE NOT EXISTS (SELECT 1 FROM token t WHERE t.id = u.token_id)`},
		{"%d sessions have no user", `SELECT COUNT(*) FROM session s WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = s.user_id)`},
		{"%d known addresses have no user", `SELECT COUNT(*) FROM known_address a WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = a.user_id)`},
		{"%d bots have no owner named", `SELECT COUNT(*) FROM users WHERE is_bot = TRUE AND bot_owner_id = ''`},
		{"%d roles of users do not agree with the users' lists", `SELECT COUNT(*) FROM user_role r WHERE NOT EXISTS (
			SELECT 1 FROM users u WHERE u.id = r.user_id AND ' ' || u.roles || ' ' LIKE '% ' || REPLACE(r.role, '_', '\_') || ' %' ESCAPE '\')`},
		{"%d users have roles that no list by role holds", `SELECT COUNT(*) FROM users u WHERE u.roles <> '' AND NOT EXISTS (
			SELECT 1 FROM user_role r WHERE r.user_id = u.id)`},
		{"%d tokens were made after the newest number given", `SELECT COUNT(*) FROM token WHERE seq > (SELECT h.token_seq FROM head h WHERE h.id = 1)`},
		{"%d events lie behind the end of the journal", `SELECT COUNT(*) FROM journal WHERE position > (SELECT h.position FROM head h WHERE h.id = 1)`},
		{"%d events are missing in the journal", missingEvents},
	}
}

// Check looks whether the database is whole and agrees with itself. It reads
// everything, and may run beside a server; progress, if not nil, is told what
// is being looked at. An error means that it could not look.
func (s *Store) Check(ctx context.Context, progress func(string)) (Report, error) {
	r := newReport(s.options.URL)
	progress = told(progress)
	progress(ownCheck)
	if err := s.engine.check(ctx, &r); err != nil {
		return r, storeErr(err)
	}
	var err error
	if r.SchemaVersion, err = readVersion(ctx, s.engine.quick(), s.engine.versionTable()); err != nil {
		return r, err
	}
	// One state for all reads: a server may be at work meanwhile.
	return r, s.engine.snapshot(ctx, func(src source) error { return checkRows(ctx, src, &r, progress) })
}

const ownCheck = "the database's own check"

func newReport(url string) Report {
	r := Report{Engine: "sqlite", Findings: []string{}, Warnings: []string{}}
	if IsPostgres(url) {
		r.Engine = "postgres"
	}
	return r
}

func told(progress func(string)) func(string) {
	if progress == nil {
		return func(string) {}
	}
	return progress
}

// Inspect is Check of a database that is not open. It makes and changes nothing: no
// table, no file, no byte of one. Errors: ErrNotJeton, ErrNoLog, ErrOtherLog,
// ErrRestoring, ErrNewerSchema; ErrOlderSchema with a report without counts, for what
// can be looked at in any version was. Damage that keeps the rest from being read is a
// finding.
func Inspect(ctx context.Context, o Options, progress func(string)) (Report, error) {
	o = o.withDefaults()
	r := newReport(o.URL)
	if IsPostgres(o.URL) {
		return r, inspectPostgres(ctx, o, &r, told(progress))
	}
	return r, inspectSQLite(ctx, o, &r, told(progress))
}

// inspectSource does what both databases have in common.
func inspectSource(ctx context.Context, src source, versionTable string, r *Report, progress func(string)) (err error) {
	if r.SchemaVersion, err = readVersion(ctx, src, versionTable); err != nil {
		return err
	}
	if err := tooNew(r.SchemaVersion); err != nil {
		return err
	}
	if r.SchemaVersion < knownVersion {
		return fmt.Errorf("%w: it has version %d, and this program works with %d", ErrOlderSchema, r.SchemaVersion, knownVersion)
	}
	return checkRows(ctx, src, r, progress)
}

func checkRows(ctx context.Context, src source, r *Report, progress func(string)) error {
	h, err := loadHead(ctx, src)
	if err != nil {
		return err
	}
	r.Epoch, r.Position = h.epoch, h.position
	for text, n := range map[string]*int64{
		countTokens:                    &r.Tokens,
		`SELECT COUNT(*) FROM users`:   &r.Users,
		`SELECT COUNT(*) FROM session`: &r.Sessions,
	} {
		if *n, err = number(ctx, src, stmt(text)); err != nil {
			return err
		}
	}
	for _, f := range findings() {
		if err := ctx.Err(); err != nil {
			return err
		}
		progress(f.text[len("%d "):])
		n, err := number(ctx, src, stmt(f.count))
		if err != nil {
			return err
		}
		if n != 0 {
			r.Findings = append(r.Findings, fmt.Sprintf(f.text, n))
		}
	}
	progress("the counts of tokens")
	return checkCounts(ctx, src, r)
}

// checkCounts compares every stretch of every level with the tokens themselves.
func checkCounts(ctx context.Context, src source, r *Report) error {
	left := tally{}
	err := src.query(ctx, stmt(`SELECT seq FROM token`), func(row row) error {
		left.add(row.int(0), 1)
		return nil
	})
	if err != nil {
		return err
	}
	err = src.query(ctx, stmt(`SELECT level, bucket, n FROM token_count WHERE level >= 0`), func(row row) error {
		left[stretch{int(row.int(0)), row.int(1)}] -= row.int(2)
		return nil
	})
	wrong := 0
	for _, n := range left {
		if n != 0 {
			wrong++
		}
	}
	if wrong > 0 {
		r.Findings = append(r.Findings, fmt.Sprintf("%d counts of tokens are not what the tokens say", wrong))
	}
	return err
}
