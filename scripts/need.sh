#!/bin/sh
# need.sh PROGRAM PACKAGE...: installs Debian's packages if the program (a name, or
# the paths that a shell pattern expanded to) is missing. Otherwise it prints nothing.
set -eu

program=$1
last=$program
for word in "$@"; do
	# A pattern may expand to several paths: each word that begins with / is one.
	case $word in
	/*) if [ -x "$word" ]; then exit 0; fi; last=$word; shift ;;
	esac
done
case $program in
/*) ;;
*) if command -v "$program" >/dev/null 2>&1; then exit 0; fi; shift ;;
esac

if ! command -v apt-get >/dev/null 2>&1; then
	echo "need.sh: $last is missing, and there is no apt-get to install it with: install $* by hand" >&2
	exit 1
fi
root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "need.sh: $last is missing: install it as root with: apt-get install $*" >&2
		exit 1
	fi
	root=sudo
fi
echo "need.sh: $last is missing: installing $*" >&2
$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
