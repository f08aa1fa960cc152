#!/bin/bash
# All tests. Last line: "N passed, N failed".
#
#   ./test.sh                everything that fits into a quarter of an hour
#   ./test.sh --long         and what takes longer (fuzzing, long kill loops)
#   ./test.sh static unit    only these parts, of: static unit asan tsan api
#                            cli judges browser faults refusals instructions
#                            fuzz
set -u
cd "$(dirname "$0")" || exit 2

parts=()
long=""
for a in "$@"; do
	case "$a" in
	--long) long=yes ;;
	-h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
	*) parts+=("$a") ;;
	esac
done
[ ${#parts[@]} -gt 0 ] || parts=(static unit asan tsan api cli judges browser faults refusals instructions)
export CERTWRIGHT_LONG="$long"

scripts/install-packages.sh test </dev/null || exit 2

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
chmod 755 "$results"
export CERTWRIGHT_REFUSALS_REACHED="$results/refusals"
: >"$CERTWRIGHT_REFUSALS_REACHED"
chmod 666 "$CERTWRIGHT_REFUSALS_REACHED"

wants() {
	local p
	for p in "${parts[@]}"; do [ "$p" != "$1" ] || return 0; done
	return 1
}

# build FOLDER OPTIONS...: configure once, build, fail loudly
build() {
	local folder=$1
	shift
	if [ ! -e "$folder/build.ninja" ]; then
		meson setup "$folder" "$@" >"$results/setup.txt" 2>&1 ||
		    { cat "$results/setup.txt"; echo "not ok - setup $folder"; return 1; }
	fi
	ninja -C "$folder" >"$results/ninja.txt" 2>&1 ||
	    { tail -n 60 "$results/ninja.txt"; echo "not ok - build $folder"; return 1; }
	echo "ok - build $folder"
}

# run NAME COMMAND...: TAP of a command into the results, shown when it fails
run() {
	local name=$1 started=$SECONDS
	shift
	"$@" >"$results/$name.tap" 2>&1 </dev/null
	echo "exit $?" >>"$results/$name.tap"
	scripts/tally.py --show "$name" "$results/$name.tap" $((SECONDS - started))
}

# unit FOLDER SUITE...: the tests that meson knows; their TAP from its log
unit() {
	local folder=$1
	shift
	meson test -C "$folder" --no-rebuild --print-errorlogs --timeout-multiplier 4 "$@" >&2
	scripts/meson-tap.py "$folder/meson-logs/testlog.json"
}

python_tests() {
	local part=$1 t
	for t in tests/"$part"/test_*.py; do
		run "$part-$(basename "$t" .py)" env PYTHONPATH=tests/lib python3 "$t"
	done
}

sanitized() {
	echo -Dtests=true -Dseams=true -Dbuildtype=debugoptimized -Doptimization=1 \
	    -Db_lundef=false -Db_sanitize="$1"
}

if wants unit || wants api || wants cli || wants judges || wants browser || wants faults; then
	run build-release build build --buildtype=release
fi
if wants static; then
	for t in tests/static/*.sh; do
		run "static-$(basename "$t" .sh)" "$t"
	done
fi
if wants unit; then
	run build-unit build build-unit -Dtests=true -Dseams=true
	run unit unit build-unit
fi
if wants instructions; then
	run build-bench build build-bench -Dbench=true --buildtype=release
	run instructions tests/bench/instructions.py
fi
if wants asan; then
	# shellcheck disable=SC2046
	run build-asan env CC=clang-16 bash -c "$(declare -f build); results=$results; build build-asan $(sanitized address,undefined)"
	run asan-unit unit build-asan
	run asan-api env CERTWRIGHT_BUILD="$PWD/build-asan" PYTHONPATH=tests/lib \
	    python3 tests/api/test_procedure.py
fi
if wants tsan; then
	run build-tsan env CC=clang-16 bash -c "$(declare -f build); results=$results; build build-tsan $(sanitized thread)"
	run tsan-unit unit build-tsan --suite threads
	# the sanitizer needs calls that the sandboxes forbid
	run tsan-workers env CERTWRIGHT_BUILD="$PWD/build-tsan" PYTHONPATH=tests/lib \
	    CERTWRIGHT_OPTIONS=--no-sandbox \
	    TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp" \
	    python3 tests/api/test_parallel.py
fi
# The seams (refusal log) are in build-unit; the release is what users get.
wants api && CERTWRIGHT_BUILD="$PWD/build-unit" python_tests api
wants cli && python_tests cli
wants judges && python_tests judges
wants browser && run browser tests/browser/run.sh
wants faults && python_tests faults
if [ -n "$long" ] || { [ $# -gt 0 ] && wants fuzz; }; then
	# shellcheck disable=SC2046
	run build-fuzz env CC=clang-16 bash -c "$(declare -f build); results=$results; build build-fuzz $(sanitized address,undefined) -Dfuzz=true"
	run fuzz tests/fuzz/run.sh build-fuzz 60
fi
wants faults && run faults-start-seams env CERTWRIGHT_BUILD="$PWD/build-unit" \
    PYTHONPATH=tests/lib python3 tests/faults/test_start.py
wants refusals && run refusals scripts/refusals.py "$CERTWRIGHT_REFUSALS_REACHED"

scripts/tally.py --total "$results"/*.tap
