#!/bin/bash
# What is built is hardened, and links no more than it should.
# shellcheck disable=SC2317
cd "$(dirname "$0")/../.." || exit 2
n=0
bad=0
t() { # t WHAT COMMAND...
	local what=$1
	n=$((n + 1))
	shift
	if "$@" >/dev/null 2>&1; then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		bad=1
	fi
}
links() { # links EXECUTABLE LIBRARY...: the direct dependencies, no others
	local have want
	have=$(readelf -d "build/$1" | sed -n 's/.*NEEDED.*\[\(.*\)\.so.*/\1/p' | grep -v '^ld-' | sort | tr '\n' ' ')
	shift
	want=$(printf '%s\n' "$@" | sort | tr '\n' ' ')
	[ "$have" = "$want" ] || { echo "# links $have" >&2; return 1; }
}
no() { ! "$@"; }
flags() {
	python3 - "$1" <<'P'
import json, sys
rows = json.load(open("build/compile_commands.json"))
rows = [r for r in rows if r["file"].endswith(".c") and "/src/" in "/" + r["file"]]
sys.exit(0 if rows and all(sys.argv[1] in r["command"].split() for r in rows) else 1)
P
}
for f in -O2 -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
    -fcf-protection -ftrivial-auto-var-init=zero -fPIE -Werror; do
	t "every release file is compiled with $f" flags "$f"
done
t "no seam of the tests is in the release" no flags -DCERTWRIGHT_TEST
t "the keeper links libc, libcrypto, libseccomp and nothing else" \
    links certwright-keeper libc libcrypto libseccomp
t "the reader links its parsers and nothing else" \
    links certwright-reader libc libcrypto libjansson libseccomp libzip
t "the fetcher links its clients and nothing else" \
    links certwright-fetch libc libcrypto libcurl libseccomp libssl libunbound
t "what writes the files of targets links libc, libcrypto and nothing else" \
    links certwright-deliver libc libcrypto
for e in certwrightd certwright-deliver certwright-fetch certwright-keeper certwright-reader certwright; do
	t "$e is position-independent" sh -c "readelf -h build/$e | grep -q 'Type:.*DYN'"
	t "$e has full RELRO" sh -c "readelf -d build/$e | grep -q BIND_NOW && readelf -l build/$e | grep -q GNU_RELRO"
	t "$e has no executable stack" sh -c "readelf -lW build/$e | grep 'GNU_STACK' | grep -qv 'RWE'"
	t "$e has no path of the build machine" sh -c "! grep -qF '$PWD/' build/$e"
done
exit $bad
