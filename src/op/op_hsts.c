/*
 * op_hsts.c - for how long browsers remember to come by HTTPS only
 */
#include <stdio.h>

#include "op/house.h"
#include "op/op_hsts.h"
#include "store/store.h"

#define SETTING	   "https.hsts"
#define SUBDOMAINS "subdomains"

/* One word, which all threads read: 1 beside the days; 0 is what is so at first. */
static unsigned
packed(const struct hsts *s)
{
	return (unsigned)s->days << 2 | (s->subdomains ? 2u : 0) | 1;
}

void
op_hsts_load(struct ctx *cx, struct hsts *s)
{
	unsigned word = cx->house == NULL ? 0 : cx->house->hsts;

	*s = word == 0 ? (struct hsts){ HSTS_DAYS, false }
		       : (struct hsts){ word >> 2, (word & 2) != 0 };
}

int
op_hsts_start(struct ctx *cx)
{
	struct hsts s = { 0 };
	const char *text;
	char *rest;

	if (store_setting_load(cx, SETTING, &text) < 0)
		return -1;
	if (text == NULL)
		return 0;
	s.days = strtoll(text, &rest, 10);
	s.subdomains = strcmp(rest, " " SUBDOMAINS) == 0;
	if (s.days >= 0 && s.days <= HSTS_DAYS_MAX)
		cx->house->hsts = packed(&s);
	return 0;
}

int
op_hsts_save(struct ctx *cx, const struct hsts *wish)
{
	struct hsts s = { wish->days, wish->subdomains && wish->days > 0 };
	const char *text = arena_printf(
	    cx->arena, "%lld%s", (long long)s.days, s.subdomains ? " " SUBDOMAINS : "");

	if (s.days < 0 || s.days > HSTS_DAYS_MAX) {
		err_set(&cx->err, R_HSTS_DAYS, "days",
		    "it is from 0 to %d days, which are ten years", HSTS_DAYS_MAX);
		return err_hint(&cx->err, "0 is off: browsers that come are told to forget it");
	}
	if (db_begin(cx) < 0 || store_setting_save(cx, SETTING, text) < 0 ||
	    audit(cx, "hsts.save", "",
		arena_printf(cx->arena, "{\"days\":%lld,\"subdomains\":%s}", (long long)s.days,
		    s.subdomains ? "true" : "false")) < 0 ||
	    db_commit(cx) < 0)
		return -1;
	cx->house->hsts = packed(&s);
	return 0;
}

const char *
hsts_header(struct ctx *cx)
{
	struct hsts s;

	op_hsts_load(cx, &s);
	if (s.days == HSTS_DAYS && !s.subdomains)
		return "max-age=31536000"; /* as most have it: each answer says it */
	return arena_printf(cx->arena, "max-age=%lld%s", (long long)s.days * 86400,
	    s.subdomains ? "; includeSubDomains" : "");
}
