package jeton

import "context"

// Events returns a page of the journal, the newest first.
func (s *Service) Events(ctx context.Context, a Actor, p Page) ([]Event, error) {
	return s.FindEvents(ctx, a, EventFilter{}, p)
}

// FindEvents returns a page of the events that a filter selects, the newest first.
func (s *Service) FindEvents(ctx context.Context, a Actor, f EventFilter, p Page) ([]Event, error) {
	if err := s.permit(a, AuditListAll); err != nil {
		return nil, err
	}
	events, err := s.events(ctx, a, f, p)
	return events, storeError(err, "", CodeJournalFailed)
}

// EventsOf returns a page of what one user did, as far as the filter selects it, the
// newest first.
func (s *Service) EventsOf(ctx context.Context, a Actor, userID string, f EventFilter, p Page) ([]Event, error) {
	f.Actor = userID
	return s.eventsOfUser(ctx, a, userID, f, p)
}

// EventsAbout is EventsOf for what concerns the account of one user: what anyone changed
// or tried to change of it, and failed log-ins.
func (s *Service) EventsAbout(ctx context.Context, a Actor, userID string, f EventFilter, p Page) ([]Event, error) {
	f.Owner = userID
	return s.eventsOfUser(ctx, a, userID, f, p)
}

func (s *Service) eventsOfUser(ctx context.Context, a Actor, userID string, f EventFilter, p Page) ([]Event, error) {
	if err := s.permitOn(a, AuditList, Owner{ID: userID}); err != nil {
		return nil, err
	}
	events, err := s.events(ctx, a, f, p)
	if !a.Holds(access[AuditList].other) {
		for i := range events {
			a.hideFrom(&events[i])
		}
	}
	return events, storeError(err, "", CodeJournalFailed)
}

// events reads a page. A deep one, and one that more than one condition selects, may have
// to walk.
func (s *Service) events(ctx context.Context, a Actor, f EventFilter, p Page) ([]Event, error) {
	read := list[[]Event]
	if f != (EventFilter{}) && (p.Offset() >= deepPage || f.selects()) {
		read = search[[]Event]
	}
	return read(ctx, s, a, func() ([]Event, error) { return s.store.Events(ctx, f, p.Offset(), p.Size) })
}

// hideFrom clears what an event does not tell a user without the permission to read other
// users' events: what a refusal of the user aimed at, which would tell that it exists and
// whose it is; and from where another user acted.
func (a Actor) hideFrom(e *Event) {
	if e.Detail.Refused && e.Actor == a.ID && e.Detail.Owner != a.ID {
		e.Target, e.Detail.Owner = "", ""
	}
	if e.Actor != a.ID && e.Actor != "" {
		e.Via, e.Detail.Address = "", ""
	}
}
