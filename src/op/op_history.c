/*
 * op_history.c - what a CA issued and revoked before it came here
 */
#include <jansson.h>

#include "op/ca_make.h"
#include "op/ca_sign.h"
#include "op/history_keep.h"
#include "op/op_answer.h"
#include "op/op_history.h"
#include "op/op_pki.h"
#include "op/op_sheet.h"
#include "x509/cert.h"
#include "x509/pem.h"

#define OWN "it is the CA's own certificate"

DEFINE_AUTO(X509, X509, X509_free)

const char *const history_acts[HISTORY_ACTS] = { "imported", "completed", "revoked", "known",
	"skipped" };

/* What one request brought, read. */
struct reading {
	const struct history_order *order;
	struct ca_row ca;
	X509 *issuer;
	struct history_wish *wishes; /* one for each item of `out` that was not skipped */
	struct history_line *lines;
	size_t nlines;
	bool changes_cas;
	struct history *out;
};

static struct history_item *
add_item(struct reading *r, const char *source)
{
	struct history_item *it = &r->out->v[r->out->n++];

	it->source = source;
	return it;
}

static void
skip(struct history_item *it, const char *reason)
{
	it->act = HISTORY_SKIPPED;
	it->reason = reason;
}

/* ---- the CA ---------------------------------------------------------------------- */

static int
find_ca(struct ctx *cx, struct reading *r)
{
	struct authority_row a;

	if (store_authority_load(cx, r->order->authority, &a) < 0)
		return -1;
	if (a.issuing[0] == '\0' || store_ca_load(cx, a.issuing, &r->ca) < 0 || r->ca.der == NULL) {
		err_set(&cx->err, R_CA_RETIRED, NULL,
		    "the authority %s issues nothing: it has no certificate", r->order->authority);
		return err_hint(&cx->err, "`certwright ca import` brings it here first");
	}
	return cert_parse(&r->issuer, r->ca.der, r->ca.der_len, &cx->err);
}

/* ---- index.txt ------------------------------------------------------------------- */

static size_t
count_lines(const char *text)
{
	size_t n = 0;

	for (const char *p = text; p != NULL && *p != '\0'; n++)
		p = *(p = strchrnul(p, '\n')) == '\0' ? p : p + 1;
	return n;
}

/* Lines that can be used wait in r->lines; the others are items at once. */
static void
read_lines(struct ctx *cx, struct reading *r, const char **sources)
{
	int64_t number = r->order->first_line > 0 ? r->order->first_line : 1;
	const char *p = r->order->index, *fault;

	for (; p != NULL && *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n', number++) {
		size_t len = strcspn(p, "\n");
		const char *source = arena_printf(
		    cx->arena, "index.txt line %lld", (long long)number);

		len -= len > 0 && p[len - 1] == '\r';
		if (len == 0)
			continue;
		if (history_line(cx->arena, p, len, &r->lines[r->nlines], &fault) < 0)
			skip(add_item(r, source), fault);
		else
			sources[r->nlines++] = source;
	}
}

static size_t
line_of(const struct reading *r, const char *serial)
{
	for (size_t i = r->nlines; i > 0; i--)
		if (r->lines[i - 1].serial != NULL && strcmp(r->lines[i - 1].serial, serial) == 0)
			return i - 1;
	return SIZE_MAX;
}

/* ---- certificates ------------------------------------------------------------------ */

static int
read_der(struct ctx *cx, const struct reader_file *f, X509 **x, const char **fault)
{
	const char *text = f->data;
	unsigned char *der;
	struct pem_block block;
	struct err why = { 0 };
	size_t len = f->len;
	int r;

	if (len > 0 && text[0] == 0x30)
		r = cert_parse(x, text, len, &why);
	else if (pem_next(&text, &len, &block) != 1 || !pem_label_is(&block, "CERTIFICATE") ||
	    pem_decode(cx->arena, &block, &der, &len) < 0)
		r = err_set(&why, R_CERT_DER, NULL, "this is no certificate, neither PEM nor DER");
	else
		r = cert_parse(x, der, len, &why);
	if (r < 0)
		*fault = arena_strdup(cx->arena, why.message);
	return r;
}

