package httpapi_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"jeton/apitest"
)

// auditLine is a line of the audit.
type auditLine struct {
	Position  int64  `json:"position"`
	Action    string `json:"action"`
	UserID    string `json:"user_id"`
	Target    string `json:"target"`
	Owner     string `json:"owner"`
	Refused   bool   `json:"refused"`
	Address   string `json:"ip_address"`
	Via       string `json:"via"`
	ExtraInfo string `json:"extra_info"`
	Changes   []struct{ Field, Old, New string }
}

func (l auditLine) changed() string {
	var parts []string
	for _, c := range l.Changes {
		parts = append(parts, c.Field+":"+c.Old+">"+c.New)
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// Events say what changed, old and new, and never a secret.
func TestAuditsSayWhatChanged(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		ann, bot := s.MakeUser("ann"), s.MakeBot("robot")
		var role, tok struct{ ID, Token string }
		do := func(status int, method, path string, body, out any) {
			t.Helper()
			s.Read(s.Do(method, path, s.Admin, body), status, out)
		}
		newest := func() (l []auditLine) {
			t.Helper()
			do(200, "GET", "/audits?refused=false&per_page=1", nil, &l)
			return l
		}
		check := func(action, want string) {
			t.Helper()
			if l := newest(); len(l) != 1 || l[0].Action != action || l[0].changed() != want {
				t.Errorf("got %+v, want %s with %s", l, action, want)
			}
		}
		type object map[string]any
		do(200, "PUT", "/users/"+ann.ID+"/patch", object{"email": "a@example.org", "username": "anna", "nickname": "A"}, nil)
		check("user.update", "email:ann@example.com>a@example.org,nickname:>A,username:ann>anna")
		do(200, "PUT", "/users/"+ann.ID+"/patch", object{"nickname": "A"}, nil)
		check("user.update", "")
		do(200, "PUT", "/users/"+ann.ID+"/roles", object{"roles": "system_user system_user_access_token"}, nil)
		check("user.roles", "roles:system_user>system_user system_user_access_token")
		do(200, "PUT", "/users/"+ann.ID+"/password", object{"new_password": "Other-Passw0rd"}, nil)
		check("user.password", "password:>")
		do(200, "PUT", "/users/"+ann.ID+"/active", object{"active": false}, nil)
		check("user.deactivate", "active:true>false")
		do(200, "PUT", "/users/"+ann.ID+"/active", object{"active": true}, nil)
		check("user.activate", "active:false>true")

		do(201, "POST", "/roles", object{"name": "deployer", "permissions": []string{"deploy:read", "deploy:write"}}, &role)
		check("role.create", "display_name:>deployer,name:>deployer,permissions:>deploy:read deploy:write")
		do(200, "PUT", "/roles/"+role.ID+"/patch", object{"permissions": []string{"deploy:stop", "deploy:read"}}, nil)
		check("role.patch", "permissions:deploy:write>deploy:stop")
		do(200, "DELETE", "/roles/"+role.ID, nil, nil)
		check("role.delete", "display_name:deployer>,name:deployer>,permissions:deploy:stop deploy:read>")

		do(200, "PUT", "/bots/"+bot, object{"username": "robby", "description": "d"}, nil)
		check("bot.update", "description:>d,email:robot@localhost>robby@localhost,username:robot>robby")
		do(200, "POST", "/bots/"+bot+"/assign/"+ann.ID, nil, nil)
		check("bot.assign", "owner_id:"+s.AdminID+">"+ann.ID)
		do(200, "POST", "/bots/"+bot+"/disable", nil, nil)
		check("bot.disable", "active:true>false")

		at := s.Clock.Now().UnixMilli() + 1e9
		do(200, "POST", "/users/me/tokens", object{"description": "ci", "scopes": []string{"view_members"}, "expires_at": at}, &tok)
		check("token.create", fmt.Sprintf("description:>ci,expires_at:>%d,scopes:>view_members", at))
		do(200, "POST", "/users/tokens/disable", object{"token_id": tok.ID}, nil)
		check("token.disable", "is_active:true>false")
		do(200, "POST", "/users/tokens/enable", object{"token_id": tok.ID}, nil)
		check("token.enable", "is_active:false>true")
		do(200, "POST", "/users/tokens/revoke", object{"token_id": tok.ID}, nil)
		check("token.revoke", fmt.Sprintf("description:ci>,expires_at:%d>,scopes:view_members>", at))
		do(200, "POST", "/users/me/tokens", object{"description": "none", "scopes": []string{}}, &tok)
		check("token.create", "description:>none,expires_at:>0,scopes:>[]")

		whole := string(s.Do("GET", "/audits?per_page=200", s.Admin, nil).Body)
		for _, secret := range []string{tok.Token, apitest.Password, "Other-Passw0rd", "$argon2", s.Admin} {
			if strings.Contains(whole, secret) {
				t.Errorf("the audit holds %q", secret)
			}
		}
	})
}

