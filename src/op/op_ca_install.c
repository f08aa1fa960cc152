/*
 * op_ca_install.c - issuing CAs that a CA elsewhere signed, or that come with their key
 */
#include <openssl/sha.h>

#include "op/ca_consent.h"
#include "op/ca_make.h"
#include "op/op_key.h"
#include "op/op_answer.h"
#include "op/op_trust.h"
#include "op/op_weak.h"
#include "x509/cert.h"
#include "x509/csr.h"

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)

struct pool {
	X509 **v;
	size_t n;
};

static void
pool_clear(struct pool *p)
{
	for (size_t i = 0; i < p->n; i++)
		X509_free(p->v[i]);
	p->n = 0;
}
#define AUTO_POOL __attribute__((cleanup(pool_clear)))

/* ---- a CSR for somebody else's root ------------------------------------------------ */

static int
compose(struct ctx *cx, struct ca_row *ca)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL;
	AUTO(csr) struct csr *csr = NULL;
	struct csr_wish w = { .common_name = ca->subject };
	const unsigned char *der;

	if (keys_open(ca->blob, ca->blob_len, ca->spki, ca->spki_len, PURPOSE_CSR, &key, &cx->err) <
		0 ||
	    csr_compose_spki(&csr, &w, key, ca->spki, ca->spki_len, &cx->err) < 0)
		return -1;
	der = csr_der(csr, &ca->csr_len);
	ca->csr = arena_dup(cx->arena, der, ca->csr_len);
	return 0;
}

/* The name may be a new one, or that of an authority that gets another CA. */
static int
next_number(struct ctx *cx, const char *name, bool *is_new, int64_t *number)
{
	struct ca_view v;

	*number = 1;
	*is_new = false;
	if (op_ca_show(cx, name, &v) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		*is_new = true;
		return 0;
	}
	for (size_t i = 0; i < v.n; i++)
		if (strcmp(v.v[i].role, "issuing") == 0 && v.v[i].number >= *number)
			*number = v.v[i].number + 1;
	return 0;
}

static int
keep_new(struct ctx *cx, const char *name, bool is_new, const struct ca_row *ca)
{
	struct authority_row a = {
		.name = name, .created_by = cx->actor.name, .created_at = cx->now
	};

	if (is_new && store_authority_insert(cx, &a) < 0)
		return -1;
	return store_ca_insert(cx, ca) < 0 ? -1 : op_weak_keep(cx, ca->spki, ca->spki_len);
}

static int
request(struct ctx *cx, const struct ca_order *o, struct ca_row *ca)
{
	struct ca_plan plan;
	bool is_new;

	*ca = (struct ca_row){ .authority = o->name, .role = "issuing", .state = "requested" };
	if (ca_plan(cx, o, &plan) < 0 || next_number(cx, o->name, &is_new, &ca->number) < 0)
		return -1;
	ca->subject = ca->number == 1
	    ? arena_printf(cx->arena, "%s Issuing CA", o->name)
	    : arena_printf(cx->arena, "%s Issuing CA %lld", o->name, (long long)ca->number);
	if (ca_make_key(cx, plan.type, false, ca) < 0 || compose(cx, ca) < 0)
		return -1;
	ca->subject = arena_printf(cx->arena, "CN=%s", ca->subject);
	if (db_begin(cx) < 0 || keep_new(cx, o->name, is_new, ca) < 0 ||
	    ca_record(cx, "ca.request", ca) < 0)
		return -1;
	return db_commit(cx);
}

int
op_ca_request(struct ctx *cx, const struct ca_order *o, struct ca_row *ca)
{
	ca_change_begin();
	return ca_change_end(cx, request(cx, o, ca));
}

/* ---- what came ------------------------------------------------------------------------ */

static int
read_pool(struct ctx *cx, const struct ca_files *f, struct pool *p)
{
	struct reader_bundle b;

	if (readers_bundle(cx->readers, f->files, f->n, f->passphrase, cx->arena, &b, &cx->err) < 0)
		return -1;
	p->v = arena_new_array(cx->arena, b.ncerts + 1, X509 *);
	for (; p->n < b.ncerts; p->n++)
		if (cert_parse(&p->v[p->n], b.certs[p->n].der, b.certs[p->n].len, &cx->err) < 0)
			return -1;
	return 0;
}

