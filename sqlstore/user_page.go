package sqlstore

import (
	"context"

	"jeton"
)

// deepOffset is from where on a page is looked for in the index alone, and not at all
// where there are fewer users.
const deepOffset = 1000

// userCount is how many users there were at a position of the journal. While the
// journal stands there, no user was added or removed.
type userCount struct {
	at jeton.Head
	n  int64
}

// users reads a page. For a deep one it walks through the index alone: it reads the
// names of the page there, and then the rows that they name.
func (s *Store) users(ctx context.Context, w where, order string, offset, limit int64) ([]jeton.User, error) {
	if w.nothing || limit <= 0 {
		return []jeton.User{}, nil
	}
	if offset < deepOffset {
		text := selectUsers + w.page(order, offset, limit)
		return list(ctx, s.lists, stmtOnce(text, w.args...), scanUserRow)
	}
	if n, err := s.userCount(ctx); err != nil || offset >= n {
		return []jeton.User{}, err
	}
	names, err := list(ctx, s.lists, stmtOnce(`SELECT u.username FROM users u`+w.page(order, offset, limit), w.args...),
		func(r row) (string, error) { return r.text(0), nil })
	if err != nil || len(names) == 0 {
		return []jeton.User{}, err
	}
	found := s.where()
	found.addList("u.username IN (?)", names)
	return list(ctx, s.lists, stmtOnce(selectUsers+found.text()+" ORDER BY "+order, found.args...), scanUserRow)
}

// userCount returns how many users there are. It counts them once for each position of
// the journal.
func (s *Store) userCount(ctx context.Context) (int64, error) {
	h, err := loadHead(ctx, s.lists) // before the count: who was added since then is in it
	if err != nil {
		return 0, err
	}
	if known := s.counted.Load(); known != nil && known.at == h.public() {
		return known.n, nil
	}
	n, err := number(ctx, s.lists, stmt(`SELECT COUNT(*) FROM users`))
	if err == nil {
		s.counted.Store(&userCount{h.public(), n})
	}
	return n, err
}
