package jeton

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

const (
	// maxTokenRows is how many times the limit of tokens an owner's tokens may be with
	// those that expired.
	maxTokenRows = 10
	// expiredBatch is the most tokens that one change removes because they expired.
	expiredBatch = 100
)

// underLimit refuses a token for an owner who holds as many as an owner may. total is how
// many the owner has. Those that expired do not count; disabled ones do.
func (s *Service) underLimit(tx Tx, ownerID string, total, now int64) error {
	limit := int64(s.settings.MaxTokensPerOwner)
	if total < limit { // the usual case needs no second count
		return nil
	}
	expired, err := tx.CountExpired(ownerID, now)
	if err == nil && total-expired >= limit {
		return failParam(CodeTokenLimit, strconv.FormatInt(limit, 10))
	}
	return err
}

// dropExpired bounds the rows of an owner who gets one token more: it removes the tokens
// that expired first, and returns a note of them for the event of the change.
func (s *Service) dropExpired(tx Tx, ownerID string, total, now int64) (note string, err error) {
	most := maxTokenRows * int64(s.settings.MaxTokensPerOwner)
	if total < most {
		return "", nil
	}
	_, ids, err := tx.ExpiredTokens(ownerID, now, min(total-most+1, expiredBatch))
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return "removed what had expired: " + strings.Join(ids, " "), tx.RemoveTokens(ids, now)
}

// RemoveExpired removes tokens that expired at or before a time in Unix milliseconds, with
// the event of their removal. One call removes tokens of one owner, and no more than one
// change should. It returns how many; 0: none are left.
func (s *Service) RemoveExpired(ctx context.Context, before int64) (removed int, err error) {
	_, err = s.write(ctx, Local(), TokenExpire, Prefetch{}, func(tx Tx) (Event, error) {
		owner, ids, err := tx.ExpiredTokens("", before, expiredBatch)
		if removed = len(ids); err != nil {
			return Event{}, err
		}
		if removed == 0 {
			return Event{}, ErrUnchanged
		}
		e := Event{Target: ids[0], Detail: Detail{Owner: owner}}
		if removed > 1 {
			e.Detail.Note = fmt.Sprintf("with %d more: %s", removed-1, strings.Join(ids[1:], " "))
		}
		return e, tx.RemoveTokens(ids, s.now())
	})
	if err != nil {
		return 0, storeError(err, "", CodeTokenRevokeFailed)
	}
	return removed, nil
}
