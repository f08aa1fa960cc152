#!/bin/bash
# clang-tidy finds nothing in src (.clang-tidy says what it looks for). A source
# is read again when it, a header of it or .clang-tidy changed since it was clean.
cd "$(dirname "$0")/../.." || exit 2
clean=build/tidy
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# "SOURCE FILE" for each file of ours that a source was last built from, itself too
built_from() {
	ninja -C build -t deps | sed -n 's|^    \.\./||p; /#deps/p' |
		awk '/#deps/ { source = ""; next } source == "" { source = $1 } /^src/ { print source, $1 }'
}

stale=$(built_from | while read -r source file; do
	[[ $file -nt $clean/$source || .clang-tidy -nt $clean/$source ]] && echo "$source"
done | grep '^src/.*\.c$' | sort -u)
[ -z "$stale" ] || run-clang-tidy-16 -p build -j "$(nproc)" -quiet \
	"^$PWD/(${stale//$'\n'/|})\$" >"$out" 2>/dev/null
found=$(grep -E '(error|warning): ' "$out" | sort -u)
if [ -z "$found" ] && { [ -z "$stale" ] || grep -q clang-tidy-16 "$out"; }; then
	for source in $stale; do
		mkdir -p "$clean/${source%/*}" && touch "$clean/$source"
	done
	echo "ok 1 - clang-tidy finds nothing"
else
	echo "not ok 1 - clang-tidy finds nothing"
	# shellcheck disable=SC2001
	sed "s|$PWD/||; s/^/# /" <<<"${found:-it did not run}"
	exit 1
fi
