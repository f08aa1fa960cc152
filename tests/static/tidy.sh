#!/bin/bash
# clang-tidy finds nothing in src (.clang-tidy says what it looks for).
cd "$(dirname "$0")/../.." || exit 2
out=$(mktemp)
trap 'rm -f "$out"' EXIT
run-clang-tidy-16 -p build -j "$(nproc)" -quiet "$PWD/src/.*\.c$" >"$out" 2>/dev/null
found=$(grep -E '(error|warning): ' "$out" | sort -u)
if grep -q clang-tidy-16 "$out" && [ -z "$found" ]; then
	echo "ok 1 - clang-tidy finds nothing"
else
	echo "not ok 1 - clang-tidy finds nothing"
	# shellcheck disable=SC2001
	sed "s|$PWD/||; s/^/# /" <<<"${found:-it did not run}"
	exit 1
fi