/* In words; NULL: it is one that this CA issued. */
static const char *
not_of(const struct reading *r, X509 *x)
{
	if (X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(r->issuer)) != 0)
		return "its issuer is another CA";
	if (X509_verify(x, X509_get0_pubkey(r->issuer)) != 1)
		return "the CA's key did not sign it";
	if (X509_cmp(x, r->issuer) == 0)
		return OWN;
	return NULL;
}

static int
read_certificate(
    struct ctx *cx, struct reading *r, const struct reader_file *f, struct issued_row *row)
{
	struct history_item *it = add_item(
	    r, f->name == NULL ? "a file" : arena_strdup(cx->arena, f->name));
	struct history_wish *w = &r->wishes[r->out->n - 1];
	AUTO(X509) X509 *x = NULL;
	const unsigned char *der;
	const char *fault;
	size_t len, line;

	if (read_der(cx, f, &x, &fault) < 0 || (fault = not_of(r, x)) != NULL) {
		if (fault != NULL && strcmp(fault, OWN) == 0 &&
		    (line = line_of(r, r->ca.serial)) != SIZE_MAX)
			r->lines[line].serial = NULL;
		skip(it, fault);
		return 0;
	}
	it->serial = cert_serial(cx->arena, x);
	if (it->serial[0] == '-' || strlen(it->serial) > 40) {
		skip(it, "its serial number is none of 1 to 20 octets (RFC 5280 section 4.1.2.2)");
		return 0;
	}
	der = cert_der(cx, x, &len);
	w->is_ca = cert_is_ca(x);
	if (ca_issued_row_of(cx, der, len, r->ca.id, w->is_ca ? "ca" : HISTORY_PROFILE, row) < 0) {
		skip(it, arena_strdup(cx->arena, cx->err.message));
		err_clear(&cx->err);
		return 0;
	}
	row->created_at = row->not_before;
	w->certificate = row;
	if ((line = line_of(r, row->serial)) != SIZE_MAX) {
		w->line = arena_dup(cx->arena, &r->lines[line], sizeof(r->lines[line]));
		r->lines[line].serial = NULL; /* it has its certificate */
	}
	r->changes_cas |= w->is_ca;
	return 0;
}

/* The CA's own number stands in its own index, too, when it signed itself. */
static bool
is_own_number(const struct reading *r, const struct history_line *l)
{
	return strcmp(l->serial, r->ca.serial) == 0 && cert_self_issued(r->ca.der, r->ca.der_len);
}

static void
take_lines_alone(struct reading *r, const char **sources)
{
	for (size_t i = 0; i < r->nlines; i++) {
		const struct history_line *l = &r->lines[i];

		if (l->serial == NULL)
			continue;
		r->wishes[r->out->n] = (struct history_wish){ .line = l };
		if (is_own_number(r, l))
			skip(add_item(r, sources[i]), OWN);
		else
			add_item(r, sources[i]);
	}
}

static int
read_all(struct ctx *cx, struct reading *r)
{
	const struct history_order *o = r->order;
	size_t lines = count_lines(o->index), most = lines + o->n + 1;
	const char **sources = arena_new_array(cx->arena, lines + 1, const char *);
	struct issued_row *rows = arena_new_array(cx->arena, o->n + 1, struct issued_row);

	if (lines > LIMIT_HISTORY_LINES || o->n > LIMIT_HISTORY_FILES) {
		err_set(&cx->err, R_HISTORY_MANY, o->n > LIMIT_HISTORY_FILES ? "files" : "index",
		    "at most %d certificates and %d lines of index.txt at once",
		    LIMIT_HISTORY_FILES, LIMIT_HISTORY_LINES);
		return err_hint(&cx->err, "send them in parts, as `certwright ca import-history`");
	}
	r->out->v = arena_new_array(cx->arena, most, struct history_item);
	r->wishes = arena_new_array(cx->arena, most, struct history_wish);
	r->lines = arena_new_array(cx->arena, lines + 1, struct history_line);
	read_lines(cx, r, sources);
	for (size_t i = 0; i < o->n; i++)
		if (read_certificate(cx, r, &o->files[i], &rows[i]) < 0)
			return -1;
	take_lines_alone(r, sources);
	return 0;
}

