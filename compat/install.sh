#!/bin/sh
# install.sh: installs the clients that package-lock.json names, and n8n's Mattermost
# node, into node_modules. It does nothing if they are there already.
#
# n8n-nodes-base has a thousand dependencies that its Mattermost node does not use, so
# only the files of that node are taken out of the package. The package's digest is
# pinned here, as the lock file pins the others.
set -eu
cd "$(dirname "$0")"

n8n=2.41.2
digest='qUItyawxR1aR/t6Fgk0whYwBSDR+VOu5RkgAI3AElVI3dqPLLcCAawAMFc/N3GFG35//quOVRUwuc7a3mVLC0g=='

state=$(cat package-lock.json install.sh | cksum)
if [ "$(cat node_modules/.state 2>/dev/null)" = "$state" ]; then exit 0; fi

npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm pack --silent --pack-destination "$work" "n8n-nodes-base@$n8n" >"$work/name"
node -e '
	const got = require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64");
	if (got !== process.argv[2]) { console.error("n8n-nodes-base: the package has another digest than install.sh names"); process.exit(1); }
' "$work/$(cat "$work/name")" "$digest"
mkdir -p node_modules/n8n-nodes-base
tar -xzf "$work/$(cat "$work/name")" -C node_modules/n8n-nodes-base --strip-components=1 \
	package/package.json package/dist/nodes/Mattermost package/dist/credentials/MattermostApi.credentials.js
mkdir -p node_modules/n8n-workflow
cp n8n-workflow.cjs node_modules/n8n-workflow/index.js
printf '%s\n' "$state" >node_modules/.state