// Long lists and texts are cut, with a mark.
func TestAuditsCutLongValues(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	var permissions []string
	for i := range 1000 {
		permissions = append(permissions, fmt.Sprintf("%032d:%032d", i, i))
	}
	s.Read(s.Do("POST", "/roles", s.Admin, map[string]any{"name": "wide", "permissions": permissions, "description": strings.Repeat("ü", 1024)}), 201, nil)
	var lines []auditLine
	s.Read(s.Do("GET", "/audits?action=role.create", s.Admin, nil), 200, &lines)
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, c := range lines[0].Changes {
		switch c.Field {
		case "permissions":
			if len(c.New) > 17_000 || !strings.HasSuffix(c.New, " more)") || !strings.Contains(c.New, permissions[100]) {
				t.Errorf("%d bytes: %s", len(c.New), c.New[len(c.New)-30:])
			}
		case "description":
			if len(c.New) > 1100 || !strings.HasSuffix(c.New, " more bytes)") {
				t.Errorf("%d bytes", len(c.New))
			}
		}
	}
	if len(lines[0].ExtraInfo) > 1024 {
		t.Errorf("extra_info has %d bytes", len(lines[0].ExtraInfo))
	}
}

// Parameters select events; those that can match none are refused.
func TestAuditFilters(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann, bob := s.MakeUser("ann"), s.MakeUser("bob")
	tok := s.MakeToken(ann.ID, "ann's")
	s.Read(s.Do("POST", "/users/tokens/disable", s.Admin, map[string]string{"token_id": tok.ID}), 200, nil)
	s.Read(s.Do("GET", "/users/"+ann.ID+"/tokens", bob.Secret, nil), 403, nil)
	s.Read(s.Do("GET", "/users/tokens/"+tok.ID, bob.Secret, nil), 403, nil)
	s.MakeUser("later") // the refusals are written with it, or before
	find := func(secret, path string, query url.Values) (out []string) {
		t.Helper()
		var lines []auditLine
		s.Read(s.Do("GET", path+"?"+query.Encode(), secret, nil), 200, &lines)
		for _, l := range lines {
			out = append(out, l.Action)
		}
		return out
	}
	is := func(got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	is(find(s.Admin, "/audits", url.Values{"target": {tok.ID}, "refused": {"false"}}), "token.disable", "token.create")
	is(find(s.Admin, "/audits", url.Values{"owner": {ann.ID}, "action": {"token.create"}}), "token.create")
	is(find(s.Admin, "/audits", url.Values{"owner": {ann.ID}, "refused": {"true"}}), "token.read")
	is(find(s.Admin, "/audits", url.Values{"action": {"bot.create"}}))
	is(find(s.Admin, "/users/"+bob.ID+"/audits", url.Values{"refused": {"true"}, "owner": {ann.ID}}), "token.read")
	is(find(ann.Secret, "/users/me/audits", url.Values{"about": {"true"}, "action": {"token.disable"}}), "token.disable")
	is(find(ann.Secret, "/users/me/audits", url.Values{"action": {"token.disable"}}))
	for _, bad := range []string{
		"target=x", "owner=ann", "action=token.created", "action=x", "refused=maybe", "target=" + tok.ID + "%00",
		"refused=1&owner=" + strings.Repeat("%20", 26),
	} {
		for _, path := range []string{"/audits", "/users/me/audits"} {
			s.Read(s.Do("GET", path+"?"+bad, s.Admin, nil), 400, nil)
		}
	}
	link := s.Do("GET", "/audits?per_page=1&action=user.create&refused=false", s.Admin, nil).Header.Get("Link")
	if !strings.Contains(link, "page=1&per_page=1&action=user.create&refused=false") {
		t.Errorf("Link: %s", link)
	}
}

// A user's own events do not tell what a refusal hid, nor from where others act.
func TestAuditsOfOneself(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann, bob := s.MakeUser("ann"), s.MakeUser("bob")
	tok := s.MakeToken(ann.ID, "ann's")
	s.Read(s.Do("GET", "/users/"+ann.ID+"/tokens", bob.Secret, nil), 403, nil)
	s.MakeUser("later")
	own := func(secret, query string) (out []auditLine) {
		s.Read(s.Do("GET", "/users/me/audits?"+query, secret, nil), 200, &out)
		return out
	}
	if l := own(bob.Secret, "refused=true"); len(l) != 1 || l[0].Target != "" || l[0].Owner != "" {
		t.Errorf("%+v", l)
	}
	l := own(ann.Secret, "about=true&action=token.create")
	if len(l) != 1 || l[0].Target != tok.ID || l[0].UserID != s.AdminID || l[0].Address != "" || l[0].Via != "" {
		t.Errorf("%+v", l)
	}
	s.Read(s.Do("GET", "/users/"+ann.ID+"/audits?about=true", bob.Secret, nil), 403, nil)
}
