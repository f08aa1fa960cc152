#!/bin/bash
# The figures of docs/performance.md, side by side in one run.
#   --quick   short turns: a look, not a result
#   --alone   before everything else that runs here (real time, as root): for
#             a machine that is busy with other things
# Installs nginx, wrk and cfssl when they are missing.
set -eu
cd "$(dirname "$0")"
scripts/install-packages.sh build bench </dev/null
if [ ! -e build-bench/build.ninja ]; then
	meson setup build-bench -Dbench=true --buildtype=release >&2
fi
ninja -C build-bench >&2
exec env PYTHONPATH=tests/lib CERTWRIGHT_BUILD="$PWD/build-bench" python3 tests/bench/bench.py "$@"
