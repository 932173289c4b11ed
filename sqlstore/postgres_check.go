package sqlstore

import (
	"context"
	"errors"
	"fmt"
)

// inspectPostgres looks at a database through connections that can only read.
func inspectPostgres(ctx context.Context, o Options, r *Report, progress func(string)) (err error) {
	e, err := openPostgres(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	return e.snapshot(ctx, func(src source) error {
		version, err := readVersion(ctx, src, postgresVersionTable)
		if err == nil && version == 0 {
			err = fmt.Errorf("%w: it has no tables of jeton in this schema", ErrNotJeton)
		}
		if err != nil {
			return err
		}
		progress(ownCheck)
		if err := e.check(ctx, r); err != nil {
			return err
		}
		return inspectSource(ctx, src, postgresVersionTable, r, progress)
	})
}
