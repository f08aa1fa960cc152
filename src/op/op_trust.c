/*
 * op_trust.c - certificates of CAs that are known here
 */
#include <jansson.h>
#include <openssl/sha.h>

#include "op/house.h"
#include "op/line.h"
#include "op/op_sheet.h"
#include "op/op_trust.h"
#include "op/op_weak.h"
#include "x509/cert.h"
#include "x509/der.h"

DEFINE_AUTO(X509, X509, X509_free)

void
trusted_free(X509 **all)
{
	for (size_t i = 0; all != NULL && all[i] != NULL; i++)
		X509_free(all[i]);
}

int
op_trust_load(struct ctx *cx, X509 ***out, size_t *n)
{
	AUTO(trusted) X509 **all = NULL;
	struct trust_row *rows;
	size_t nrows;

	if (store_trust_list(cx, &rows, &nrows) < 0)
		return -1;
	all = arena_new_array(cx->arena, nrows + 1, X509 *);
	for (size_t i = 0; i < nrows; i++)
		if (cert_parse(&all[i], rows[i].der, rows[i].der_len, &cx->err) < 0)
			return -1;
	*out = all;
	*n = nrows;
	all = NULL;
	return 0;
}

/* Its own signature on it: a root. Only keys that key_check passed come here. */
static bool
is_root(X509 *x)
{
	return X509_self_signed(x, 1) == 1;
}

static int
check_key(struct ctx *cx, X509 *x, struct err *e)
{
	EVP_PKEY *key = X509_get0_pubkey(x);

	if (key == NULL)
		return err_set(
		    e, R_KEY_ALGORITHM, "key", "the algorithm of the key is not accepted");
	return key_check(key, op_weak(cx), false, e);
}

static int
fill_row(struct ctx *cx, X509 *x, const char *origin, struct trust_row *row)
{
	struct cert_facts f;
	unsigned char *der = NULL;
	int n;

	memset(row, 0, sizeof(*row));
	if (cert_facts(cx->arena, x, &f, &cx->err) < 0)
		return -1;
	if ((n = i2d_X509(x, &der)) <= 0)
		return err_nomem(&cx->err);
	id_new(row->id);
	row->der = arena_dup(cx->arena, der, (size_t)n);
	row->der_len = (size_t)n;
	OPENSSL_free(der);
	memcpy(row->sha256, f.sha256, sizeof(row->sha256));
	row->subject = f.subject;
	row->issuer = f.issuer;
	row->serial = f.serial;
	row->kind = is_root(x) ? "root" : "intermediate";
	row->origin = origin;
	row->not_before = f.not_before;
	row->not_after = f.not_after;
	row->created_at = cx->now;
	return 0;
}

/* In the open transaction: 1 new, 0 it was here, -1. */
static int
insert(struct ctx *cx, const struct trust_row *row)
{
	json_t *detail;

	if (store_trust_insert(cx, row) < 0)
		return -1;
	if (db_changes(cx) == 0)
		return 0;
	detail = json_pack("{ss,ss,ss}", "subject", row->subject, "sha256",
	    hex_of(cx->arena, row->sha256, sizeof(row->sha256)), "origin", row->origin);
	return audit(cx, "trust.add", row->id, json_text(cx, detail)) < 0 ? -1 : 1;
}

int
op_trust_keep(struct ctx *cx, X509 *const *certs, size_t n)
{
	struct err ignored = { 0 };
	struct trust_row row;

	for (size_t i = 0; i < n; i++) {
		if (!cert_is_ca(certs[i]) || check_key(cx, certs[i], &ignored) < 0)
			continue;
		if (fill_row(cx, certs[i], "answer", &row) < 0 || insert(cx, &row) < 0)
			return -1;
	}
	return 0;
}

/* ---- who uses them --------------------------------------------------------- */
static void
add_name(struct ctx *cx, const char ***names, size_t *n, const char *name)
{
	const char **more;

	if (*n > 0 && strcmp((*names)[*n - 1], name) == 0)
		return; /* its active and its previous certificate */
	more = arena_new_array(cx->arena, *n + 1, const char *);
	if (*n > 0)
		memcpy(more, *names, *n * sizeof(*more));
	more[(*n)++] = name;
	*names = more;
}

/* Does the chain, whose last certificate is `top`, end below this root? */
static bool
ends_below(X509 *top, const struct trust_row *root)
{
	AUTO(X509) X509 *r = NULL;
	struct err ignored = { 0 };

	return strcmp(root->kind, "root") == 0 &&
	    cert_parse(&r, root->der, root->der_len, &ignored) == 0 &&
	    X509_NAME_cmp(X509_get_issuer_name(top), X509_get_subject_name(r)) == 0 &&
	    X509_verify(top, X509_get0_pubkey(r)) == 1;
}

/* Note `name` at each of `list` that is in this certificate's chain, or above it. */
static int
note_users(
    struct ctx *cx, const struct cert_row *cert, const char *name, struct trust *list, size_t n)
{
	struct der chain = der_of(cert->chain, cert->chain_len), inner;
	struct der last = der_of(cert->der, cert->der_len);
	AUTO(X509) X509 *top = NULL;
	unsigned char hash[32];

