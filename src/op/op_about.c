/*
 * op_about.c - what this system is: facts for status and System License
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "op/house.h"
#include "op/op_about.h"
#include "store/store.h"

const struct notice notices[] = {
	{ "OpenSSL", "Apache-2.0", "cryptography, certificates, TLS" },
	{ "libevent", "BSD-3-Clause", "HTTP" },
	{ "SQLite", "public domain", "database" },
	{ "jansson", "MIT", "JSON" },
	{ "libcurl", "curl", "command line" },
	{ "zlib", "Zlib", "used by other libraries here" },
	{ "libzip", "BSD-3-Clause", "ZIP files" },
	{ "libseccomp", "LGPL-2.1", "sandbox" },
	{ "libargon2", "CC0-1.0 or Apache-2.0", "passwords" },
	{ "zxcvbn-c", "MIT; two of its word lists CC-BY-SA-3.0", "strength of passwords" },
	{ "libqrencode", "LGPL-2.1-or-later", "QR codes" },
	{ "libidn2, libunistring", "LGPL-3.0-or-later (of its two licences)",
	    "international domain names" },
	{ "libpsl", "MIT", "public suffixes" },
	{ "Public Suffix List", "MPL-2.0", "read as a file" },
	{ "tzdata, iso3166.tab", "public domain", "list of countries" },
};
const size_t nnotices = nitems(notices);

/* "a, b, c" of names kept one a line; the common name first. */
static const char *
names_line(struct ctx *cx, const char *common_name, const char *names)
{
	AUTO_BUF struct buf b = { 0 };
	const char *p, *eol;

	if (common_name != NULL)
		buf_put_text(&b, common_name);
	for (p = names == NULL ? "" : names; *p != '\0'; p = *eol == '\0' ? eol : eol + 1) {
		size_t n = (size_t)((eol = strchrnul(p, '\n')) - p);

		if (n == 0 ||
		    (common_name != NULL && strlen(common_name) == n &&
			strncmp(common_name, p, n) == 0))
			continue;
		if (b.len > 0)
			buf_put_text(&b, ", ");
		buf_put(&b, p, n);
	}
	return arena_strdup(cx->arena, buf_text(&b));
}

static int
about_identities(struct ctx *cx, struct about *a)
{
	struct identity *list;
	struct cert_row cert;
	size_t n;

	if (store_identity_list(cx, &list, &n) < 0)
		return -1;
	a->identities = (int64_t)n;
	a->nnames = n;
	a->names = arena_new_array(cx->arena, n + 1, struct about_names);
	for (size_t i = 0; i < n; i++) {
		struct about_names *o = &a->names[i];

		o->identity = list[i].name;
		o->names = names_line(cx, list[i].common_name, list[i].names);
		if (list[i].active[0] == '\0')
			continue;
		if (store_cert_load(cx, list[i].active, &cert) < 0)
			return -1;
		o->covered_by = cert.subject;
		o->not_after = cert.not_after;
		o->self_signed = strcmp(cert.origin, "self-signed") == 0;
		if (o->names[0] == '\0')
			o->names = names_line(cx, NULL, cert.names);
	}
	return 0;
}

static const char *
database_line(struct ctx *cx)
{
	/* relative: the daemon's working directory is the data directory */
	static const char *const files[] = { "certwright.db", "certwright.db-wal" };
	long long size = 0;
	struct stat st;

	for (size_t i = 0; i < nitems(files); i++)
		if (stat(files[i], &st) == 0)
			size += st.st_size;
	return size < 1000000
	    ? arena_printf(cx->arena, "SQLite, embedded, %lld kB", size / 1000)
	    : arena_printf(cx->arena, "SQLite, embedded, %.1f MB", (double)size / 1e6);
}

int
op_about(struct ctx *cx, struct about *a)
{
	const struct house *h = cx->house;
	unsigned char hash[32];
	int64_t super;

	memset(a, 0, sizeof(*a));
	a->version = CERTWRIGHT_VERSION;
	a->openssl = OpenSSL_version(OPENSSL_VERSION);
	a->database = database_line(cx);
	a->instance = h->instance;
	a->sandbox = h->sandbox;
	a->started_at = h->started_at;
	if (!EVP_Digest(h->audit_spki, h->audit_spki_len, hash, NULL, EVP_sha256(), NULL))
		return err_set(&cx->err, R_INTERNAL, NULL, "SHA-256 is not available");
	a->audit_key = hex_of(cx->arena, hash, sizeof(hash));
	if (store_account_count(cx, &a->accounts, &super) < 0 ||
	    store_audit_head(cx, &a->audit_sequence, hash) < 0 ||
	    keys_state(cx->keeper, &a->keeper, &cx->err) < 0)
		return -1;
	return about_identities(cx, a);
}
