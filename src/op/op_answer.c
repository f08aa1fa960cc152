/*
 * op_answer.c - what a CA sent, read and judged
 */
#include "fetch/fetch.h"
#include "op/house.h"
#include "op/line.h"
#include "op/op_answer.h"
#include "op/op_csr.h"
#include "op/op_sheet.h"
#include "op/op_submit.h"
#include "op/op_trust.h"
#include "op/op_weak.h"

#define FETCH_ISSUERS_MAX 4 /* one after another */

/* One reading of an answer. */
struct reading {
	struct ctx *cx;
	struct answer *a;
	size_t npool, ntrusted;
	struct sheet notes; /* of reader and chain */
};

void
answer_clear(struct answer *a)
{
	for (size_t i = 0; a->pool != NULL && a->pool[i] != NULL; i++)
		X509_free(a->pool[i]);
	trusted_free(a->trusted);
	a->pool = a->trusted = NULL;
}

const unsigned char *
cert_der(struct ctx *cx, X509 *cert, size_t *len)
{
	unsigned char *der = NULL;
	const unsigned char *copy;
	int n = i2d_X509(cert, &der);

	*len = n < 0 ? 0 : (size_t)n;
	copy = arena_dup(cx->arena, der == NULL ? (unsigned char *)"" : der, *len);
	OPENSSL_free(der);
	return copy;
}

/* ---- certificates out of the files ----------------------------------------- */

/* One that cannot be read is left out and said, unless there is no other. */
static int
parse_all(struct reading *rd, const struct reader_object *certs, size_t n)
{
	struct ctx *cx = rd->cx;
	struct err first = { 0 };

	rd->a->pool = arena_new_array(cx->arena, n + FETCH_ISSUERS_MAX + 1, X509 *);
	for (size_t i = 0; i < n; i++) {
		struct err why = { 0 };

		if (cert_parse(&rd->a->pool[rd->npool], certs[i].der, certs[i].len, &why) == 0) {
			rd->npool++;
			continue;
		}
		if (!err_is_set(&first))
			first = why;
		sheet_note(&rd->notes, "%.120s was left out: %.300s", certs[i].from, why.message);
	}
	if (rd->npool > 0)
		return 0;
	cx->err = first;
	return -1;
}

static int
read_files(struct reading *rd, const struct answer_input *in)
{
	struct ctx *cx = rd->cx;
	struct reader_bundle b;

	if (in->issued != NULL) /* we made it: it is not hostile */
		return parse_all(rd, in->issued, in->nissued);
	if (line_bundle(cx, in->files, in->n, in->passphrase, &b) < 0)
		return -1;
	for (size_t i = 0; i < b.nnotes; i++)
		sheet_note(&rd->notes, "%s", b.notes[i]);
	rd->a->repairs = b.repairs;
	rd->a->nrepairs = b.nrepairs;
	return parse_all(rd, b.certs, b.ncerts);
}

/* ---- whose key is it? --------------------------------------------------------- */

/* M3: for whom it was made, when the key is known here. */
static int
note_owner(struct reading *rd, const struct key_row *key)
{
	struct ctx *cx = rd->cx;
	struct request_row *list;
	struct identity i;
	size_t n;

	if (store_identity_load(cx, key->identity, &i) < 0 ||
	    store_request_list_by_spki(cx, key->spki_sha256, &list, &n) < 0)
		return -1;
	if (n > 0)
		sheet_note(&rd->notes, "it answers request %lld of %s, made on %s",
		    (long long)list[0].number, i.name, time_day(cx->arena, list[0].created_at));
	else
		sheet_note(&rd->notes, "it is for a key of %s", i.name);
	return 0;
}

static int
several(struct ctx *cx)
{
	err_set(&cx->err, R_CHAIN_SEVERAL, "files",
	    "the answer has certificates for several keys of this identity");
	return err_hint(
	    &cx->err, "give only the one that is to be installed, or choose the request");
}

/* A key of ours that one of the certificates is for; the listener's own first
 * key (generation 0) is nobody's. */
