package jeton

import "context"

// Events returns a page of the journal, the newest first.
func (s *Service) Events(ctx context.Context, a Actor, p Page) ([]Event, error) {
	if err := s.permit(a, AuditListAll); err != nil {
		return nil, err
	}
	events, err := list(ctx, s, a, func() ([]Event, error) { return s.store.Events(ctx, EventFilter{}, p.Offset(), p.Size) })
	return events, storeError(err, "", CodeJournalFailed)
}

// EventsOf returns a page of what one user did, the newest first.
func (s *Service) EventsOf(ctx context.Context, a Actor, userID string, p Page) ([]Event, error) {
	if err := s.permitOn(a, AuditList, Owner{ID: userID}); err != nil {
		return nil, err
	}
	read := list[[]Event]
	if p.Offset() >= deepPage {
		read = search[[]Event]
	}
	events, err := read(ctx, s, a, func() ([]Event, error) { return s.store.Events(ctx, EventFilter{Actor: userID}, p.Offset(), p.Size) })
	return events, storeError(err, "", CodeJournalFailed)
}
