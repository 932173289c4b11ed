package jeton_test

import (
	"strings"
	"testing"
)

// singleTable lists what an actor can do whose only role holds one permission. It is written
// by hand, as accessTable is. For everything else the actor gets the answers of the column
// "nothing" in accessTable.
//
// If a use case needs two permissions, one of them is not enough: edit_other_users alone does
// not give access to other users' tokens, and the permission for roles cannot change a custom
// role without that for system roles. manage_system implies no other permission: it only
// lifts the rule that an actor cannot give what it lacks. read_others_bots shows all bots,
// also the actor's own. An actor that can read a bot gets 403, not 404, for a change that it
// may not make.
const singleTable = `
permission       | letter | use cases | targets

create           | + | create token, enable token, enable narrowed token | own
read             | + | list tokens of, get token, get uses               | own
revoke           | + | revoke token, disable token                       | own

view             | + | get user                                          | other admin otherbot
view             | + | get user by name, get user by e-mail              | other
view             | + | list users by id, list users by name, search users | other
view             | + | list users                                        | -

edit             | + | update nickname, patch nickname                   | other rich mybot otherbot
edit             | + | update e-mail, patch e-mail                       | other
edit             | + | update username                                   | other mybot otherbot
edit             | + | patch username                                    | other
edit             | + | delete user                                       | other otherbot
edit             | + | delete for good                                   | other
edit             | + | list sessions                                     | other rich admin mybot otherbot
edit             | + | revoke session                                    | other rich admin
edit             | + | revoke all sessions                               | other admin otherbot
edit             | + | list audits of                                    | other admin otherbot
edit             | + | list preferences, list team members               | other

users            | + | set password, set hashed password                 | other
users            | + | set hashed password                               | own
users            | F | set password                                      | rich admin
users            | + | unlock                                            | other rich
users            | + | deactivate                                        | other mybot otherbot
users            | F | deactivate                                        | rich admin
users            | + | activate                                          | other otherbot
users            | F | activate                                          | rich admin richbot

roles            | + | set roles to none                                 | own other mybot otherbot

perms            | + | patch system_user                                 | -
perms            | X | put in manage_roles                               | -

system           | + | list all tokens, search tokens, create user       | -
system           | + | list roles, list audits                           | -
system           | + | revoke every session                              | -
system           | + | delete user                                       | own
system           | + | convert to a bot                                  | own other rich admin
system           | + | convert to a person                               | mybot richbot otherbot

promote          | G | promote no guest                                  | own other

demote           |   |                                                   |

system           | + | list users of a team, get config, get busy        | -
system           | + | list what is unread                               | other

read-users       | + | count users by                                    | -
read-users       | + | list teams                                        | other
no-team          | + | list teamless users                               | -

create-bot       | + | create bot                                        | -
read-bots        | o | list bots                                         | mybot otherbot
read-bots        | + | get bot                                           | mybot
read-bots        | F | patch bot, rename bot                             | mybot richbot
read-bots        | F | enable bot, disable bot                           | mybot richbot
read-bots        | F | assign bot                                        | mybot richbot
read-others-bots | + | list bots                                         | mybot otherbot
read-others-bots | + | get bot                                           | mybot otherbot
read-others-bots | F | patch bot, enable bot, disable bot, assign bot    | otherbot
read-others-bots | F | rename bot                                        | mybot richbot otherbot
read-others-bots | F | assign bot                                        | richbot
read-others-bots | F | patch bot, enable bot, disable bot                | mybot richbot
read-others-bots | F | assign bot, assign to a bot                       | mybot
bots             | + | patch bot                                         | mybot richbot
bots             | + | enable bot, disable bot, assign bot, rename bot   | mybot
bots             | F | assign to a bot                                   | mybot
read-bots        | F | assign to a bot                                   | mybot
read-others-bots | F | assign to a bot                                   | otherbot
others-bots      | F | assign to a bot                                   | otherbot
others-bots      | + | patch bot, enable bot, disable bot, assign bot    | otherbot
others-bots      | + | rename bot                                        | otherbot

assign-bot       |   |                                                   |
sysroles         |   |                                                   |
read-perms       |   |                                                   |

introspect       | + | introspect, follow the feed                       | -
`

// TestAccessByOnePermission tries the use cases of TestAccess as people whose only role holds
// one permission.
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

// singles parses singleTable: permission -> row -> letter.
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
