/*
 * op_link.c - a link for the requester: the sheet of one request, to read
 */
#include <jansson.h>
#include <stdio.h>

#include "op/op_link.h"
#include "op/op_sheet.h"

int
op_link_make(struct ctx *cx, const char *submission, int64_t days, struct link_row *l,
    char token[SECRET_TEXT_SIZE])
{
	unsigned char hash[32];
	struct submission_row s;
	char until[TIME_SIZE];

	if (days == 0)
		days = LINK_DAYS;
	if (days < 1 || days > LINK_DAYS_MAX) {
		err_set(
		    &cx->err, R_LINK_DAYS, "days", "a link lives from 1 to %d days", LINK_DAYS_MAX);
		return err_hint(&cx->err, "a new one can be made when it has ended");
	}
	memset(l, 0, sizeof(*l));
	l->created_by = cx->actor.name;
	l->created_at = cx->now;
	l->expires_at = cx->now + days * 86400;
	time_format(until, l->expires_at);
	secret_new(cx, token);
	if (secret_hash(cx, token, hash) < 0 || db_begin(cx) < 0 ||
	    store_submission_load(cx, submission, &s) < 0)
		return -1;
	snprintf(l->submission, sizeof(l->submission), "%s", s.id);
	if (store_link_save(cx, l, hash) < 0 ||
	    audit(cx, "request.link", s.id, json_text(cx, json_pack("{ss}", "expires", until))) < 0)
		return -1;
	return db_commit(cx);
}

int
op_link_withdraw(struct ctx *cx, const char *submission)
{
	if (db_begin(cx) < 0 || store_link_delete(cx, submission) < 0)
		return -1;
	if (db_changes(cx) == 0) {
		err_set(&cx->err, R_NOT_FOUND, NULL, "there is no link to that request");
		return err_hint(&cx->err, "it was withdrawn already, or never made");
	}
	if (audit(cx, "request.unlink", submission, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_link_of(struct ctx *cx, const char *submission, struct link_row *l)
{
	int r = store_link_of(cx, submission, l);

	return r > 0 && l->expires_at <= cx->now ? 0 : r;
}

int
op_link_open(struct ctx *cx, const char *token, struct link_row *l, struct submission_row *s)
{
	unsigned char hash[32];
	int r;

	/* A guess is compared as its digest, by one look-up whatever is wrong with it. */
	if (secret_hash(cx, token, hash) < 0 || (r = store_link_find(cx, hash, l)) < 0)
		return -1;
	if (r == 0) {
		err_set(&cx->err, R_LINK_NONE, NULL, "this link leads nowhere any more");
		return err_hint(&cx->err,
		    "links end after some days, and can be withdrawn; see that you have the whole "
		    "address, or ask for a new one where you got it");
	}
	snprintf(cx->tenant, sizeof(cx->tenant), "%s", l->tenant);
	return store_submission_load(cx, l->submission, s);
}