/* ---- kept -------------------------------------------------------------------------- */

static int
keep_all(struct ctx *cx, struct reading *r)
{
	for (size_t i = 0; i < r->out->n; i++) {
		struct history_item *it = &r->out->v[i];

		if (it->act == HISTORY_SKIPPED)
			continue;
		r->wishes[i].ca = &r->ca;
		if (history_keep(cx, &r->wishes[i], it) < 0)
			return -1;
	}
	return 0;
}

/* Whoever reads lists takes the one with the greater number. */
static int
keep_number(struct ctx *cx, struct reading *r, bool *raised)
{
	const char *text = r->order->crl_number;
	unsigned char bytes[32];
	int64_t next = 0;
	size_t n = 0;

	*raised = false;
	if (store_ca_load(cx, r->ca.id, &r->ca) < 0)
		return -1;
	r->out->crl_number = r->ca.crl_number;
	if (text == NULL || text[0] == '\0')
		return 0;
	if (hex_decode(bytes, sizeof(bytes), text, &n) < 0 || n < 1 || n > 7)
		return err_set(&cx->err, R_HISTORY_NUMBER, "crl_number",
		    "\"%.40s\" is no number of a list: 1 to 7 octets, hexadecimal", text);
	for (size_t i = 0; i < n; i++)
		next = next << 8 | bytes[i];
	if (next - 1 <= r->ca.crl_number)
		return 0;
	*raised = true;
	r->out->crl_number = next - 1;
	return store_ca_set_crl_number(cx, r->ca.id, next - 1);
}

static void
count(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		h->count[h->v[i].act]++;
}

static json_t *
serials_of(const struct history *h, bool revoked)
{
	json_t *all = json_array();

	for (size_t i = 0; i < h->n; i++) {
		const struct history_item *it = &h->v[i];

		if (it->act < HISTORY_KNOWN && (it->revoked_at > 0) == revoked)
			json_array_append_new(all, json_string(it->serial));
	}
	return all;
}

static int
record(struct ctx *cx, const struct reading *r)
{
	json_t *o = json_pack("{ss,so,so,sI}", "ca", r->ca.id, "revoked", serials_of(r->out, true),
	    "serials", serials_of(r->out, false), "crl_number", (json_int_t)r->out->crl_number);

	return audit(cx, "ca.import-history", r->order->authority, json_text(cx, o));
}

static int
keep(struct ctx *cx, struct reading *r)
{
	bool raised, changed;

	if (db_begin(cx) < 0 || keep_all(cx, r) < 0 || keep_number(cx, r, &raised) < 0)
		return -1;
	count(r->out);
	changed = raised ||
	    r->out->count[HISTORY_KNOWN] + r->out->count[HISTORY_SKIPPED] < r->out->n;
	if (r->order->dry_run || !changed) {
		db_rollback(cx);
		return 0;
	}
	if (record(cx, r) < 0 || db_commit(cx) < 0)
		return -1;
	for (size_t i = 0; i < r->out->n; i++)
		if (r->out->v[i].act < HISTORY_KNOWN)
			pki_changed(r->ca.id, r->out->v[i].serial, 0);
	return 0;
}

static int
run(struct ctx *cx, struct reading *r)
{
	if (find_ca(cx, r) < 0 || read_all(cx, r) < 0)
		return -1;
	if (!r->changes_cas || r->order->dry_run)
		return keep(cx, r);
	ca_change_begin();
	return ca_change_end(cx, keep(cx, r));
}

int
op_history(struct ctx *cx, const struct history_order *o, struct history *out)
{
	struct reading r = { .order = o, .out = out };
	int rc;

	memset(out, 0, sizeof(*out));
	rc = run(cx, &r);
	X509_free(r.issuer);
	return rc;
}
