package jeton_test

import (
	"strings"
	"testing"
)

// singleTable says what a role that holds one permission opens to somebody who
// has no other role. Written by hand, as accessTable is. Whatever is not in it is
// answered as to "nothing" in accessTable.
//
// Where a permission is one of two that a use case asks for, it opens nothing by
// itself: so edit_other_users does not reach other people's tokens, the permission
// for roles cannot touch one of the organisation's own without that for system
// roles, and manage_system stands for none of the others; it only frees from the
// rule that nobody gives what he lacks. read_others_bots shows all bots, one's own
// too; and whoever sees a bot hears 403, not 404, when he may not change it.
const singleTable = `
permission       | letter | use cases | targets

create           | + | create token, enable token, enable narrowed token | own
read             | + | list tokens of, get token, get uses               | own
revoke           | + | revoke token, disable token                       | own

view             | + | get user                                          | other admin hisbot
view             | + | get user by name, get user by e-mail              | other
view             | + | list users by id, list users by name, search users | other
view             | + | list users                                        | -

edit             | + | update nickname, patch nickname                   | other rich mybot hisbot
edit             | + | update e-mail, patch e-mail                       | other
edit             | + | delete user                                       | other hisbot
edit             | + | delete for good                                   | other
edit             | + | list sessions                                     | other rich admin mybot hisbot
edit             | + | revoke session                                    | other rich admin
edit             | + | revoke all sessions                               | other admin hisbot
edit             | + | list audits of                                    | other admin hisbot

users            | + | set password, set hashed password                 | other
users            | + | set hashed password                               | own
users            | F | set password                                      | rich admin
users            | + | deactivate                                        | other mybot hisbot
users            | F | deactivate                                        | rich admin
users            | + | activate                                          | other hisbot
users            | F | activate                                          | rich admin richbot

roles            | + | set roles to none                                 | own other mybot hisbot

perms            | + | patch system_user                                 | -
perms            | X | put in manage_roles                               | -

system           | + | list all tokens, search tokens, create user       | -
system           | + | list roles, list audits                           | -
system           | + | delete user                                       | own

create-bot       | + | create bot                                        | -
read-bots        | o | list bots                                         | mybot hisbot
read-bots        | + | get bot                                           | mybot
read-bots        | F | patch bot                                         | mybot richbot
read-bots        | F | enable bot, disable bot                           | mybot richbot
read-bots        | F | assign bot                                        | mybot
read-others-bots | + | list bots                                         | mybot hisbot
read-others-bots | + | get bot                                           | mybot hisbot
read-others-bots | F | patch bot, enable bot, disable bot, assign bot    | hisbot
read-others-bots | F | patch bot, enable bot, disable bot                | mybot richbot
read-others-bots | F | assign bot, assign to a bot                       | mybot
bots             | + | patch bot                                         | mybot richbot
bots             | + | enable bot, disable bot, assign bot               | mybot
bots             | F | assign to a bot                                   | mybot
read-bots        | F | assign to a bot                                   | mybot
read-others-bots | F | assign to a bot                                   | hisbot
others-bots      | F | assign to a bot                                   | hisbot
others-bots      | + | patch bot, enable bot, disable bot, assign bot    | hisbot

assign-bot       |   |                                                   |
sysroles         |   |                                                   |
read-perms       |   |                                                   |

introspect       | + | introspect, follow the feed                       | -
`

// TestAccessByOnePermission walks the use cases of TestAccess by people whose one
// role holds one permission.
func TestAccessByOnePermission(t *testing.T) {
	w := newWorld(t)
	all := rows(t, accessTable)
	opened := singles(t, all)
	for name, permission := range permissions {
		t.Run(name, func(t *testing.T) {
			var cells []*cell
			for _, r := range all {
				want := r.cells["nothing"][:1]
				if letter := opened[name][r.String()]; letter != "" {
					want = letter
				}
				cells = append(cells, &cell{
					world: w, row: r, column: name, by: credential{kind: "session"}, roles: []string{soloRole(permission)}, want: want,
				})
			}
			w.walk(t, cells)
		})
	}
}

// singles reads singleTable: permission -> row -> letter.
func singles(t *testing.T, all []*row) map[string]map[string]string {
	t.Helper()
	known := map[string]*row{}
	for _, r := range all {
		known[r.String()] = r
	}
	opened := map[string]map[string]string{}
	lines := strings.Split(strings.TrimSpace(singleTable), "\n")[1:]
	for _, line := range lines {
		if line == "" {
			continue
		}
		part := strings.Split(line, "|")
		name, letter := strings.TrimSpace(part[0]), strings.TrimSpace(part[1])
		if len(part) != 4 || permissions[name] == "" || letter != "" && answers[letter] == "" {
			t.Fatalf("not a row: %s", line)
		}
		if opened[name] == nil {
			opened[name] = map[string]string{}
		}
		for call := range strings.SplitSeq(part[2], ",") {
			for _, target := range strings.Fields(part[3]) {
				r := strings.TrimSpace(call) + "|" + target
				if known[r] == nil || opened[name][r] != "" || known[r].cells["nothing"][:1] == letter {
					t.Fatalf("%s: not in the other table, or here twice, or nothing new", r)
				}
				opened[name][r] = letter
			}
		}
	}
	for name := range permissions {
		if opened[name] == nil {
			t.Fatalf("no row for %s", name)
		}
	}
	return opened
}