static int
find_key(struct reading *rd)
{
	struct answer *a = rd->a;
	struct ctx *cx = rd->cx;
	unsigned char hash[SPKI_SHA256_SIZE];
	struct key_row key;

	for (size_t i = 0; i < rd->npool; i++) {
		cert_spki_sha256(a->pool[i], hash);
		if (store_key_by_spki(cx, hash, &key) < 0) {
			if (cx->err.refusal != R_NOT_FOUND)
				return -1;
			err_clear(&cx->err);
			continue;
		}
		if (key.generation == 0)
			continue;
		if (strcmp(key.identity, a->identity.id) != 0) {
			if (note_owner(rd, &key) < 0)
				return -1;
			continue;
		}
		if (a->has_key && memcmp(key.spki_sha256, a->key.spki_sha256, sizeof(hash)) != 0)
			return several(cx);
		a->has_key = true;
		a->key = key;
	}
	return 0;
}

/* The chosen request decides the key. */
static int
choose(struct reading *rd, const char *request)
{
	struct answer *a = rd->a;
	struct ctx *cx = rd->cx;

	if (store_request_load(cx, request, &a->request) < 0)
		return -1;
	if (strcmp(a->request.identity, a->identity.id) != 0)
		return err_set(
		    &cx->err, R_NOT_FOUND, "request", "no such request of %s", a->identity.name);
	a->has_request = true;
	return 0;
}

static bool
is_there(struct reading *rd, const unsigned char *spki)
{
	unsigned char hash[SPKI_SHA256_SIZE];

	for (size_t i = 0; i < rd->npool; i++) {
		cert_spki_sha256(rd->a->pool[i], hash);
		if (memcmp(hash, spki, sizeof(hash)) == 0)
			return true;
	}
	return false;
}

static int
build_chain(struct reading *rd)
{
	struct answer *a = rd->a;
	struct ctx *cx = rd->cx;
	const unsigned char *spki = a->has_key ? a->key.spki_sha256 : NULL;

	if (a->has_request && is_there(rd, a->request.spki_sha256))
		spki = a->request.spki_sha256;
	if (op_trust_load(cx, &a->trusted, &rd->ntrusted) < 0 ||
	    chain_build(cx->arena, a->pool, rd->npool, a->trusted, rd->ntrusted, spki, &a->chain,
		&rd->notes, &cx->err) < 0)
		return -1;
	if (cert_facts(cx->arena, a->chain.leaf, &a->facts, &cx->err) < 0)
		return -1;
	a->has_key = a->has_key &&
	    memcmp(a->facts.spki_sha256, a->key.spki_sha256, SPKI_SHA256_SIZE) == 0;
	return 0;
}

/* ---- an issuer that was not sent ------------------------------------------------- */

static int
fetch_file(struct ctx *cx, const char *url, struct fetch_answer *f)
{
	if (fetch_http(cx->house->fetcher, url, 0, cx->arena, f, &cx->err) < 0)
		return -1;
	if (f->status == 200 && f->body.len > 0)
		return 0;
	err_set(&cx->err, R_ISSUER_NONE, "files",
	    "the issuer's certificate is not at %.200s: status %u", url, f->status);
	return err_hint(&cx->err, "ask the CA for it, or look on its web site");
}

/* The first certificate in what came, which nobody has vouched for. */
static int
read_fetched(struct reading *rd, const char *url, X509 **out)
{
	struct ctx *cx = rd->cx;
	struct fetch_answer f;
	struct reader_bundle b;
	struct reader_file file = { .name = "the fetched issuer" };

	if (fetch_file(cx, url, &f) < 0)
		return -1;
	file.data = f.body.data;
	file.len = f.body.len;
	if (readers_bundle(cx->readers, &file, 1, NULL, cx->arena, &b, &cx->err) < 0)
		return -1;
	return cert_parse(out, b.certs[0].der, b.certs[0].len, &cx->err);
}

static int
nowhere(struct ctx *cx, const char *missing)
{
	err_set(&cx->err, R_ISSUER_NOWHERE, "files",
	    "no certificate says where that of the issuer %.200s is", missing);
	return err_hint(&cx->err, "ask the CA for it");
}

/*
 * It counts when the chain goes on through it, which it does by its signature only. 1: it
 * does; 0: behind the first one there is none, or a root, which clients have.
 */
