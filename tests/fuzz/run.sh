#!/bin/bash
# Each fuzz target for some seconds, from its corpus on: TAP.
#   tests/fuzz/run.sh FOLDER-BUILT-WITH--Dfuzz=true [SECONDS]
# What a target finds is kept in FOLDER/found, to become a file of its corpus.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$1
seconds=${2:-60}
n=0
bad=0
mkdir -p "$build/found"
for target in "$build"/tests/fuzz/*/fuzz_*; do
	if [ ! -f "$target" ] || [ ! -x "$target" ]; then continue; fi
	name=$(basename "$target")
	name=${name#fuzz_}
	n=$((n + 1))
	mkdir -p "$build/corpus/$name"
	if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 \
	    -artifact_prefix="$build/found/$name-" "$build/corpus/$name" "tests/fuzz/corpus/$name" \
	    >"$build/found/$name.log" 2>&1; then
		echo "ok $n - fuzzing $name for $seconds s finds nothing"
	else
		echo "not ok $n - fuzzing $name for $seconds s finds nothing"
		tail -n 25 "$build/found/$name.log" | sed 's/^/# /'
		bad=1
	fi
done
echo "1..$n"
[ "$n" -gt 0 ] || bad=1
exit $bad