	while (!der_at_end(&chain)) {
		if (der_expect_whole(&chain, DER_SEQUENCE, &inner, &last) < 0)
			return err_set(
			    &cx->err, R_DB_DAMAGED, NULL, "the stored chain cannot be read");
		SHA256(last.data, last.len, hash);
		for (size_t i = 0; i < n; i++)
			if (memcmp(hash, list[i].row.sha256, sizeof(hash)) == 0)
				add_name(cx, &list[i].used_by, &list[i].nused_by, name);
	}
	if (cert_parse(&top, last.data, last.len, &cx->err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (ends_below(top, &list[i].row))
			add_name(cx, &list[i].anchors, &list[i].nanchors, name);
	return 0;
}

static int
find_users(struct ctx *cx, struct trust *list, size_t n)
{
	struct identity *all;
	struct cert_row cert;
	size_t nall;

	if (n == 0)
		return 0;
	if (store_identity_list(cx, &all, &nall) < 0)
		return -1;
	for (size_t i = 0; i < nall; i++) {
		const char *ids[] = { all[i].active, all[i].previous };

		for (size_t k = 0; k < nitems(ids); k++) {
			if (ids[k][0] == '\0')
				continue;
			if (store_cert_load(cx, ids[k], &cert) < 0 ||
			    note_users(cx, &cert, all[i].name, list, n) < 0)
				return -1;
		}
	}
	return 0;
}

static struct trust *
with_rows(struct ctx *cx, const struct trust_row *rows, size_t n)
{
	struct trust *list = arena_new_array(cx->arena, n + 1, struct trust);

	for (size_t i = 0; i < n; i++)
		list[i].row = rows[i];
	return list;
}

int
op_trust_list(struct ctx *cx, struct trust **out, size_t *n)
{
	struct trust_row *rows;

	if (store_trust_list(cx, &rows, n) < 0)
		return -1;
	*out = with_rows(cx, rows, *n);
	return find_users(cx, *out, *n);
}

int
op_trust_one(struct ctx *cx, const char *id, struct trust *t)
{
	memset(t, 0, sizeof(*t));
	if (store_trust_load(cx, id, &t->row) < 0)
		return -1;
	return find_users(cx, t, 1);
}

const char *
op_trust_pem(struct ctx *cx, const struct trust *t)
{
	return cert_pem_of_der(cx->arena, t->row.der, t->row.der_len);
}

/* ---- add and remove -------------------------------------------------------- */
static int
judge(struct ctx *cx, const struct reader_object *o, struct trust_row *row)
{
	AUTO(X509) X509 *x = NULL;
	struct err e = { 0 };

	if (cert_parse(&x, o->der, o->len, &cx->err) < 0 || fill_row(cx, x, "added", row) < 0)
		return -1;
	if (!cert_is_ca(x)) {
		err_set(&cx->err, R_TRUST_NOT_CA, NULL, "%.200s is not the certificate of a CA",
		    row->subject);
		return err_hint(&cx->err,
		    "a server's own certificate goes to Server Certificate; nothing was added");
	}
	if (check_key(cx, x, &e) < 0) {
		err_set(&cx->err, e.refusal, NULL, "%.200s: %s", row->subject, e.message);
		return err_hint(&cx->err, "%s", e.hint[0] == '\0' ? "nothing was added" : e.hint);
	}
	return 0;
}

int
op_trust_add(struct ctx *cx, const struct reader_file *files, size_t n, const char *passphrase,
    struct trust_added *out)
{
	struct reader_bundle b;
	struct trust_row *rows;
	int rc;

	memset(out, 0, sizeof(*out));
	if (line_bundle(cx, files, n, passphrase, &b) < 0)
		return -1;
	rows = arena_new_array(cx->arena, b.ncerts + 1, struct trust_row);
	out->notes = arena_new_array(cx->arena, b.ncerts + b.nrepairs + b.nnotes + 1, const char *);
	for (size_t i = 0; i < b.ncerts; i++)
		if (judge(cx, &b.certs[i], &rows[i]) < 0)
			return -1;
	for (size_t i = 0; i < b.nrepairs; i++)
		out->notes[out->nnotes++] = arena_printf(cx->arena, "repaired: %s", b.repairs[i]);
	for (size_t i = 0; i < b.nnotes; i++)
		out->notes[out->nnotes++] = b.notes[i];
	if (db_begin(cx) < 0)
		return -1;
	for (size_t i = 0; i < b.ncerts; i++) {
		if ((rc = insert(cx, &rows[i])) < 0)
			return -1;
		if (rc == 0)
			out->notes[out->nnotes++] = arena_printf(
			    cx->arena, "%s was here already", rows[i].subject);
		else
			rows[out->n++] = rows[i];
	}
	if (db_commit(cx) < 0)
		return -1;
	out->v = with_rows(cx, rows, out->n);
	return find_users(cx, out->v, out->n);
}

int
op_trust_remove(struct ctx *cx, const char *id)
{
	struct trust t;
	const char *users;

	if (db_begin(cx) < 0 || op_trust_one(cx, id, &t) < 0)
		return -1;
	if (t.nused_by > 0) {
		users = t.used_by[0];
		for (size_t i = 1; i < t.nused_by && i < 5; i++)
			users = arena_printf(cx->arena, "%s, %s", users, t.used_by[i]);
		err_set(&cx->err, R_TRUST_IN_USE, NULL, "it is in the chain that %.300s serves%s",
		    users, t.nused_by > 5 ? " and others" : "");
		return err_hint(&cx->err,
		    "chains of the active and the previous certificate keep it; install a "
		    "certificate of another CA first");
	}
	if (store_trust_delete(cx, id) < 0 || audit(cx, "trust.remove", id, NULL) < 0)
		return -1;
	return db_commit(cx);
}
