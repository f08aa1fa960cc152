/*
 * op_order.c - an order of a year is several certificates (M12)
 */
#include <stdlib.h>

#include "op/op_order.h"
#include "x509/authority.h"

#define DAY_S 86400

static bool
is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static int
check(struct ctx *cx, const struct submit_words *w, int64_t *until)
{
	*until = 0;
	if (is_given(w->order) && text_check(&cx->err, "order", w->order) < 0)
		return -1;
	if (is_given(w->order) && utf8_length(w->order) > ORDER_MAX)
		return err_set(&cx->err, R_NAME_LONG, "order", "%zu characters, at most %d fit",
		    utf8_length(w->order), ORDER_MAX);
	if (!is_given(w->order_until))
		return 0;
	if (!is_given(w->order)) {
		err_set(&cx->err, R_FIELD_REQUIRED, "order", "the number of the order is required");
		return err_hint(&cx->err, "its last day alone finds no order");
	}
	if (day_parse(w->order_until, until) == 0 && *until + DAY_S > cx->now)
		return 0;
	err_set(&cx->err, R_ORDER_DATE, "order_until", "%.40s is no day to come", w->order_until);
	return err_hint(&cx->err, "the last day of the order, like 2028-03-03");
}

int
order_running(struct ctx *cx, const char *identity, const char *authority, struct submission_row *s)
{
	/* its last day is a day of it */
	return store_submission_order(cx, identity, authority, cx->now - DAY_S, s);
}

static int
carry_on(struct ctx *cx, struct submission_row *row)
{
	struct submission_row before;
	struct request_row r;
	int found;

	if (row->request[0] == '\0')
		return 0;
	if (store_request_load(cx, row->request, &r) < 0 ||
	    (found = order_running(cx, r.identity, row->authority, &before)) < 0)
		return -1;
	if (found > 0) {
		row->order = before.order;
		row->order_until = before.order_until;
	}
	return 0;
}

int
order_take(struct ctx *cx, const struct submit_words *w, bool carry, struct submission_row *row)
{
	if (check(cx, w, &row->order_until) < 0)
		return -1;
	row->order = is_given(w->order) ? w->order : NULL;
	return w->order == NULL && carry ? carry_on(cx, row) : 0;
}

void
order_note(struct ctx *cx, struct sheet *sheet, const struct submission_row *row)
{
	const struct disposition *d = sheet_find(sheet, "validity.days");
	int64_t days = d == NULL || d->granted == NULL ? 0 : strtoll(d->granted, NULL, 10);
	int64_t left = (row->order_until + DAY_S - cx->now + DAY_S - 1) / DAY_S;

	if (row->order_until == 0)
		return;
	if (days > 0 && left > days)
		sheet_note(sheet,
		    "the order runs until %s: from today it takes %lld certificates, each a reissue "
		    "that is free",
		    time_day(cx->arena, row->order_until), (long long)((left + days - 1) / days));
	else
		sheet_note(sheet, "the order runs until %s", time_day(cx->arena, row->order_until));
}

int
order_reminder(struct ctx *cx, const struct cert_row *cert, const char **out)
{
	struct submission_row *list;
	size_t n;

	*out = "";
	if (cert->request[0] == '\0')
		return 0;
	if (store_submission_of(cx, cert->request, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (list[i].order_until + DAY_S <= cx->now || list[i].order == NULL ||
		    strcmp(list[i].state, "withdrawn") == 0)
			continue;
		*out = arena_printf(cx->arena,
		    " Order %s with %s runs until %s: the reissue is free.", list[i].order,
		    list[i].title, time_day(cx->arena, list[i].order_until));
		return 0;
	}
	return 0;
}
