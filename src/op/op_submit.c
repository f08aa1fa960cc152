/*
 * op_submit.c - requests on their way to an authority
 */
#include <pthread.h>

#include <jansson.h>

#include "base/text.h"
#include "op/op_csr.h"
#include "op/op_issue.h"
#include "op/op_names.h"
#include "op/op_preset.h"
#include "op/op_order.h"
#include "op/op_sheet.h"
#include "op/op_pull.h"
#include "op/op_submit.h"
#include "op/op_tenant.h"
#include "x509/csr.h"

static pthread_mutex_t deciding = PTHREAD_MUTEX_INITIALIZER;

void
submit_deciding(void)
{
	pthread_mutex_lock(&deciding);
}

void
submit_decided(void)
{
	pthread_mutex_unlock(&deciding);
}

/* Whoever keeps a key says why (M16): now, or when the request was made. */
static int
take_key_note(
    struct ctx *cx, const struct request_row *r, const char *why, struct submission_row *row)
{
	if (r->key_note == NULL)
		return 0;
	row->key_note = why != NULL && why[0] != '\0' ? why : r->key_note;
	if (row->key_note[0] != '\0')
		return 0;
	err_set(&cx->err, R_KEY_KEPT, "keep_key",
	    "request %lld keeps the key of the certificate before it, and nobody said why",
	    (long long)r->number);
	return err_hint(&cx->err,
	    "say why it is kept, pinning or DANE for example; or make a new key, and a new CSR");
}

int
submit_take_request(
    struct ctx *cx, const struct csr *csr, const struct submit_words *w, struct submission_row *row)
{
	unsigned char spki[SPKI_SHA256_SIZE], sha256[32];
	struct request_row *list;
	size_t n;

	if (csr_spki_sha256(csr, spki) < 0)
		return 0;
	csr_sha256(csr, sha256);
	if (store_request_list_by_spki(cx, spki, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (memcmp(list[i].sha256, sha256, sizeof(sha256)) == 0) {
			memcpy(row->request, list[i].id, ID_SIZE);
			return take_key_note(cx, &list[i], w->keep_key, row);
		}
	return 0;
}

int
submit_keep_words(struct ctx *cx, const struct submission_row *row)
{
	return row->key_note == NULL ? 0
				     : store_request_set_key_note(cx, row->request, row->key_note);
}

void
submit_sheet_words(struct sheet *sheet, const struct submission_row *row)
{
	if (row->key_note != NULL)
		sheet_note(sheet, KEPT_KEY_NOTE, row->key_note);
}

int
submit_check_note(struct ctx *cx, const char *note)
{
	if (note == NULL || note[0] == '\0')
		return 0;
	if (text_check(&cx->err, "note", note) < 0)
		return -1;
	if (utf8_length(note) <= NOTE_MAX)
		return 0;
	err_set(&cx->err, R_NAME_LONG, "note", "%zu characters, at most %d fit", utf8_length(note),
	    NOTE_MAX);
	return err_hint(&cx->err, "an order number is enough");
}

int
submit_check_words(struct ctx *cx, const struct submit_words **w)
{
	static const struct submit_words nothing;

	if (*w == NULL)
		*w = &nothing;
	return submit_check_note(cx, (*w)->note) < 0 ? -1 : key_note_check(cx, (*w)->keep_key);
}

/* What people call it: its common name, else its first name. */
static const char *
name_of(struct ctx *cx, const struct csr *csr)
{
	const struct subject *s = csr_subject(csr);

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].item, "subject.CN") == 0 && s->v[i].value != NULL)
			return arena_strdup(cx->arena, s->v[i].value);
	if (csr_sans(csr)->n > 0)
		return arena_strdup(cx->arena, csr_sans(csr)->v[0].text);
	return "a CSR without a name";
}

void
submit_row(struct ctx *cx, const struct csr *csr, const struct preview *p,
    const struct submit_words *w, struct submission_row *row)
{
	const struct authority *a = &p->card->authority;

	id_new(row->id);
	row->authority = a->id;
	row->title = a->title;
	row->profile = p->profile->name;
	row->is_public = a->validation != VALIDATION_PRIVATE;
	row->days = p->days;
	row->state = "sent";
	row->der = csr_der(csr, &row->der_len);
	row->der = arena_dup(cx->arena, row->der, row->der_len);
	row->name = name_of(cx, csr);
	row->subject = subject_line(cx->arena, csr_subject(csr));
	row->note = w->note == NULL || w->note[0] == '\0' ? NULL : w->note;
	row->created_by = cx->actor.name;
	row->created_at = cx->now;
}

int
submit_record(struct ctx *cx, const char *action, const struct submission_row *row)
{
	json_t *o = json_pack("{ss,ss,ss}", "authority", row->authority, "profile", row->profile,
	    "subject", row->subject);

	if (row->serial != NULL)
		json_object_set_new(o, "serial", json_string(row->serial));
	if (row->request[0] != '\0')
		json_object_set_new(o, "request", json_string(row->request));
	if (row->order != NULL)
		json_object_set_new(o, "order", json_string(row->order));
	if (row->key_note != NULL)
		json_object_set_new(o, "keeps_key", json_string(row->key_note));
	return audit(cx, action, row->id, json_text(cx, o));
}