static X509 *
for_key(const struct pool *p, const unsigned char spki_sha256[32])
{
	unsigned char hash[32];

	for (size_t i = 0; i < p->n; i++) {
		cert_spki_sha256(p->v[i], hash);
		if (memcmp(hash, spki_sha256, sizeof(hash)) == 0)
			return p->v[i];
	}
	return NULL;
}

static bool
issued(X509 *x, X509 *by)
{
	return X509_check_issued(by, x) == X509_V_OK && X509_verify(x, X509_get0_pubkey(by)) == 1;
}

static X509 *
issuer_of(X509 *x, const struct pool *sent, X509 **others, size_t nothers)
{
	for (size_t i = 0; i < sent->n; i++)
		if (sent->v[i] != x && issued(x, sent->v[i]))
			return sent->v[i];
	for (size_t i = 0; i < nothers; i++)
		if (issued(x, others[i]))
			return others[i];
	return NULL;
}

/* All that is above it, as far as it is known, by signature. */
static int
put_chain(struct ctx *cx, X509 *x, const struct pool *sent, struct ca_row *ca)
{
	AUTO(trusted) X509 **others = NULL;
	AUTO_BUF struct buf chain = { 0 };
	size_t n = 0;

	if (op_trust_load(cx, &others, &n) < 0)
		return -1;
	for (int depth = 0; depth < LIMIT_CHAIN && X509_self_signed(x, 1) != 1; depth++) {
		const unsigned char *der;
		size_t len;

		if ((x = issuer_of(x, sent, others, n)) == NULL)
			break;
		der = cert_der(cx, x, &len);
		buf_put(&chain, der, len);
	}
	ca->chain = arena_dup(
	    cx->arena, chain.data == NULL ? "" : (const char *)chain.data, chain.len);
	ca->chain_len = chain.len;
	return 0;
}

/* In the open transaction: it signs from now on. */
static int
put_in_charge(struct ctx *cx, const struct ca_row *ca, const char *action)
{
	struct authority_row a;
	struct ca_row before;

	if (store_authority_load(cx, ca->authority, &a) < 0)
		return -1;
	if (a.issuing[0] != '\0' && strcmp(a.issuing, ca->id) != 0) {
		if (store_ca_load(cx, a.issuing, &before) < 0)
			return -1;
		before.state = "retired";
		if (store_ca_update(cx, &before) < 0)
			return -1;
	}
	memcpy(a.issuing, ca->id, ID_SIZE);
	return store_authority_update(cx, &a) < 0 || ca_trust(cx, ca) < 0
	    ? -1
	    : ca_record(cx, action, ca);
}

static int
take(struct ctx *cx, const struct pool *p, X509 *x, struct ca_row *ca)
{
	const unsigned char *der;
	size_t len;

	der = cert_der(cx, x, &len);
	return ca_take_certificate(cx, ca, der, len) < 0 ? -1 : put_chain(cx, x, p, ca);
}

/* The CA that waits for one of these certificates. */
static int
find_requested(struct ctx *cx, const struct pool *p, struct ca_row *ca, X509 **x)
{
	struct ca_row *all;
	size_t n;

	if (store_ca_list(cx, NULL, &all, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].state, "requested") == 0 &&
		    (*x = for_key(p, all[i].spki_sha256)) != NULL) {
			*ca = all[i];
			return 0;
		}
	err_set(&cx->err, R_CA_NO_REQUEST, NULL,
	    "none of these certificates is for a key of ours that waits for one");
	err_hint(&cx->err, "`certwright ca csr` makes the request that the other CA signs");
	return -1;
}

static int
install(struct ctx *cx, const struct ca_files *f, struct ca_row *ca)
{
	AUTO_POOL struct pool p = { 0 };
	X509 *x = NULL;

	if (read_pool(cx, f, &p) < 0 || find_requested(cx, &p, ca, &x) < 0 ||
	    take(cx, &p, x, ca) < 0)
		return -1;
	if (db_begin(cx) < 0 || store_ca_update(cx, ca) < 0 || op_trust_keep(cx, p.v, p.n) < 0 ||
	    put_in_charge(cx, ca, "ca.install") < 0)
		return -1;
	return db_commit(cx);
}

int
op_ca_install(struct ctx *cx, const struct ca_files *f, struct ca_row *ca)
{
	ca_change_begin();
	return ca_change_end(cx, install(cx, f, ca));
}

/* ---- one that comes with its key --------------------------------------------------------- */

