package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
)

// inspectSQLite looks at a file that is not open here.
func inspectSQLite(ctx context.Context, o Options, r *Report, progress func(string)) error {
	path, err := resolve(o.URL)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotJeton, err)
	}
	if err := somethingAt(path); err != nil {
		return err
	}
	err = refuse(ctx, path)
	if errors.Is(err, ErrLinked) {
		r.Warnings, err = append(r.Warnings, err.Error()), nil
	}
	if err == nil {
		err = readOnly(ctx, path, func(src source) error {
			*r = Report{Engine: r.Engine, Findings: []string{}, Warnings: r.Warnings} // it may be the second try
			return inspectFile(ctx, src, path, r, progress)
		})
	}
	if corrupt(err) {
		r.Findings = append(r.Findings, "the rest cannot be read: "+sqlite.ErrCode(err).Message())
		return nil
	}
	return err
}

func inspectFile(ctx context.Context, src source, path string, r *Report, progress func(string)) error {
	n, err := number(ctx, src, stmt(jetonTables))
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: %s was begun, but has no tables yet", ErrNotJeton, path)
	}
	if err != nil {
		return err
	}
	progress(ownCheck)
	if err := integrity(ctx, src, r); err != nil {
		return err
	}
	return inspectSource(ctx, src, sqliteVersionTable, r, progress)
}
