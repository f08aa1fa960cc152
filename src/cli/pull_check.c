/*
 * pull_check.c - is what came the certificate that was asked for?
 */
#include <limits.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/io.h"
#include "cli/pull.h"

#define DAY	   86400
#define SHORT_LIFE (10 * DAY)

DEFINE_AUTO(bio, BIO, BIO_free_all)
DEFINE_AUTO(store, X509_STORE, X509_STORE_free)
DEFINE_AUTO(store_ctx, X509_STORE_CTX, X509_STORE_CTX_free)

static void
free_stack(STACK_OF(X509) * s)
{
	sk_X509_pop_free(s, X509_free);
}
DEFINE_AUTO(certs, STACK_OF(X509), free_stack)

static X509 *
read_one(const void *pem, size_t len)
{
	AUTO(bio) BIO *b = BIO_new_mem_buf(pem, len > INT_MAX ? 0 : (int)len);
	X509 *x = b == NULL ? NULL : PEM_read_bio_X509(b, NULL, NULL, NULL);

	ERR_clear_error();
	return x;
}

static int
wrong(struct cli *cli, const char *why)
{
	return cli_say(cli, EXIT_REFUSED, "nothing was changed; --force asks anew",
	    "what came is not what was asked for: %s", why);
}

/* ---- whom it must lead to --------------------------------------------------------------- */

/* The certificates of --issuer-file; without it the last that came. */
static int
trusted(struct cli *cli, X509 *last, X509_STORE *store)
{
	const char *path = args_value(&cli->args, "issuer-file");
	AUTO_BUF struct buf file = { 0 };
	AUTO(bio) BIO *b = NULL;
	X509 *x;
	int n = 0, rc;

	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	if (path == NULL)
		return last != NULL && X509_STORE_add_cert(store, last) == 1
		    ? 0
		    : wrong(cli, "no issuer came with it, and --issuer-file names none");
	if ((rc = read_input(cli, path, PULL_FILE_MAX, &file)) != 0)
		return rc;
	b = BIO_new_mem_buf(file.data, (int)file.len);
	for (; (x = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL; n++) {
		X509_STORE_add_cert(store, x);
		X509_free(x);
	}
	ERR_clear_error();
	return n > 0 ? 0 : cli_say(cli, EXIT_INPUT, "PEM is read", "%s has no certificate", path);
}

static int
verify(struct cli *cli, X509 *leaf, STACK_OF(X509) * chain)
{
	AUTO(store) X509_STORE *store = X509_STORE_new();
	AUTO(store_ctx) X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int n = sk_X509_num(chain), rc;

	if ((rc = trusted(cli, n == 0 ? NULL : sk_X509_value(chain, n - 1), store)) != 0)
		return rc;
	X509_STORE_CTX_init(ctx, store, leaf, chain);
	X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
	if (X509_verify_cert(ctx) == 1)
		return 0;
	ERR_clear_error();
	return wrong(cli, X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
}

/* ---- what came ------------------------------------------------------------------------------ */

static bool
has_names(X509 *leaf, const GENERAL_NAMES *names)
{
	AUTO(gens)
	GENERAL_NAMES *in = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);

	ERR_clear_error();
	return names_among(names, in);
}

static bool
is_of(const X509 *leaf, const struct buf *key)
{
	AUTO(bio) BIO *b = BIO_new_mem_buf(key->data, (int)key->len);
	AUTO(pkey) EVP_PKEY *k = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);
	bool same = k != NULL && X509_check_private_key(leaf, k) == 1;

	ERR_clear_error();
	return same;
}

static void
put_pem(const X509 *x, struct buf *out)
{
	AUTO(bio) BIO *b = BIO_new(BIO_s_mem());
	char *data;
	long n;

	PEM_write_bio_X509(b, (X509 *)(uintptr_t)x);
	n = BIO_get_mem_data(b, &data);
	buf_put(out, data, (size_t)n);
}

int
pull_check(struct cli *cli, const json_t *came, const struct buf *key, const GENERAL_NAMES *names,
    struct buf *cert, struct buf *chain)
{
	AUTO(certs) STACK_OF(X509) *issuers = sk_X509_new_null();
	AUTO(x509) X509 *leaf = NULL;
	const json_t *one;
	size_t i;
	int rc;

	json_array_foreach (came, i, one) {
		X509 *x = read_one(json_string_value(one), json_string_length(one));

		if (x == NULL)
			return wrong(cli, "it is no certificate");
		if (i == 0) {
			leaf = x;
			put_pem(x, cert);
		} else {
			sk_X509_push(issuers, x);
			put_pem(x, chain);
		}
	}
	if (leaf == NULL)
		return wrong(cli, "there is no certificate in it");
	if (!is_of(leaf, key))
		return wrong(cli, "it is for another key");
	if (!has_names(leaf, names))
		return wrong(cli, "it lacks one of the names");
	if ((rc = verify(cli, leaf, issuers)) != 0)
		return rc;
	return 0;
}

/* ---- what is in use ---------------------------------------------------------------------------
 */

X509 *
pull_current(struct cli *cli, const char *dir, const GENERAL_NAMES *names)
{
	AUTO_BUF struct buf file = { 0 };
	struct err ignored = { 0 };
	X509 *x;

	if (file_read(&file, arena_printf(cli->arena, "%s/current/cert.pem", dir), PULL_FILE_MAX,
		&ignored) < 0 ||
	    (x = read_one(file.data, file.len)) == NULL)
		return NULL;
	if (has_names(x, names))
		return x;
	X509_free(x);
	return NULL;
}

static int64_t
seconds_of(const ASN1_TIME *t)
{
	struct tm tm = { 0 };

	return ASN1_TIME_to_tm(t, &tm) == 1 ? timegm(&tm) : 0;
}

int64_t
pull_due(const X509 *x)
{
	int64_t from = seconds_of(X509_get0_notBefore(x)),
		life = seconds_of(X509_get0_notAfter(x)) - from;

	return life < SHORT_LIFE ? from + life / 2 : from + life - life / 3;
}