static int
import_key(struct ctx *cx, const struct key_file *k, const struct consent *c, struct ca_row *ca)
{
	struct key_wish w = { .id = ca->key,
		.tenant = cx->tenant,
		.purposes = PURPOSE_CSR | PURPOSE_CERT | PURPOSE_CRL,
		.tickets = c->tickets,
		.tickets_len = c->len };
	struct key_made made;

	id_new(ca->id);
	id_new(ca->key);
	if (ca_import_key(cx, &w, k, &made) < 0 ||
	    op_weak_check_new(cx, made.spki, made.spki_len) < 0)
		return -1;
	ca_put_key(cx, ca, &made);
	return 0;
}

/*
 * One key is that of one CA here: two would each list only what itself revoked,
 * under the same name and numbers. The same CA comes back after it was retired.
 * 1: it does, and *ca is its row; 0: the key is new.
 */
static int
was_here(struct ctx *cx, const char *name, X509 *x, struct ca_row *ca)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	const unsigned char *der;
	struct ca_row *all;
	size_t n, len;

	der = cert_der(cx, x, &len);
	SHA256(der, len, hash);
	if (store_ca_list(cx, NULL, &all, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (memcmp(all[i].spki_sha256, ca->spki_sha256, sizeof(ca->spki_sha256)) != 0)
			continue;
		if (strcmp(all[i].state, "retired") == 0 && strcmp(all[i].authority, name) == 0 &&
		    memcmp(all[i].sha256, hash, sizeof(hash)) == 0) {
			*ca = all[i];
			ca->state = "active";
			return 1;
		}
		err_set(&cx->err, R_CA_EXISTS, "key", "the key is here already: it is that of %s",
		    all[i].authority);
		return err_hint(&cx->err,
		    "a retired CA comes back with the certificate that it had, under its name");
	}
	return 0;
}

/* Of what was sent, the CA that certifies none of the others. */
static X509 *
lowest(const struct pool *p)
{
	for (size_t i = 0; i < p->n; i++) {
		bool certifies = false;

		for (size_t k = 0; k < p->n; k++)
			certifies |= k != i && issued(p->v[k], p->v[i]);
		if (!certifies)
			return p->v[i];
	}
	return NULL;
}

/* Two custodians take in the key of this certificate, and no other. */
static int
import_consent(struct ctx *cx, const char *name, const struct pool *p, const char *code,
    struct consent *c, const char **text)
{
	struct ca_act act = { .authority = name, .act = "import", .code = code };
	unsigned char hash[32] = { 0 };
	X509 *x = lowest(p);

	if (x != NULL)
		cert_spki_sha256(x, hash);
	act.text = *text = ca_import_text(cx, hash);
	return ca_gather(cx, &act, c);
}

static int
import(struct ctx *cx, const char *name, const struct ca_files *f, const struct key_file *k,
    const char *code, struct consent *c, struct ca_row *ca)
{
	struct ca_order o = { .name = name };
	const char *text;
	AUTO_POOL struct pool p = { 0 };
	struct ca_plan plan;
	bool is_new;
	X509 *x;
	int r;

	*ca = (struct ca_row){ .authority = name, .role = "issuing" };
	if (ca_plan(cx, &o, &plan) < 0 || next_number(cx, name, &is_new, &ca->number) < 0 ||
	    read_pool(cx, f, &p) < 0 || import_consent(cx, name, &p, code, c, &text) < 0)
		return -1;
	if (c->waiting)
		return 0;
	if (import_key(cx, k, c, ca) < 0)
		return -1;
	ca_spent(cx, text);
	if ((x = for_key(&p, ca->spki_sha256)) == NULL) {
		err_set(&cx->err, R_CA_KEY_OTHER, "key", "the key is none of these certificates'");
		return err_hint(&cx->err, "give the CA's certificate and its own key");
	}
	if ((r = was_here(cx, name, x, ca)) < 0 || (r == 0 && take(cx, &p, x, ca) < 0) ||
	    db_begin(cx) < 0 ||
	    (r == 0 ? keep_new(cx, name, is_new, ca) : store_ca_update(cx, ca)) < 0 ||
	    op_trust_keep(cx, p.v, p.n) < 0 || put_in_charge(cx, ca, "ca.import") < 0)
		return -1;
	return db_commit(cx);
}

int
op_ca_import(struct ctx *cx, const char *name, const struct ca_files *f, const struct key_file *k,
    const char *code, struct consent *c, struct ca_row *ca)
{
	memset(c, 0, sizeof(*c));
	ca_change_begin();
	return ca_change_end(cx, import(cx, name, f, k, code, c, ca));
}
