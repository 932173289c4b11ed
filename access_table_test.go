package jeton_test

// Everything in this file is written by hand, from the observed behaviour of Mattermost and
// docs/adr/0005. Nothing is derived from access.go: where the two differ, one of them is
// wrong.
//
// # The columns
//
//	public   no credentials
//	nothing  a person without any permission that a rule names
//	plain    system_user                            view
//	holder   system_user, system_user_access_token  view create read revoke
//	bot      as holder, a bot of another user       view create read revoke
//	keeper   manages the actor's own bots           as holder, and create-bot assign-bot read-bots bots
//	roler    manages roles                          view perms sysroles
//	manager  manages people                         as holder, and edit users roles
//	admin    system_user, system_admin              every built-in permission, but not deploy:write
//
// # The targets
//
//	own       the actor, or what the actor owns
//	other     another person, without roles
//	rich      another person, who holds deploy:write, which no actor does
//	admin     another person, who is a system administrator
//	mybot     a bot of the actor, without roles
//	richbot   a bot of the actor that holds deploy:write
//	otherbot  a bot of another user, without roles
//
// # The cells
//
// A cell holds two letters. The first is the answer to the actor's session and to the
// actor's token that is not narrowed (a bot has no session). The second is the answer to
// the actor's token narrowed to exactly the permissions of the column "narrowed to". One
// letter is both; of three, the second is the token's that is not narrowed. Each cell is also tried with a token narrowed to an irrelevant permission
// and one narrowed to none (403 for any letter), and with the session or the token of a
// deactivated actor (401).
//
// The letters are those of the map answers.
const accessTable = `
use case               | target   | narrowed to            | public nothing plain holder bot keeper roler manager admin

create token           | own      | create                 | U      F       F     +      F   +      F     +       +
create token           | other    | create edit            | U      F       F     F      F   F      F     +       +
create token           | rich     | create edit system     | U      F       F     F      F   F      F     F       +
create token           | admin    | create edit system     | U      F       F     F      F   F      F     F       +
create token           | mybot    | create bots            | U      F       F     F      F   +      F     F       +
create token           | richbot  | create bots system     | U      F       F     F      F   F      F     F       +
create token           | otherbot | create others-bots     | U      F       F     F      F   F      F     F       +

list tokens of         | own      | read                   | U      F       F     +      F   +      F     +       +
list tokens of         | other    | read edit              | U      F       F     F      F   F      F     +       +
list tokens of         | rich     | read edit              | U      F       F     F      F   F      F     +       +
list tokens of         | admin    | read edit              | U      F       F     F      F   F      F     +       +
list tokens of         | mybot    | read bots              | U      F       F     F      F   +      F     F       +
list tokens of         | richbot  | read bots              | U      F       F     F      F   +      F     F       +
list tokens of         | otherbot | read others-bots       | U      F       F     F      F   F      F     F       +

get token              | own      | read                   | U      F       F     +      F   +      F     +       +
get token              | other    | read edit              | U      F       F     F      F   F      F     +       +
get token              | rich     | read edit              | U      F       F     F      F   F      F     +       +
get token              | admin    | read edit              | U      F       F     F      F   F      F     +       +
get token              | mybot    | read bots              | U      F       F     F      F   +      F     F       +
get token              | richbot  | read bots              | U      F       F     F      F   +      F     F       +
get token              | otherbot | read others-bots       | U      F       F     F      F   F      F     F       +

get uses               | own      | read                   | U      F       F     +      F   +      F     +       +
get uses               | other    | read edit              | U      F       F     F      F   F      F     +       +
get uses               | rich     | read edit              | U      F       F     F      F   F      F     +       +
get uses               | admin    | read edit              | U      F       F     F      F   F      F     +       +
get uses               | mybot    | read bots              | U      F       F     F      F   +      F     F       +
get uses               | richbot  | read bots              | U      F       F     F      F   +      F     F       +
get uses               | otherbot | read others-bots       | U      F       F     F      F   F      F     F       +

revoke token           | own      | revoke                 | U      F       F     +      F   +      F     +       +
revoke token           | other    | revoke edit            | U      F       F     F      F   F      F     +       +
revoke token           | rich     | revoke edit            | U      F       F     F      F   F      F     +       +
revoke token           | admin    | revoke edit            | U      F       F     F      F   F      F     +       +
revoke token           | mybot    | revoke bots            | U      F       F     F      F   +      F     F       +
revoke token           | richbot  | revoke bots            | U      F       F     F      F   +      F     F       +
revoke token           | otherbot | revoke others-bots     | U      F       F     F      F   F      F     F       +

disable token          | own      | revoke                 | U      F       F     +      F   +      F     +       +
disable token          | other    | revoke edit            | U      F       F     F      F   F      F     +       +
disable token          | rich     | revoke edit            | U      F       F     F      F   F      F     +       +
disable token          | admin    | revoke edit            | U      F       F     F      F   F      F     +       +
disable token          | mybot    | revoke bots            | U      F       F     F      F   +      F     F       +
disable token          | richbot  | revoke bots            | U      F       F     F      F   +      F     F       +
disable token          | otherbot | revoke others-bots     | U      F       F     F      F   F      F     F       +

# A narrowed token enables one of its own owner's only within its scopes (ADR 5).
enable token           | own      | create                 | U      F       F     +F     F   +F     F     +F      +F
enable narrowed token  | own      | create                 | U      F       F     +      F   +      F     +       +
enable token           | other    | create edit            | U      F       F     F      F   F      F     +       +
enable token           | rich     | create edit system     | U      F       F     F      F   F      F     F       +
enable token           | admin    | create edit system     | U      F       F     F      F   F      F     F       +
enable token           | mybot    | create bots            | U      F       F     F      F   +      F     F       +
enable token           | richbot  | create bots system     | U      F       F     F      F   F      F     F       +
enable token           | otherbot | create others-bots     | U      F       F     F      F   F      F     F       +

list all tokens        | -        | system                 | U      F       F     F      F   F      F     F       +
search tokens          | -        | system                 | U      F       F     F      F   F      F     F       +

# GET /users/me is what even the narrowest token may ask.
get me                 | own      |                        | U      +       +     +      +   +      +     +       +
get user               | own      | view                   | U      +F      +     +      +   +      +     +       +
get user               | other    | view                   | U      F       +     +      +   +      +     +       +
get user               | admin    | view                   | U      F       +     +      +   +      +     +       +
get user               | otherbot | view                   | U      F       +     +      +   +      +     +       +
get user by name       | own      | view                   | U      +F      +     +      +   +      +     +       +
get user by name       | other    | view                   | U      F       +     +      +   +      +     +       +
get user by e-mail     | own      | view                   | U      +F      +     +      +   +      +     +       +
get user by e-mail     | other    | view                   | U      F       +     +      +   +      +     +       +
list users             | -        | view                   | U      oF      +     +      +   +      +     +       +
list users by id       | other    | view                   | U      oF      +     +      +   +      +     +       +
list users by name     | other    | view                   | U      oF      +     +      +   +      +     +       +
search users           | other    | view                   | U      oF      +     +      +   +      +     +       +

list teamless users    | -        | view no-team           | U      F       F     F      F   F      F     F       +
list users of a team   | -        | view system            | U      F       F     F      F   F      F     F       +
autocomplete users     | other    | view                   | U      +F      +     +      +   +      +     +       +
known users            | -        | view                   | U      +F      +     +      +   +      +     +       +
count users            | -        | view                   | U      +F      +     +      +   +      +     +       +
count users by         | -        | read-users             | U      F       F     F      F   F      F     F       +
get limits             | -        | read-users             | U      +F      +F    +F     +F  +F     +F    +F      +

# Lists that are always empty here.
list preferences       | own      | edit                   | U      +F      +F    +F     +F  +F     +F    +       +
list preferences       | other    | edit                   | U      F       F     F      F   F      F     +       +
list teams             | own      | read-users             | U      +F      +F    +F     +F  +F     +F    +F      +
list teams             | other    | read-users             | U      F       F     F      F   F      F     F       +
list team members      | own      | edit                   | U      +F      +F    +F     +F  +F     +F    +       +
list team members      | other    | edit                   | U      F       F     F      F   F      F     +       +
list what is unread    | own      | system                 | U      +F      +F    +F     +F  +F     +F    +F      +
list what is unread    | other    | system                 | U      F       F     F      F   F      F     F       +

get config             | -        | system                 | U      F       F     F      F   F      F     F       +
get busy               | -        | system                 | U      F       F     F      F   F      F     F       +

create user            | -        | system                 | S      SF      SF    SF     SF  SF     SF    SF      +

# A username is what services and people may know a user by: another's is an e-mail
# address in this.
update username        | own      | edit                   | U      +F      +F    +F     +F  +F     +F    +F      +F
update username        | other    | edit                   | U      F       F     F      F   F      F     +       +
update username        | rich     | edit system            | U      F       F     F      F   F      F     F       +
update username        | admin    | edit system            | U      F       F     F      F   F      F     F       +
update username        | mybot    | edit                   | U      F       F     F      F   F      F     +       +
update username        | richbot  | edit system            | U      F       F     F      F   F      F     F       +
update username        | otherbot | edit                   | U      F       F     F      F   F      F     +       +
patch username         | own      | edit                   | U      +F      +F    +F     +F  +F     +F    +F      +F
patch username         | other    | edit                   | U      F       F     F      F   F      F     +       +
patch username         | rich     | edit system            | U      F       F     F      F   F      F     F       +
patch username         | admin    | edit system            | U      F       F     F      F   F      F     F       +
patch username         | richbot  | edit system            | U      F       F     F      F   F      F     F       +
update nickname        | own      | edit system            | U      +F      +F    +F     +F  +F     +F    +       +
update nickname        | other    | edit                   | U      F       F     F      F   F      F     +       +
update nickname        | rich     | edit                   | U      F       F     F      F   F      F     +       +
update nickname        | admin    | edit system            | U      F       F     F      F   F      F     F       +
update nickname        | mybot    | edit                   | U      F       F     F      F   F      F     +       +
update nickname        | otherbot | edit                   | U      F       F     F      F   F      F     +       +
patch nickname         | own      | edit system            | U      +F      +F    +F     +F  +F     +F    +       +
patch nickname         | other    | edit                   | U      F       F     F      F   F      F     +       +
patch nickname         | rich     | edit                   | U      F       F     F      F   F      F     +       +
patch nickname         | admin    | edit system            | U      F       F     F      F   F      F     F       +
patch nickname         | mybot    | edit                   | U      F       F     F      F   F      F     +       +
patch nickname         | otherbot | edit                   | U      F       F     F      F   F      F     +       +

# One's own: with the password, which a bot has not got, and by a narrowed token
# only if it holds all that the owner does (ADR 5).
update e-mail          | own      | edit                   | U      +F      +F    +F     PF  +F     +F    +F      +F
update e-mail          | other    | edit                   | U      F       F     F      F   F      F     +       +
update e-mail          | rich     | edit system            | U      F       F     F      F   F      F     F       +
update e-mail          | admin    | edit system            | U      F       F     F      F   F      F     F       +
patch e-mail           | own      | edit                   | U      +F      +F    +F     PF  +F     +F    +F      +F
patch e-mail           | other    | edit                   | U      F       F     F      F   F      F     +       +
patch e-mail           | rich     | edit system            | U      F       F     F      F   F      F     F       +
patch e-mail           | admin    | edit system            | U      F       F     F      F   F      F     F       +

# Beyond what Mattermost asks, the rule of 3.9 refuses with the ordinary words, and
# so is a narrowed token refused that lacks what the use case names.
set password           | own      | users                  | U      +F      +F    +F     IF  +F     +F    +F      +F
set password           | other    | users                  | U      OF      OF    OF     OF  OF     OF    +       +
set password           | rich     | users system           | U      OF      OF    OF     OF  OF     OF    F       +
set password           | admin    | users system           | U      OF      OF    OF     OF  OF     OF    F       +
set hashed password    | own      | users                  | U      HF      HF    HF     HF  HF     HF    +TF     +TF
set hashed password    | other    | users                  | U      OF      OF    OF     OF  OF     OF    +TT     +TT

unlock                 | other    | users                  | U      Q       Q     Q      Q   Q      Q     +       +
unlock                 | rich     | users                  | U      Q       Q     Q      Q   Q      Q     +       +
unlock                 | admin    | users system           | U      Q       Q     Q      Q   Q      Q     Q       +

# manage_system frees from both sentences of the rule, a narrowed token too.
set roles to none      | own      | roles                  | U      F       F     F      F   F      F     +F      +F
set roles to none      | other    | roles                  | U      F       F     F      F   F      F     +       +
set roles to none      | rich     | roles system           | U      F       F     F      F   F      F     F       +
set roles to none      | admin    | roles system           | U      F       F     F      F   F      F     F       +
set roles to none      | mybot    | roles                  | U      F       F     F      F   F      F     +       +
set roles to none      | richbot  | roles system           | U      F       F     F      F   F      F     F       +
set roles to none      | otherbot | roles                  | U      F       F     F      F   F      F     +       +
add a role it holds    | own      | roles view             | U      F       F     F      F   F      F     +F      +F
add a role it holds    | other    | roles view             | U      F       F     F      F   F      F     +       +
add a role it lacks    | own      | roles system           | U      F       F     F      F   F      F     F       +
add a role it lacks    | other    | roles system           | U      F       F     F      F   F      F     F       +
add system_admin       | other    | roles system           | U      F       F     F      F   F      F     F       +

# No actor can deactivate itself by this route, with any permissions and any credential.
# This refusal comes before all others, also for a narrowed token. In Mattermost, an
# administrator can do it by the other route.
deactivate             | own      | users                  | U      D       D     D      D   D      D     D       D
deactivate             | other    | users                  | U      A       A     A      A   A      A     +       +
deactivate             | rich     | users system           | U      A       A     A      A   A      A     F       +
deactivate             | admin    | users system           | U      A       A     A      A   A      A     F       +
deactivate             | mybot    | users                  | U      A       A     A      A   A      A     +       +
deactivate             | otherbot | users                  | U      A       A     A      A   A      A     +       +
activate               | other    | users                  | U      A       A     A      A   A      A     +       +
activate               | rich     | users system           | U      A       A     A      A   A      A     F       +
activate               | admin    | users system           | U      A       A     A      A   A      A     F       +
activate               | richbot  | users system           | U      A       A     A      A   A      A     F       +
activate               | otherbot | users                  | U      A       A     A      A   A      A     +       +

delete user            | own      | edit                   | U      DF      DF    DF     DF  DF     DF    DF      +F
delete user            | other    | edit                   | U      F       F     F      F   F      F     +       +
delete user            | rich     | edit system            | U      F       F     F      F   F      F     F       +
delete user            | admin    | edit system            | U      F       F     F      F   F      F     F       +
delete user            | otherbot | edit                   | U      F       F     F      F   F      F     +       +
delete for good        | other    | edit                   | U      F       F     F      F   F      F     +       +
delete for good        | rich     | edit system            | U      F       F     F      F   F      F     F       +
delete for good        | admin    | edit system            | U      F       F     F      F   F      F     F       +

# Beyond the permission, the rule of 3.9: the promoted guest also gains what system_user
# adds. No user can be made a guest: that answer, before all others, is the same for all.
convert to a bot       | own      | system                 | U      F       F     F      F   F      F     F       +
convert to a bot       | other    | system                 | U      F       F     F      F   F      F     F       +
convert to a bot       | rich     | system                 | U      F       F     F      F   F      F     F       +
convert to a bot       | admin    | system                 | U      F       F     F      F   F      F     F       +
promote                | other    | promote view           | U      F       F     F      F   F      F     F       +
promote                | rich     | promote system         | U      F       F     F      F   F      F     F       +
promote                | otherbot | promote view           | U      F       F     F      F   F      F     F       +
promote no guest       | own      | promote system         | U      F       F     F      F   F      F     F       G
promote no guest       | other    | promote                | U      F       F     F      F   F      F     F       G
demote                 | own      | demote                 | U      L       L     L      L   L      L     L       L
demote                 | other    | demote                 | U      L       L     L      L   L      L     L       L
demote                 | admin    | demote                 | U      L       L     L      L   L      L     L       L

list sessions          | own      | edit                   | U      +F      +F    +F     +F  +F     +F    +       +
list sessions          | other    | edit                   | U      F       F     F      F   F      F     +       +
list sessions          | rich     | edit                   | U      F       F     F      F   F      F     +       +
list sessions          | admin    | edit                   | U      F       F     F      F   F      F     +       +
list sessions          | mybot    | edit                   | U      F       F     F      F   F      F     +       +
list sessions          | otherbot | edit                   | U      F       F     F      F   F      F     +       +
revoke session         | own      | edit                   | U      +F      +F    +F     +F  +F     +F    +       +
revoke session         | other    | edit                   | U      F       F     F      F   F      F     +       +
revoke session         | rich     | edit                   | U      F       F     F      F   F      F     +       +
revoke session         | admin    | edit                   | U      F       F     F      F   F      F     +       +
revoke all sessions    | own      | edit                   | U      +F      +F    +F     +F  +F     +F    +       +
revoke all sessions    | other    | edit                   | U      F       F     F      F   F      F     +       +
revoke all sessions    | admin    | edit                   | U      F       F     F      F   F      F     +       +
revoke all sessions    | otherbot | edit                   | U      F       F     F      F   F      F     +       +
revoke every session   | -        | system                 | U      F       F     F      F   F      F     F       +
attach a device        | own      |                        | U      +F      +F    +F     +F  +F     +F    +F      +F

list roles             | -        | system                 | U      F       F     F      F   F      F     F       +
get role               | -        | read-perms             | U      +F      +F    +F     +F  +F     +F    +F      +
get role by name       | -        | read-perms             | U      +F      +F    +F     +F  +F     +F    +F      +
list roles by name     | -        | read-perms             | U      +F      +F    +F     +F  +F     +F    +F      +
list ancillary         | -        | read-perms             | U      +F      +F    +F     +F  +F     +F    +F      +

# A custom role; system_user; a role of administrators.
put in what it holds   | -        | perms sysroles view    | U      F       F     F      F   F      +     F       +
put in what it lacks   | -        | perms sysroles system  | U      F       F     F      F   F      F     F       +
put in manage_roles    | -        | perms sysroles system  | U      F       F     F      F   F      X     F       X
take out what it lacks | -        | perms sysroles         | U      F       F     F      F   F      +     F       +
patch system_user      | -        | perms                  | U      F       F     F      F   F      +     F       +
patch system_manager   | -        | perms sysroles system  | U      F       F     F      F   F      F     F       +
create a role it holds | -        | perms sysroles view    | U      F       F     F      F   F      +     F       +
create a role it lacks | -        | perms sysroles system  | U      F       F     F      F   F      F     F       +
create a manager role  | -        | perms sysroles system  | U      F       F     F      F   F      X     F       X
delete role            | -        | perms sysroles         | U      F       F     F      F   F      +     F       +

# An actor that may not read a bot gets 404, and so does a token without a permission to
# read it. Hence FN: with "bots" alone a token can change a bot, but where the rule on
# narrowed tokens refuses the change, it gets 404.
create bot             | -        | create-bot             | U      F       F     F      F   +      F     F       +
list bots              | mybot    | read-bots              | U      F       F     F      F   o      F     F       +o
list bots              | otherbot | read-others-bots       | U      F       F     F      F   oF     F     F       +
get bot                | mybot    | read-bots              | U      N       N     N      N   +      N     N       +
get bot                | otherbot | read-others-bots       | U      N       N     N      N   N      N     N       +
patch bot              | mybot    | bots                   | U      N       N     N      N   +      N     N       +
patch bot              | richbot  | bots                   | U      N       N     N      N   +      N     N       +
patch bot              | otherbot | others-bots            | U      N       N     N      N   N      N     N       +
rename bot             | mybot    | bots                   | U      N       N     N      N   +      N     N       +
rename bot             | richbot  | bots system            | U      N       N     N      N   FN     N     N       +
rename bot             | otherbot | others-bots            | U      N       N     N      N   N      N     N       +
enable bot             | mybot    | bots                   | U      N       N     N      N   +      N     N       +
enable bot             | richbot  | bots system            | U      N       N     N      N   FN     N     N       +
enable bot             | otherbot | others-bots            | U      N       N     N      N   N      N     N       +
disable bot            | mybot    | bots                   | U      N       N     N      N   +      N     N       +
disable bot            | richbot  | bots system            | U      N       N     N      N   FN     N     N       +
disable bot            | otherbot | others-bots            | U      N       N     N      N   N      N     N       +
assign bot             | mybot    | bots                   | U      N       N     N      N   +      N     N       +
assign bot             | richbot  | bots system            | U      N       N     N      N   FN     N     N       +
assign bot             | otherbot | others-bots            | U      N       N     N      N   N      N     N       +
# As in Mattermost's public source: no bot owns a bot.
assign to a bot        | mybot    | bots                   | U      N       N     N      N   F      N     N       F
assign to a bot        | otherbot | others-bots            | U      N       N     N      N   N      N     N       F

# By manage_system alone, which tells nobody else whether there is such a bot.
convert to a person    | mybot    | system                 | U      F       F     F      F   F      F     F       +
convert to a person    | richbot  | system                 | U      F       F     F      F   F      F     F       +
convert to a person    | otherbot | system                 | U      F       F     F      F   F      F     F       +
convert to an admin    | otherbot | system roles           | U      F       F     F      F   F      F     F       +

list audits            | -        | system                 | U      F       F     F      F   F      F     F       +
list audits of         | own      | edit                   | U      +F      +F    +F     +F  +F     +F    +       +
list audits of         | other    | edit                   | U      F       F     F      F   F      F     +       +
list audits of         | admin    | edit                   | U      F       F     F      F   F      F     +       +
list audits of         | otherbot | edit                   | U      F       F     F      F   F      F     +       +

# Outside /api/v4, with the errors of RFC 6749 and 6750.
introspect             | -        | introspect             | U      F       F     F      F   F      F     F       +
follow the feed        | -        | introspect             | U      F       F     F      F   F      F     F       +
`

