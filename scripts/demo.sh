#!/usr/bin/env bash
# A short tour: a server with generated data in a temporary directory, and the commands
# of an administrator and of a bot's author. "make demo" runs it; a test compares the
# record in README.md with its output.
#
#   scripts/demo.sh PROGRAM
set -euo pipefail

program=$(realpath "$1")
dir=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
# Wide enough for every line: where a table cuts a text depends on the ages in it.
export XDG_CONFIG_HOME=$dir/config COLUMNS=140
unset JETON_URL JETON_TOKEN JETON_DB JETON_CONFIG
jeton() { "$program" "$@"; }

# run prints a command and its output.
run() {
	printf '\n$ %s\n' "$1"
	eval "$1" 2>&1 || true
}

(umask 077 && echo 'demonstration 1' > password)
JETON_ADMIN_PASSWORD=$(cat password) "$program" admin seed --db jeton.db --users 40 --tokens 400 2>/dev/null >/dev/null
"$program" serve --listen 127.0.0.1:0 --db jeton.db > said 2>log &
server=$!
for _ in $(seq 200); do
	URL=$(sed -n 's/^Jeton serves //p' said)
	[ -n "$URL" ] && break
	sleep 0.05
done
[ -n "$URL" ] || { cat log >&2; exit 1; }

run 'jeton login $URL --username admin --password-stdin < password'
run 'jeton token list --all --limit 4'
run 'jeton role create deployer --permission deploy:read,deploy:write'
run 'jeton bot create ci-bot --description "deploys from the pipeline"'
run 'jeton user roles ci-bot --add deployer'
run 'TOKEN=$(jeton token create --for ci-bot --description pipeline --expires 90d --scope deploy:write -q)'
run 'JETON_TOKEN=$TOKEN jeton whoami'
run 'echo $TOKEN | jeton verify --require deploy:write'
run 'JETON_TOKEN=$TOKEN jeton user list'
run 'jeton token revoke $(jeton token list ci-bot -q)'
run 'JETON_TOKEN=$TOKEN jeton whoami'
run 'jeton audit list --limit 3'
