/*
 * pull_request.c - a key that is made here, and its request, until it is answered
 *
 * DIR/pending has key.pem, request.pem and, once the server told it, id. It is there
 * as long as request.pem is.
 */
#include <sys/stat.h>

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/io.h"
#include "cli/pull.h"

#define CN_MAX 64 /* characters of a common name (RFC 5280) */

DEFINE_AUTO(bio, BIO, BIO_free_all)
DEFINE_AUTO(req, X509_REQ, X509_REQ_free)

/* ---- names ------------------------------------------------------------------------- */

static bool
is_dns(const char *s)
{
	if (strncmp(s, "*.", 2) == 0)
		s += 2;
	return strchr(s, '.') != NULL && strstr(s, "..") == NULL && strlen(s) <= 253 &&
	    s[0] != '.' && s[strlen(s) - 1] != '.' &&
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0';
}

/* NULL: it is neither. */
static GENERAL_NAME *
one_name(struct cli *cli, const char *given)
{
	unsigned char address[sizeof(struct in6_addr)];
	GENERAL_NAME *g = GENERAL_NAME_new();
	char *s = arena_strdup(cli->arena, given);
	ASN1_STRING *value;
	bool v4 = inet_pton(AF_INET, s, address) == 1, v6 = inet_pton(AF_INET6, s, address) == 1;

	for (char *p = s; *p != '\0'; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 'a' - 'A') : *p;
	if (!v4 && !v6 && !is_dns(s)) {
		GENERAL_NAME_free(g);
		return NULL;
	}
	if (v4) /* the bytes of the second try are not its */
		inet_pton(AF_INET, s, address);
	value = v4 || v6 ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
	if (v4 || v6)
		ASN1_STRING_set(value, address, v4 ? 4 : 16);
	else
		ASN1_STRING_set(value, s, -1);
	GENERAL_NAME_set0_value(g, v4 || v6 ? GEN_IPADD : GEN_DNS, value);
	return g;
}

int
pull_names(struct cli *cli, GENERAL_NAMES **out)
{
	const struct args *a = &cli->args;
	GENERAL_NAME *g;

	*out = GENERAL_NAMES_new();
	for (size_t i = 0; i < a->ngiven; i++) {
		if (strcmp(a->given[i].option->name, "name") != 0)
			continue;
		if ((g = one_name(cli, a->given[i].value)) == NULL)
			return cli_say(cli, EXIT_USAGE,
			    "letters beyond ASCII are written as xn--...",
			    "--name %s: neither a full DNS name nor an IP address",
			    a->given[i].value);
		sk_GENERAL_NAME_push(*out, g);
	}
	return 0;
}

static bool
same_name(const GENERAL_NAME *a, const GENERAL_NAME *b)
{
	int ta, tb;
	const ASN1_STRING *va = GENERAL_NAME_get0_value(a, &ta),
			  *vb = GENERAL_NAME_get0_value(b, &tb);
	int n;

	if (ta != tb || (ta != GEN_DNS && ta != GEN_IPADD) ||
	    (n = ASN1_STRING_length(va)) != ASN1_STRING_length(vb))
		return false;
	if (ta == GEN_IPADD)
		return memcmp(ASN1_STRING_get0_data(va), ASN1_STRING_get0_data(vb), (size_t)n) == 0;
	return strncasecmp((const char *)ASN1_STRING_get0_data(va),
		   (const char *)ASN1_STRING_get0_data(vb), (size_t)n) == 0;
}

bool
names_among(const GENERAL_NAMES *these, const GENERAL_NAMES *them)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(these); i++) {
		bool there = false;

		for (int j = 0; !there && j < sk_GENERAL_NAME_num(them); j++)
			there = same_name(
			    sk_GENERAL_NAME_value(these, i), sk_GENERAL_NAME_value(them, j));
		if (!there)
			return false;
	}
	return true;
}

/* ---- key and request ----------------------------------------------------------------- */

static EVP_PKEY *
new_key(const char *type)
{
	if (strncmp(type, "rsa:", 4) == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)strtoul(type + 4, NULL, 10));
	if (strncmp(type, "ec:", 3) == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", type + 3);
	return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

/* The first DNS name that fits; a request may be without. */
static int
put_subject(X509_REQ *r, const GENERAL_NAMES *names)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		int type;
		const ASN1_STRING *v = GENERAL_NAME_get0_value(
		    sk_GENERAL_NAME_value(names, i), &type);

		if (type == GEN_DNS && ASN1_STRING_length(v) <= CN_MAX)
			return X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(r),
			    NID_commonName, MBSTRING_UTF8, ASN1_STRING_get0_data(v),
			    ASN1_STRING_length(v), -1, 0);
	}
	return 1;
}

