/*
 * history_keep.c - one certificate of another CA's history becomes a row
 */
#include "op/ca_make.h"
#include "op/history_keep.h"
#include "op/op_issue.h"
#include "op/op_revoke.h"

static int
skip(struct history_item *it, const char *reason)
{
	it->act = HISTORY_SKIPPED;
	it->reason = reason;
	return 0;
}

static void
done(struct history_item *it, enum history_act act, const struct issued_row *row)
{
	it->act = act;
	it->state = row->state;
	it->revoked_at = row->revoked_at;
	it->reason_code = row->reason;
}

/* Only the number and what the line says are known. */
static void
bare(struct ctx *cx, const struct history_wish *w, struct issued_row *row)
{
	memset(row, 0, sizeof(*row));
	id_new(row->id);
	memcpy(row->ca, w->ca->id, ID_SIZE);
	row->serial = w->line->serial;
	row->state = "presumed";
	row->profile = HISTORY_PROFILE;
	row->der = (const unsigned char *)"";
	row->subject = w->line->subject;
	row->name = w->line->name;
	row->names = "";
	row->not_after = w->line->not_after;
	row->created_at = cx->now;
}

/* The line's revocation onto the row; false: the row says so already. */
static bool
put_revocation(struct ctx *cx, const struct history_line *l, struct issued_row *row)
{
	bool hold = l != NULL && l->reason == REASON_HOLD;

	if (l == NULL || l->state != 'R' ||
	    (row->revoked_at > 0 && (strcmp(row->state, "held") != 0 || hold)))
		return false;
	row->state = hold ? "held" : "revoked";
	if (row->revoked_at == 0) /* one that lies ahead is of a clock that was wrong */
		row->revoked_at = l->revoked_at > cx->now ? cx->now : l->revoked_at;
	row->reason = l->reason;
	return true;
}

/* Whoever signs under a CA that was revoked stops; a lost key is never taken again. */
static int
revoked(struct ctx *cx, const struct issued_row *row)
{
	return (issued_is_ca(row) && ca_revoked(cx, row) < 0) || issued_note_key(cx, row) < 0 ? -1
											      : 0;
}

static int
take_new(struct ctx *cx, const struct history_wish *w, struct history_item *it)
{
	struct issued_row row;

	if (w->certificate != NULL)
		row = *w->certificate;
	else if (w->line->state == 'E')
		return skip(it, "it has ended, and its certificate is not here");
	else
		bare(cx, w, &row);
	if (put_revocation(cx, w->line, &row) && revoked(cx, &row) < 0)
		return -1;
	done(it, HISTORY_IMPORTED, &row);
	return store_issued_insert(cx, &row);
}

/* The body of one whose number was known. */
static int
complete(struct ctx *cx, const struct history_wish *w, struct issued_row *row)
{
	struct issued_row whole = *w->certificate;

	memcpy(whole.id, row->id, ID_SIZE);
	whole.number = row->number;
	whole.revoked_at = row->revoked_at;
	whole.reason = row->reason;
	if (row->revoked_at > 0)
		whole.state = row->state;
	*row = whole;
	if (row->revoked_at > 0 && revoked(cx, row) < 0)
		return -1;
	if (store_issued_complete(cx, row) < 0)
		return -1;
	row->number = 0; /* it has another one now, which is not filed */
	return 0;
}

static int
take_known(
    struct ctx *cx, const struct history_wish *w, struct issued_row *row, struct history_item *it)
{
	bool bare_row = row->der_len == 0, body = w->certificate != NULL;

	if (!bare_row && body && memcmp(row->sha256, w->certificate->sha256, 32) != 0)
		return skip(it, "another certificate of this serial number is here");
	if (!bare_row && strcmp(row->profile, HISTORY_PROFILE) != 0 && !issued_is_ca(row))
		return skip(it, "this serial number was issued here");
	done(it, HISTORY_KNOWN, row);
	if (bare_row && body) {
		if (complete(cx, w, row) < 0)
			return -1;
		done(it, HISTORY_COMPLETED, row);
	}
	if (!put_revocation(cx, w->line, row))
		return 0;
	if (it->act == HISTORY_KNOWN)
		it->act = HISTORY_REVOKED;
	done(it, it->act, row);
	return revoked(cx, row) < 0 ? -1 : store_issued_set_state(cx, row);
}

int
history_keep(struct ctx *cx, const struct history_wish *w, struct history_item *it)
{
	struct issued_row row;

	it->serial = w->certificate != NULL ? w->certificate->serial : w->line->serial;
	it->subject = w->certificate != NULL ? w->certificate->subject : w->line->subject;
	it->reason = w->line == NULL ? NULL : w->line->note;
	if (store_issued_by_serial(cx, w->ca->id, it->serial, &row) == 0)
		return take_known(cx, w, &row, it);
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	return take_new(cx, w, it);
}