static int
fetch_one(struct reading *rd, size_t notes, bool first, const char **said)
{
	struct answer *a = rd->a;
	struct ctx *cx = rd->cx;
	const char *url = a->chain.missing_aia, *missing = a->chain.missing;
	size_t before = a->chain.n;
	X509 *got = NULL;

	if (url == NULL)
		return a->chain.n > 0 ? 0 : nowhere(cx, missing);
	if (read_fetched(rd, url, &got) < 0) {
		if (first)
			return -1;
		*said = arena_printf(
		    cx->arena, "the issuer %s was not fetched: %s", missing, cx->err.message);
		err_clear(&cx->err);
		return 0;
	}
	a->pool[rd->npool++] = got;
	if (!first && X509_NAME_cmp(X509_get_subject_name(got), X509_get_issuer_name(got)) == 0) {
		X509_free(got);
		a->pool[--rd->npool] = NULL;
		return 0;
	}
	rd->notes.nnotes = notes; /* what the shorter chain had to say */
	trusted_free(a->trusted);
	a->trusted = NULL;
	if (build_chain(rd) < 0)
		return -1;
	if (a->chain.n > before || a->chain.root != NULL) {
		*said = arena_printf(cx->arena, "the issuer %s was fetched from %s", missing, url);
		return 1;
	}
	err_set(&cx->err, R_ISSUER_OTHER, "files",
	    "what is at %.200s did not sign this: it is not the issuer", url);
	return err_hint(&cx->err, "ask the CA for the certificate of %.100s", missing);
}

static int
fetch_all(struct reading *rd, size_t notes)
{
	const struct chain *c = &rd->a->chain;
	const char *said[FETCH_ISSUERS_MAX] = { NULL };
	int r = 1;

	for (int i = 0;
	     i < FETCH_ISSUERS_MAX && r == 1 && c->missing != NULL && !c->broken_signature; i++)
		if ((r = fetch_one(rd, notes, i == 0, &said[i])) < 0)
			return -1;
	for (int i = 0; i < FETCH_ISSUERS_MAX; i++)
		if (said[i] != NULL)
			sheet_note(&rd->notes, "%s", said[i]);
	return 0;
}

static int
fetch_issuers(struct reading *rd, size_t notes)
{
	int r;

	if (rd->a->chain.missing == NULL)
		return 0;
	if (line_enter(rd->cx, LINE_OUTSIDE) < 0)
		return -1;
	r = fetch_all(rd, notes);
	line_leave(rd->cx, LINE_OUTSIDE);
	return r;
}

/* ---- asked against issued ------------------------------------------------------ */

static int
compare_with(struct reading *rd, const struct request_row *r, struct sheet *sheet)
{
	struct ctx *cx = rd->cx;
	AUTO(csr) struct csr *csr = NULL;
	struct compare_input in = { .chain = &rd->a->chain, .weak = op_weak(cx), .now = cx->now };

	if (op_submission_is_public(cx, r->id, &in.public_authority) < 0 ||
	    csr_parse_unproved(&csr, r->der, r->der_len, &cx->err) < 0)
		return -1;
	in.request = csr;
	sheet_init(sheet, cx->arena);
	return compare(&in, sheet, &cx->err) < 0 || err_is_set(&cx->err) ? -1 : 0;
}

/* No request (the key was imported): the saved names are what is wanted. */
static int
compare_with_saved(struct reading *rd, const unsigned char *spki)
{
	struct ctx *cx = rd->cx;
	const struct identity *i = &rd->a->identity;
	struct san_list names = { 0 };
	struct compare_input in = { .names = &names,
		.common_name = i->common_name,
		.chain = &rd->a->chain,
		.spki_sha256 = spki,
		.weak = op_weak(cx),
		.now = cx->now };

	if (i->common_name != NULL &&
	    names_parse(&cx->err, "names", i->names == NULL ? "" : i->names, i->common_name,
		cx->arena, &names) < 0)
		return -1;
	sheet_init(&rd->a->sheet, cx->arena);
	return compare(&in, &rd->a->sheet, &cx->err) < 0 || err_is_set(&cx->err) ? -1 : 0;
}

/* Of these (newest first): fewest breaking, then newest. */
static int
compare_with_best(struct reading *rd, const struct request_row *list, size_t n)
{
	struct answer *a = rd->a;
	struct sheet sheet;
	size_t breaking, least = SIZE_MAX;

	for (size_t i = 0; i < n && i < ANSWER_REQUESTS_MAX && least > 0; i++) {
		if (strcmp(list[i].identity, a->identity.id) != 0)
			continue;
		if (compare_with(rd, &list[i], &sheet) < 0)
			return -1;
		if ((breaking = sheet_count_breaking(&sheet)) >= least)
			continue;
		least = breaking;
		a->sheet = sheet;
		a->request = list[i];
		a->has_request = true;
	}
	return 0;
}