static X509_REQ *
new_request(EVP_PKEY *key, const GENERAL_NAMES *names)
{
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	X509_REQ *r = X509_REQ_new();
	bool ed = EVP_PKEY_is_a(key, "ED25519") == 1;
	bool made = X509_REQ_set_version(r, 0) == 1 && X509_REQ_set_pubkey(r, key) == 1 &&
	    put_subject(r, names) == 1 &&
	    X509V3_add1_i2d(&exts, NID_subject_alt_name, (void *)(uintptr_t)names, 0, 0) == 1 &&
	    X509_REQ_add_extensions(r, exts) == 1 &&
	    X509_REQ_sign(r, key, ed ? NULL : EVP_sha256()) > 0;

	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	if (!made) {
		X509_REQ_free(r);
		return NULL;
	}
	return r;
}

static void
take_bio(BIO *b, struct buf *out)
{
	char *data;
	long n = BIO_get_mem_data(b, &data);

	buf_put(out, data, (size_t)n);
}

static int
make(struct cli *cli, const GENERAL_NAMES *names, struct buf *key, struct buf *csr)
{
	const char *type = args_value(&cli->args, "type");
	AUTO(pkey) EVP_PKEY *k = new_key(type == NULL ? "ec:P-256" : type);
	AUTO(req) X509_REQ *r = k == NULL ? NULL : new_request(k, names);
	AUTO(bio) BIO *secret = BIO_new(BIO_s_mem()), *text = BIO_new(BIO_s_mem());
	char *data;
	long n;

	if (r == NULL || PEM_write_bio_PrivateKey(secret, k, NULL, NULL, 0, NULL, NULL) != 1 ||
	    PEM_write_bio_X509_REQ(text, r) != 1) {
		ERR_clear_error();
		return cli_say(cli, EXIT_USAGE, "`certwright key generate --help` lists the types",
		    "no key of type %s could be made", type == NULL ? "ec:P-256" : type);
	}
	take_bio(secret, key);
	take_bio(text, csr);
	if ((n = BIO_get_mem_data(secret, &data)) > 0)
		OPENSSL_cleanse(data, (size_t)n);
	return 0;
}

/* ---- DIR/pending ------------------------------------------------------------------------ */

static char *
at(struct cli *cli, const char *dir, const char *name)
{
	return arena_printf(cli->arena, "%s/pending/%s", dir, name);
}

int
pull_begin(struct cli *cli, const char *dir, const GENERAL_NAMES *names, struct buf *csr)
{
	AUTO_BUF struct buf key = { 0 };
	int rc;

	pull_end(cli, dir);
	if ((rc = make(cli, names, &key, csr)) != 0)
		return rc;
	if (mkdir(at(cli, dir, ""), 0700) < 0 && errno != EEXIST) {
		err_errno(&cli->err, "make %s", at(cli, dir, ""));
		return cli_fail(cli);
	}
	if (file_write(at(cli, dir, "key.pem"), key.data, key.len, 0600, &cli->err) < 0 ||
	    file_write(at(cli, dir, "request.pem"), csr->data, csr->len, 0644, &cli->err) < 0)
		return cli_fail(cli);
	return 0;
}

static bool
read_there(const char *path, struct buf *out)
{
	struct err ignored = { 0 };

	return file_read(out, path, PULL_FILE_MAX, &ignored) == 0 && out->len > 0;
}

bool
pull_pending(struct cli *cli, const char *dir, const GENERAL_NAMES *names, struct buf *csr)
{
	STACK_OF(X509_EXTENSION) *exts = NULL;
	AUTO(gens) GENERAL_NAMES *asked = NULL;
	AUTO(bio) BIO *b = NULL;
	AUTO(req) X509_REQ *r = NULL;

	if (!read_there(at(cli, dir, "request.pem"), csr))
		return false;
	b = BIO_new_mem_buf(csr->data, (int)csr->len);
	if ((r = PEM_read_bio_X509_REQ(b, NULL, NULL, NULL)) != NULL) {
		exts = X509_REQ_get_extensions(r);
		asked = X509V3_get_d2i(exts, NID_subject_alt_name, NULL, NULL);
		sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	}
	ERR_clear_error();
	if (asked != NULL && names_among(names, asked) && names_among(asked, names))
		return true;
	buf_reset(csr);
	return false;
}

const char *
pull_id(struct cli *cli, const char *dir)
{
	AUTO_BUF struct buf b = { 0 };

	return read_there(at(cli, dir, "id"), &b) ? arena_strdup(cli->arena, buf_text(&b)) : NULL;
}

int
pull_keep_id(struct cli *cli, const char *dir, const char *id)
{
	return file_write(at(cli, dir, "id"), id, strlen(id), 0644, &cli->err) < 0 ? cli_fail(cli)
										   : 0;
}

int
pull_key(struct cli *cli, const char *dir, struct buf *pem)
{
	return file_read(pem, at(cli, dir, "key.pem"), PULL_FILE_MAX, &cli->err) < 0 ? cli_fail(cli)
										     : 0;
}

void
pull_end(struct cli *cli, const char *dir)
{
	static const char *const files[] = { "request.pem", "id", "key.pem" };

	for (size_t i = 0; i < nitems(files); i++)
		unlink(at(cli, dir, files[i]));
	rmdir(at(cli, dir, ""));
}
