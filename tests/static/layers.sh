#!/bin/bash
# The layers hold: who may include what (docs/architecture.md).
cd "$(dirname "$0")/../.." || exit 2
n=0
bad=0
check() { # check WHAT PATTERN ALLOWED-PATHS
	local hits
	n=$((n + 1))
	hits=$(git ls-files src | grep -E '\.[ch]$' | grep -vE "$3" |
	    xargs -r grep -nE "$2" /dev/null)
	if [ -z "$hits" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		# shellcheck disable=SC2001
		sed 's/^/# /' <<<"$hits"
		bad=1
	fi
}
only() { # only FOLDER ALLOWED-FOLDERS: quoted includes of src/FOLDER
	local hits
	n=$((n + 1))
	hits=$(git ls-files "src/$1" | grep -E '\.[ch]$' | xargs -r grep -nE '^#include "' /dev/null |
	    grep -vE "#include \"($2)/")
	if [ -z "$hits" ]; then
		echo "ok $n - src/$1 uses only ${2//|/, }"
	else
		echo "not ok $n - src/$1 uses only ${2//|/, }"
		# shellcheck disable=SC2001
		sed 's/^/# /' <<<"$hits"
		bad=1
	fi
}
only base 'base'
only x509 'x509|base'
only wire 'wire|base'
only keys 'keys|wire|x509|base'
only fetch 'fetch|wire|base'
only store 'store|base'
only op 'op|store|keys|fetch|x509|base'
only page 'page|front|op|base'
only keeper 'keeper|wire|x509|base'
only reader 'reader|wire|x509|base'
only deliver 'deliver|wire|x509|base'
only cli 'cli|wire|base'
check 'libevent is seen by front/http only' '#include *[<"]event2?/' '^src/front/http'
check 'SQL is seen by store/db_* only' '#include *[<"](sqlite3|libpq-fe)\.h' '^src/store/db_'
check 'no OpenSSL in pages and store' '#include *[<"]openssl/' '^src/(base|x509|wire|keys|keeper|reader|fetch|op|front|cli)/|^src/certwrightd'
check 'libcurl is seen by fetch and cli only' '#include *<curl/' '^src/(fetch|cli)/'
check 'names are looked up by fetch only' '#include *<unbound\.h>' '^src/fetch/'
check 'no shell is run (P35)' '\b(system|popen|execlp|execvp) *\(' '^$'
check 'no deprecated OpenSSL' 'RSA_METHOD|ENGINE_|EC_KEY_METHOD|RSA_new|EC_KEY_new' '^$'
check 'no format is guessed' 'OSSL_STORE|OSSL_DECODER|d2i_AutoPrivateKey|PKCS7_verify' '^$'
check 'x509 does no I/O' '#include *<(stdio_ext|fcntl|sys/socket|unistd)\.h>' '^src/(base|wire|keys|fetch|store|op|front|page|keeper|reader|deliver|cli)/|^src/[^/]*$|^src/x509/weak_lists'
exit $bad
