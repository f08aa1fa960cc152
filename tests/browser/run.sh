#!/bin/bash
# The portal in a real browser: TAP of every *.test.mjs. With
# CERTWRIGHT_SHOTS=FOLDER each page's picture is kept there, to be looked at.
set -u
cd "$(dirname "$0")" || exit 2
if [ ! -d node_modules/playwright-core ]; then
	npm ci --ignore-scripts --no-audit --no-fund >/dev/null 2>&1 ||
	    { echo "not ok - npm ci"; exit 1; }
fi
status=0
for t in *.test.mjs; do
	node "$t" || status=1
done
exit $status