bool
submit_has_sheet(enum refusal r)
{
	return r == R_SUBMIT_REFUSED || r == R_LINT;
}

int
submit_refusal(struct ctx *cx, const struct preview *p, const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->n; i++)
		if (sheet->v[i].outcome == OUT_REFUSED) {
			err_set(&cx->err, R_SUBMIT_REFUSED, NULL, "%s %s it: %s: %s",
			    p->card->authority.title,
			    p->card->own != NULL ? "refuses" : "would refuse", sheet->v[i].item,
			    sheet->v[i].reason);
			return err_hint(
			    &cx->err, "change the request, or choose another authority");
		}
	return 0;
}

int
op_submit(struct ctx *cx, const void *data, size_t len, const struct preview *p,
    const struct submit_words *w, struct sheet *sheet, struct submission_row *row)
{
	AUTO(csr) struct csr *csr = NULL;

	memset(row, 0, sizeof(*row));
	if (p->card->own != NULL)
		return op_issue(cx, data, len, p, w, sheet, row);
	if (submit_check_words(cx, &w) < 0 || op_csr_preview(cx, data, len, p, sheet) < 0 ||
	    submit_refusal(cx, p, sheet) < 0 || csr_parse(&csr, data, len, &cx->err) < 0 ||
	    names_check_all(cx, csr_sans(csr), NULL) < 0 ||
	    presets_check(cx, csr_subject(csr)) < 0 || submit_take_request(cx, csr, w, row) < 0)
		return -1;
	sheet->verdict = VERDICT_HOLD; /* it is for people to send it */
	submit_row(cx, csr, p, w, row);
	if (order_take(cx, w, true, row) < 0)
		return -1;
	submit_sheet_words(sheet, row);
	order_note(cx, sheet, row);
	row->sheet = sheet_text(cx, sheet, sheet_dispositions(cx, sheet));
	if (db_begin(cx) < 0 || (row->request[0] == '\0' && tenant_quota(cx, QUOTA_REQUESTS) < 0) ||
	    submit_keep_words(cx, row) < 0 || store_submission_insert(cx, row) < 0 ||
	    submit_record(cx, "request.submit", row) < 0)
		return -1;
	return db_commit(cx);
}

int
op_submission_load(struct ctx *cx, const char *id, struct submission_row *row)
{
	if (store_submission_load(cx, id, row) < 0)
		return -1;
	return cx->actor.kind == ACTOR_HOST ? op_pull_owns(cx, row) : 0;
}

int
op_submission_list(struct ctx *cx, struct submission_row **out, size_t *n)
{
	return store_submission_list(cx, out, n);
}

static int
withdraw(struct ctx *cx, const char *id, struct submission_row *row)
{
	if (db_begin(cx) < 0 || store_submission_load(cx, id, row) < 0)
		return -1;
	if (strcmp(row->state, "sent") != 0 && strcmp(row->state, "held") != 0) {
		err_set(&cx->err, R_SUBMIT_ENDED, NULL, "it is %s already", row->state);
		return err_hint(&cx->err, "only what waits for its answer can be withdrawn");
	}
	row->state = "withdrawn";
	row->ended_at = cx->now;
	if (store_submission_end(cx, row->id, row->state, cx->now) < 0 ||
	    submit_record(cx, "request.withdraw", row) < 0)
		return -1;
	return db_commit(cx);
}

int
op_submission_withdraw(struct ctx *cx, const char *id, struct submission_row *row)
{
	int r;

	submit_deciding();
	r = withdraw(cx, id, row);
	submit_decided();
	return r;
}

int
op_submission_certificate(struct ctx *cx, const struct submission_row *s, struct cert_row *c)
{
	if (strcmp(s->state, "answered") != 0 || s->request[0] == '\0')
		return 0;
	return store_cert_of_request(cx, s->request, c);
}

int
op_submission_is_public(struct ctx *cx, const char *request, bool *out)
{
	struct submission_row *list;
	size_t n, with = 0;

	*out = true;
	if (store_submission_of(cx, request, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].state, "withdrawn") == 0)
			continue;
		with++;
		*out &= list[i].is_public;
	}
	*out &= with > 0;
	return 0;
}

int
op_submission_answered(struct ctx *cx, const char *request)
{
	struct submission_row *list, *waits = NULL;
	size_t n;

	if (store_submission_of(cx, request, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].state, "sent") != 0)
			continue;
		if (waits != NULL) /* whose answer it is cannot be told */
			return 0;
		waits = &list[i];
	}
	return waits == NULL ? 0 : store_submission_end(cx, waits->id, "answered", cx->now);
}