static int
no_key(struct ctx *cx, const char *name)
{
	if (cx->err.refusal != R_NO_KEY)
		return -1;
	err_clear(&cx->err);
	err_set(&cx->err, R_NO_KEY, NULL,
	    "the identity %s has no private key that a certificate could be for", name);
	return err_hint(
	    &cx->err, "import the key that belongs to it, or make a key and a request first");
}

/* For a key that is not here: against the newest request, or the saved names. */
static int
compare_stranger(struct reading *rd)
{
	struct answer *a = rd->a;
	struct ctx *cx = rd->cx;
	struct key_row key;

	if (store_key_for_csr(cx, &a->identity, &key) < 0)
		return no_key(cx, a->identity.name);
	sheet_note(&rd->notes,
	    "the certificate is for a key that is not this identity's (%s); some CAs make a key of "
	    "their own: then import that key first",
	    a->facts.key_label);
	if (store_request_newest(cx, a->identity.id, &a->request) == 0) {
		a->has_request = true;
		return compare_with(rd, &a->request, &a->sheet);
	}
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	return compare_with_saved(rd, key.spki_sha256);
}

static int
judge(struct reading *rd)
{
	struct answer *a = rd->a;
	struct ctx *cx = rd->cx;
	struct request_row *list;
	size_t n;

	if (a->has_request) {
		if (a->has_key && strcmp(a->key.id, a->request.key) != 0 &&
		    note_owner(rd, &a->key) < 0)
			return -1;
		return compare_with(rd, &a->request, &a->sheet);
	}
	if (!a->has_key)
		return compare_stranger(rd);
	if (store_request_list_by_spki(cx, a->key.spki_sha256, &list, &n) < 0 ||
	    compare_with_best(rd, list, n) < 0)
		return -1;
	return a->has_request ? 0 : compare_with_saved(rd, a->key.spki_sha256);
}

/* What reader and chain had to say comes before what the comparison says. */
static void
join_notes(struct reading *rd)
{
	struct sheet *s = &rd->a->sheet, all = rd->notes;

	for (size_t i = 0; i < s->nnotes; i++)
		sheet_note(&all, "%s", s->notes[i]);
	s->notes = all.notes;
	s->nnotes = all.nnotes;
	s->capnotes = all.capnotes;
}

int
op_answer_read(
    struct ctx *cx, const struct identity *i, const struct answer_input *in, struct answer *a)
{
	struct reading rd = { .cx = cx, .a = a };
	size_t notes;

	memset(a, 0, sizeof(*a));
	a->identity = *i;
	sheet_init(&rd.notes, cx->arena);
	if ((in->request != NULL && choose(&rd, in->request) < 0) || read_files(&rd, in) < 0 ||
	    find_key(&rd) < 0)
		return -1;
	notes = rd.notes.nnotes;
	if (build_chain(&rd) < 0 || (in->fetch_issuer && fetch_issuers(&rd, notes) < 0) ||
	    judge(&rd) < 0)
		return -1;
	join_notes(&rd);
	return 0;
}

/* ---- as JSON --------------------------------------------------------------------- */

static json_t *
chain_pem(struct ctx *cx, const struct chain *c)
{
	json_t *all = json_array();
	const unsigned char *der;
	size_t len;

	for (size_t i = 0; i <= c->n; i++) {
		der = cert_der(cx, i == 0 ? c->leaf : c->issuers[i - 1], &len);
		json_array_append_new(all, json_string(cert_pem_of_der(cx->arena, der, len)));
	}
	return all;
}

json_t *
answer_envelope(struct ctx *cx, const struct answer *a)
{
	json_t *o = sheet_json(&a->sheet), *repairs = json_object_get(o, "repairs"), *others;

	for (size_t i = 0; i < a->nrepairs; i++)
		json_array_append_new(repairs, json_string(a->repairs[i]));
	json_object_set_new(o, "chain", chain_pem(cx, &a->chain));
	if (a->chain.alternative == NULL)
		return o;
	json_object_set_new(o, "alternatives", others = json_array());
	for (const struct chain *c = a->chain.alternative; c != NULL; c = c->alternative)
		json_array_append_new(others, chain_pem(cx, c));
	return o;
}
