/*
 * http.c - one request to the daemon: its Unix socket, or HTTPS with a token
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <curl/curl.h>
#include <openssl/ssl.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/http.h"

#define SOCKET_PATH_MAX 107 /* sun_path of unix(7), less its NUL */
#define CONNECT_S	10L
#define ANSWER_S	180L /* RSA-4096 keys take seconds to make */

DEFINE_AUTO(CURL, CURL, curl_easy_cleanup)
DEFINE_AUTO(slist, struct curl_slist, curl_slist_free_all)

static size_t
take(char *piece, size_t size, size_t n, void *out)
{
	struct buf *b = out;

	if (n > ANSWER_MAX - b->len)
		return 0;
	buf_put(b, piece, n);
	return n;
}

int
fingerprint_parse(const char *text, unsigned char out[32])
{
	char hex[65];
	size_t n = 0, len;

	for (; *text != '\0'; text++) {
		if (*text == ':')
			continue;
		if (n == 64)
			return -1;
		hex[n++] = *text >= 'A' && *text <= 'F' ? (char)(*text - 'A' + 'a') : *text;
	}
	hex[n] = '\0';
	return n == 64 && hex_decode(out, 32, hex, &len) == 0 && len == 32 ? 0 : -1;
}

/* The certificate is the one named by --fingerprint: nothing else counts. */
static int
verify_pinned(X509_STORE_CTX *store, void *pin)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	X509 *leaf = X509_STORE_CTX_get0_cert(store);
	bool same = leaf != NULL && X509_digest(leaf, EVP_sha256(), digest, &n) == 1 && n == 32 &&
	    memcmp(digest, pin, 32) == 0;

	X509_STORE_CTX_set_error(store, same ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
	return same;
}

static CURLcode
pin_context(CURL *curl, void *ctx, void *pin)
{
	SSL_CTX_set_cert_verify_callback(ctx, verify_pinned, pin);
	return CURLE_OK;
}

/* HTTPS with a token; `pin` lives as long as the transfer. */
static int
aim_at_server(struct cli *cli, CURL *curl, unsigned char pin[32], struct curl_slist **headers)
{
	const char *server = args_value(&cli->args, "server");
	const char *ca = args_value(&cli->args, "ca-file");
	const char *print = args_value(&cli->args, "fingerprint");
	char *token;
	int rc;

	if (!text_starts(server, "https://"))
		return cli_say(cli, EXIT_USAGE, "a token must not travel in clear",
		    "--server needs https://HOST[:PORT]");
	if (print != NULL && fingerprint_parse(print, pin) < 0)
		return cli_say(cli, EXIT_USAGE, "64 hexadecimal digits, colons allowed",
		    "--fingerprint needs the SHA-256 of the certificate");
	if ((rc = read_secret(cli, args_value(&cli->args, "token-file"), &token)) != 0)
		return rc;
	for (const char *p = token; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~')
			return cli_say(cli, EXIT_INPUT, NULL, "the token file holds no token");
	}
	*headers = curl_slist_append(
	    *headers, arena_printf(cli->arena, "Authorization: Bearer %s", token));
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (ca != NULL) {
		curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	if (print != NULL) {
		curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, pin_context);
		curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, pin);
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	return 0;
}

/* A long path goes through its folder's descriptor: sun_path is short. */
static char *
socket_path(struct cli *cli, const char *dir, int *folder)
{
	char *path = arena_printf(cli->arena, "%s/" SOCKET_NAME, dir);

	if (strlen(path) > SOCKET_PATH_MAX &&
	    (*folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC)) >= 0)
		path = arena_printf(cli->arena, "/proc/self/fd/%d/" SOCKET_NAME, *folder);
	return path;
}

