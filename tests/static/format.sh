#!/bin/bash
# clang-format decides how a .c file looks; headers are tables, set by hand.
cd "$(dirname "$0")/../.." || exit 2
n=0
bad=0
while read -r f; do
	n=$((n + 1))
	if clang-format-14 --dry-run -Werror "$f" 2>/dev/null; then
		echo "ok $n - $f is formatted"
	else
		echo "not ok $n - $f is formatted"
		echo "# clang-format-14 -i $f"
		bad=1
	fi
done < <(git ls-files 'src/*.c' 'src/**/*.c' 'tests/**/*.c')
exit $bad
