#!/bin/sh
# Install the Debian packages of a purpose that are not there yet:
#   scripts/install-packages.sh build|test|bench ...
# Nothing is done, and nothing asked, when all are there.
set -eu

build="gcc libc6-dev meson ninja-build pkgconf python3 libssl-dev libevent-dev
libjansson-dev libsqlite3-dev libcurl4-openssl-dev libseccomp-dev libargon2-dev
libunbound-dev nettle-dev libidn2-dev libpsl-dev publicsuffix libzip-dev libzxcvbn-dev libqrencode-dev
tzdata ca-certificates"

node=""
command -v npm >/dev/null 2>&1 || node="nodejs npm"
test="$build git libcmocka-dev clang-16 libclang-rt-16-dev llvm-16 clang-tidy-16
clang-format-14 pmccabe shellcheck codespell mandoc openssl curl jq zip sqlite3
liboath-dev gnutls-bin libnss3-tools python3-venv strace valgrind iproute2 procps
util-linux e2fsprogs chromium
fonts-dejavu-core python3-jsonschema nginx-light haproxy apache2-bin postfix $node"

bench="$build openssl nginx-light wrk golang-cfssl python3"

wanted=""
for purpose in "$@"; do
	case "$purpose" in
	build) wanted="$wanted $build" ;;
	test) wanted="$wanted $test" ;;
	bench) wanted="$wanted $bench" ;;
	*) echo "usage: $0 build|test|bench ..." >&2; exit 2 ;;
	esac
done

# One question to dpkg for all of them.
# shellcheck disable=SC2086
missing=$({
	dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null || true
	printf 'wanted %s\n' $wanted
} | awk '$1 == "installed" { have[$2] }
    $1 == "wanted" && !($2 in have) && !said[$2]++ { printf "%s ", $2 }')

# Tests and figures are made with an OpenSSL that has its security updates
# (the daemon warns about an older one).
openssl_wanted=3.0.22
openssl_there=$(dpkg-query -W -f '${Version}' libssl3 2>/dev/null || echo 0)
if [ "$*" != build ] && dpkg --compare-versions "$openssl_there" lt "$openssl_wanted"; then
	missing="$missing libssl3 libssl-dev openssl"
fi
[ -n "$missing" ] || exit 0

root=""
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "missing packages: $missing" >&2
		echo "hint: as root: apt-get install $missing" >&2
		exit 2
	fi
	root="sudo"
fi
echo "installing: $missing" >&2

# Packages for tests bring services along; none of them is to be started.
policy=/usr/sbin/policy-rc.d
if [ "$*" != build ] && [ ! -e "$policy" ]; then
	trap '$root rm -f "$policy"' EXIT
	trap 'exit 130' HUP INT TERM
	printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
	$root chmod 755 "$policy"
fi
$root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >&2 || true
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
	--no-install-recommends $missing >&2 </dev/null