static int
failed_at_socket(struct cli *cli, CURLcode code, long os_error, const char *why)
{
	const char *dir = data_dir_of(cli);

	if (code == CURLE_COULDNT_CONNECT && os_error == 0 &&
	    access(arena_printf(cli->arena, "%s/" SOCKET_NAME, dir), W_OK) != 0)
		os_error = errno;
	if (os_error == EACCES || os_error == EPERM)
		return cli_say(cli, EXIT_DENIED,
		    "root and the daemon's own user may use it: try sudo, or --server with a token",
		    "could not open %s/" SOCKET_NAME ": permission denied", dir);
	return cli_say(cli, EXIT_UNREACHABLE,
	    "start it: ./run.sh or systemctl start certwrightd; or name its data directory: --data-dir",
	    "could not reach the daemon at %s/" SOCKET_NAME ": %s", dir,
	    os_error != 0 ? strerror((int)os_error) : why);
}

static int
failed(struct cli *cli, CURL *curl, CURLcode code, const char *detail)
{
	const char *why = detail[0] != '\0' ? detail : curl_easy_strerror(code);
	const char *server = args_value(&cli->args, "server");
	long os_error = 0;

	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error);
	if (code == CURLE_OUT_OF_MEMORY)
		return cli_say(cli, EXIT_INTERNAL, NULL, "not enough memory");
	if (code == CURLE_WRITE_ERROR)
		return cli_say(cli, EXIT_INTERNAL, NULL, "the answer is larger than 1 GiB");
	if (server == NULL)
		return failed_at_socket(cli, code, os_error, why);
	if (code == CURLE_SSL_CACERT_BADFILE)
		return cli_say(cli, EXIT_INPUT, NULL, "--ca-file: %s", why);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return cli_say(cli, EXIT_UNREACHABLE,
		    "--ca-file FILE trusts a CA, --fingerprint SHA256 trusts this certificate alone",
		    "the certificate of %s is not trusted: %s", server, why);
	return cli_say(cli, EXIT_UNREACHABLE,
	    "is the daemon running there, and listening on this address?", "could not reach %s: %s",
	    server, why);
}

static void
set_common(CURL *curl, const struct sending *s, struct answer *out, char *detail)
{
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_S);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "certwright/" CERTWRIGHT_VERSION);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out->body);
	if (s->type != NULL) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, s->body);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, s->method);
}

int
http_send(struct cli *cli, const struct sending *s, struct answer *out)
{
	AUTO(CURL) CURL *curl = curl_easy_init();
	AUTO(slist) struct curl_slist *headers = NULL;
	AUTO_CLOSE int folder = -1;
	const char *server = args_value(&cli->args, "server");
	char detail[CURL_ERROR_SIZE] = "", *base;
	unsigned char pin[32];
	size_t len;
	CURLcode code;
	int rc;

	if (curl == NULL)
		return cli_say(cli, EXIT_INTERNAL, NULL, "not enough memory");
	headers = curl_slist_append(headers, "Expect:");
	if (s->type != NULL)
		headers = curl_slist_append(
		    headers, arena_printf(cli->arena, "Content-Type: %s", s->type));
	if (s->once != NULL)
		headers = curl_slist_append(
		    headers, arena_printf(cli->arena, "Idempotency-Key: %s", s->once));
	set_common(curl, s, out, detail);
	if (server != NULL) {
		if ((rc = aim_at_server(cli, curl, pin, &headers)) != 0)
			return rc;
		base = arena_strdup(cli->arena, server);
		for (len = strlen(base); len > 0 && base[len - 1] == '/'; len--)
			base[len - 1] = '\0';
	} else {
		base = arena_strdup(cli->arena, "http://localhost");
		curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
		curl_easy_setopt(
		    curl, CURLOPT_UNIX_SOCKET_PATH, socket_path(cli, data_dir_of(cli), &folder));
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_URL, arena_printf(cli->arena, "%s%s", base, s->path));
	if ((code = curl_easy_perform(curl)) != CURLE_OK)
		return failed(cli, curl, code, detail);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
	return 0;
}
