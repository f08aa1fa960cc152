#!/bin/bash
# Size caps: functions at most 100 lines and McCabe 20, files at most 700
# lines, headers at most 120 (store.h: the tables, one list).
cd "$(dirname "$0")/../.." || exit 2
bad=0
n=0
report() { # report WHAT HITS
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		# shellcheck disable=SC2001
		sed 's/^/# /' <<<"$2"
		bad=1
	fi
}
files=$(git ls-files 'src/*.c' 'src/**/*.c')
# shellcheck disable=SC2086
report "no function above 100 lines or McCabe 20" \
    "$(pmccabe $files | awk '$2 > 20 || $5 > 100 {print "McCabe " $2 ", " $5 " lines: " $6 " " $7}')"
# shellcheck disable=SC2086
report "no file above 700 lines" \
    "$(wc -l $files | awk '$2 != "total" && $1 > 700 {print}')"
report "no header above 120 lines" \
    "$(git ls-files 'src/*.h' 'src/**/*.h' | grep -v store/store.h | xargs wc -l |
	awk '$2 != "total" && $1 > 120 {print}')"
exit $bad
