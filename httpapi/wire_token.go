package httpapi

import (
	"strconv"
	"time"
	"unicode/utf8"

	"jeton"
)

// tokenJSON is a token: Mattermost's fields in Mattermost's order, then those of Jeton.
// Only the answer to the creation of a token contains the secret.
type tokenJSON struct {
	ID          string       `json:"id"`
	Token       string       `json:"token,omitempty"`
	UserID      string       `json:"user_id"`
	Description string       `json:"description"`
	IsActive    bool         `json:"is_active"`
	ExpiresAt   int64        `json:"expires_at"`
	CreateAt    int64        `json:"create_at"`
	LastUsedAt  int64        `json:"last_used_at"`
	Scopes      jeton.Scopes `json:"scopes"`
	CreatedBy   string       `json:"created_by"`
	Hint        string       `json:"hint"`
}

func wireToken(t jeton.Token) tokenJSON {
	return tokenJSON{
		ID: t.ID, UserID: t.UserID, Description: t.Description, IsActive: t.Active, ExpiresAt: t.ExpiresAt,
		CreateAt: t.CreateAt, LastUsedAt: t.LastUsedAt, Scopes: t.Scopes, CreatedBy: t.CreatedBy, Hint: t.Hint,
	}
}

// tokenUsesJSON is the record of the uses of a token.
type tokenUsesJSON struct {
	TokenID    string        `json:"token_id"`
	LastUsedAt int64         `json:"last_used_at"`
	Address    string        `json:"address"`
	Days       []usesDayJSON `json:"days"`
}

type usesDayJSON struct {
	Day  string `json:"day"` // as 2006-01-02, in UTC
	Uses int64  `json:"uses"`
}

func wireTokenUses(u jeton.TokenUses) tokenUsesJSON {
	return tokenUsesJSON{
		TokenID: u.TokenID, LastUsedAt: u.LastUsedAt, Address: u.Address,
		Days: each(u.Days, func(d jeton.UseDay) usesDayJSON {
			return usesDayJSON{time.UnixMilli(jeton.DayStart(d.Day)).UTC().Format(time.DateOnly), d.Uses}
		}),
	}
}

// tokenList is a list of tokens that writes its own JSON, for speed: it is the most
// frequent answer. The bytes are those of encoding/json for tokenJSON.
type tokenList []jeton.Token

// AppendJSON appends the list.
func (l tokenList) AppendJSON(b []byte) []byte {
	b = append(b, '[')
	for i := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendToken(b, &l[i])
	}
	return append(b, ']')
}

func appendToken(b []byte, t *jeton.Token) []byte {
	b = appendString(append(b, `{"id":`...), t.ID)
	b = appendString(append(b, `,"user_id":`...), t.UserID)
	b = appendString(append(b, `,"description":`...), t.Description)
	b = strconv.AppendBool(append(b, `,"is_active":`...), t.Active)
	b = strconv.AppendInt(append(b, `,"expires_at":`...), t.ExpiresAt, 10)
	b = strconv.AppendInt(append(b, `,"create_at":`...), t.CreateAt, 10)
	b = strconv.AppendInt(append(b, `,"last_used_at":`...), t.LastUsedAt, 10)
	b = appendScopes(append(b, `,"scopes":`...), t.Scopes)
	b = appendString(append(b, `,"created_by":`...), t.CreatedBy)
	b = appendString(append(b, `,"hint":`...), t.Hint)
	return append(b, '}')
}

func appendScopes(b []byte, s jeton.Scopes) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, p := range s {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, p)
	}
	return append(b, ']')
}

const hexDigits = "0123456789abcdef"

// appendString appends a JSON string, escaped as encoding/json does: also <, >, & and
// the line separators U+2028 and U+2029, and U+FFFD for bytes that are not UTF-8.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if plainByte[c] {
				i++
				continue
			}
			b = appendEscaped(append(b, s[start:i]...), c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(append(b, s[start:i]...), `\ufffd`...)
			start = i + size
		case r == '\u2028' || r == '\u2029':
			b = append(append(b, s[start:i]...), `\u202`...)
			b = append(b, hexDigits[r&15])
			start = i + size
		}
		i += size
	}
	return append(append(b, s[start:]...), '"')
}

var plainByte = func() (t [utf8.RuneSelf]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return t
}()

func appendEscaped(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
