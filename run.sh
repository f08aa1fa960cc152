#!/bin/sh
# Install what is missing, build, start Certwright:
#
#   ./run.sh [OPTIONS OF certwrightd]
#
# Debian packages are installed with root or sudo, nothing else is. Afterwards
# this process becomes the daemon: same process id, standard output its own.
# The data lie in ./data beside this script unless --data-dir says otherwise.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
build=$top/build

# The daemon alone writes to standard output.
"$top/scripts/install-packages.sh" build >&2 || {
	echo "run.sh: could not install the packages" >&2
	echo "hint: apt-get's message stands above; the list is in docs/dependencies.md" >&2
	exit 2
}

# quietly LOG COMMAND...: its output only when it fails
quietly() {
	log=$1
	shift
	"$@" >"$log" 2>&1 </dev/null || {
		cat "$log" >&2
		echo "run.sh: could not build: $*" >&2
		exit 2
	}
}

# One build at a time; the lock ends with the subshell.
mkdir -p "$build"
(
	flock 9
	if [ ! -e "$build/build.ninja" ]; then
		echo "building in $build (once, about a minute)" >&2
		rm -rf "$build/meson-private"	# of a configuration that was cut off
		quietly "$build/run-setup.log" meson setup --buildtype=release "$build" "$top"
	fi
	quietly "$build/run-build.log" ninja -C "$build"
) 9>"$build/run.lock"

# ./data is the default; an option or the configuration file comes first.
data_dir=$top/data
config=""
previous=""
for a in "$@"; do
	case "$previous" in
	--config) config=$a ;;
	esac
	case "$a" in
	--data-dir | --data-dir=*) data_dir="" ;;
	--config=*) config=${a#--config=} ;;
	esac
	previous=$a
done
if [ -n "$config" ] && grep -Eqs '^[[:space:]]*data-dir[[:space:]]*=' "$config"; then
	data_dir=""
fi
if [ -n "$data_dir" ]; then
	exec "$build/certwrightd" --data-dir "$data_dir" "$@"
fi
exec "$build/certwrightd" "$@"
