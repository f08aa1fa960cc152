#!/bin/bash
# What people read is well-formed: shell scripts, manual pages, spelling, no
# promises left in the code, no download addresses in lock files.
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
mapfile -t shells < <(git ls-files | grep -E '\.sh$|^\.ci/run$')
report "shellcheck has nothing to say" "$(shellcheck -x "${shells[@]}" 2>&1)"
mapfile -t pages < <(git ls-files 'man/*')
report "mandoc has nothing to say" "$(mandoc -Tlint -W warning "${pages[@]}" 2>&1 |
    grep -v 'referenced manual not found')"
report "codespell has nothing to say" "$(git ls-files | grep -vE 'package-lock|/corpus/|LICENSE|\.(png|svg)$' |
    xargs codespell -L 'ans,te,ue,crate,als,inout,nd,fo,clos,mis' 2>&1)"
report "no promise is left in the code" "$(git ls-files src templates run.sh |
    xargs grep -nHE '\b(TODO|FIXME|XXX|HACK)\b|not implemented|unimplemented' 2>/dev/null)"
report "lock files carry no addresses" "$(git ls-files '*package-lock.json' |
    xargs -r grep -l '"resolved"')"
exit $bad