// answers are the letters of the table: a status, with the error's id if it is an error.
var answers = map[string]string{
	"+": "2xx",
	"o": "2xx, and a list of the actor's own rows only",
	"U": "401 api.context.session_expired.app_error",
	"F": "403 api.context.permissions.app_error",
	"S": "403 api.user.create_user.no_open_server",
	"A": "403 api.user.update_active.permissions.app_error",
	"D": "401 api.user.update_active.not_enable.app_error",
	"O": "403 api.user.update_password.context.app_error",
	"H": "401 api.user.update_password.user_and_hashed.app_error",
	"T": "403 api.user.update_password.hashed_by_token.app_error",
	"Q": "403 api.user.reset_password_failed_attempts.permissions.app_error",
	"I": "400 api.user.update_password.incorrect.app_error",
	"P": "400 api.context.invalid_body_param.app_error",
	"N": "404 store.sql_bot.get.missing.app_error",
	"G": "501 api.user.promote_guest_to_user.no_guest.app_error",
	"L": "501 api.team.demote_user_to_guest.license.error",
	"X": "501 api.roles.patch_roles.not_allowed_permission.error",
}

// permissions are the short names of the table.
var permissions = map[string]string{
	"create":           "create_user_access_token",
	"read":             "read_user_access_token",
	"revoke":           "revoke_user_access_token",
	"edit":             "edit_other_users",
	"view":             "view_members",
	"no-team":          "list_users_without_team",
	"read-users":       "sysconsole_read_user_management_users",
	"users":            "sysconsole_write_user_management_users",
	"roles":            "manage_roles",
	"perms":            "sysconsole_write_user_management_permissions",
	"read-perms":       "sysconsole_read_user_management_permissions",
	"sysroles":         "sysconsole_write_user_management_system_roles",
	"system":           "manage_system",
	"create-bot":       "create_bot",
	"assign-bot":       "assign_bot",
	"bots":             "manage_bots",
	"others-bots":      "manage_others_bots",
	"read-bots":        "read_bots",
	"read-others-bots": "read_others_bots",
	"introspect":       "introspect_tokens",
	"promote":          "promote_guest",
	"demote":           "demote_to_guest",
}
