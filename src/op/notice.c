/*
 * notice.c - what is worth a notice in a tenant
 */
#include <openssl/sha.h>

#include "op/notice.h"
#include "op/op_component.h"
#include "op/op_tenant.h"

#define DAY 86400

struct list {
	struct ctx *cx;
	struct notice *v;
	size_t n;
};

static void
add(struct list *l, const char *kind, const char *object, const char *threshold,
    const char *sentence)
{
	l->v[l->n++] = (struct notice){ kind, object, threshold, sentence };
}

/* ---- moments of a life --------------------------------------------------------- */

/* A whole number of one to four digits; *s moves behind it. -1: there is none */
static int
take_number(const char **s)
{
	int n = 0, digits = 0;

	for (; **s >= '0' && **s <= '9' && digits < 4; (*s)++, digits++)
		n = n * 10 + (**s - '0');
	return digits == 0 ? -1 : n;
}

/* The next of "2/3,9/10" or of "7,1" (then *below is 0). false: the end, or malformed */
static bool
take_level(const char **s, bool parts, int *above, int *below)
{
	*below = 0;
	if ((*above = take_number(s)) <= 0)
		return false;
	if (parts && (*(*s)++ != '/' || (*below = take_number(s)) <= *above))
		return false;
	if (**s == ',' && (*s)[1] != '\0')
		(*s)++;
	else if (**s != '\0')
		return false;
	return true;
}

const char *
notice_threshold(struct arena *a, const char *parts, const char *days, int64_t not_before,
    int64_t not_after, int64_t now)
{
	int64_t life = not_after - not_before, at, last = INT64_MIN;
	const char *name = NULL;
	int above, below;

	if (now > not_after)
		return "ended";
	while (take_level(&parts, true, &above, &below)) {
		at = not_before + life / below * above + life % below * above / below;
		if (at <= now && at > last) {
			last = at;
			name = arena_printf(a, "%d/%d", above, below);
		}
	}
	while (take_level(&days, false, &above, &below)) {
		at = not_after - (int64_t)above * DAY;
		if (at <= now && at > last && at > not_before) {
			last = at;
			name = arena_printf(a, above == 1 ? "%d day" : "%d days", above);
		}
	}
	return name;
}

static bool
levels_fine(const char *text, bool parts)
{
	int above, below, n = 0;

	for (; *text != '\0'; n++)
		if (n == NOTICE_LEVELS || !take_level(&text, parts, &above, &below) ||
		    (parts ? below > 100 : above > NOTICE_DAYS_MAX))
			return false;
	return true;
}

static const char *
without_spaces(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text), *to = copy;

	for (; *text != '\0'; text++)
		if (*text != ' ')
			*to++ = *text;
	*to = '\0';
	return copy;
}

int
notice_parts(struct ctx *cx, const char *text, const char **out)
{
	*out = without_spaces(cx->arena, text);
	if (levels_fine(*out, true))
		return 0;
	err_set(&cx->err, R_NOTIFY_PARTS, "parts",
	    "parts of a life are fractions between 0 and 1, at most %d, with commas between",
	    NOTICE_LEVELS);
	return err_hint(&cx->err, "for example: " NOTICE_PARTS);
}

int
notice_days(struct ctx *cx, const char *text, const char **out)
{
	*out = without_spaces(cx->arena, text);
	if (levels_fine(*out, false))
		return 0;
	err_set(&cx->err, R_NOTIFY_DAYS, "days",
	    "days before the end are whole numbers of 1 to %d, at most %d, with commas between",
	    NOTICE_DAYS_MAX, NOTICE_LEVELS);
	return err_hint(&cx->err, "for example: 14,3");
}

/* ---- certificates in use --------------------------------------------------------- */

static const char *
left_words(struct ctx *cx, const char *threshold, int64_t not_after)
{
	int64_t days = days_left(not_after, cx->now);

	if (strchr(threshold, '/') != NULL)
		return arena_printf(cx->arena, "%s of its life is over", threshold);
	if (days == 0)
		return "less than a day is left";
	return arena_printf(
	    cx->arena, "%lld %s left", (long long)days, days == 1 ? "day is" : "days are");
}

static int
judge_life(struct list *l, const struct notify_row *rules, const struct identity *i)
{
	struct ctx *cx = l->cx;
	struct cert_row cert;
	const char *threshold, *id;

	if (i->active[0] == '\0')
		return 0;
	if (store_cert_load(cx, i->active, &cert) < 0)
		return -1;
	threshold = notice_threshold(
	    cx->arena, rules->parts, rules->days, cert.not_before, cert.not_after, cx->now);
	if (threshold == NULL)
		return 0;
	id = arena_strdup(cx->arena, cert.id);
	if (strcmp(threshold, "ended") == 0)
		add(l, "expiry", id, threshold,
		    arena_printf(cx->arena, "The certificate of %s expired on %s.", i->name,
			time_day(cx->arena, cert.not_after)));
	else
		add(l, "expiry", id, threshold,
		    arena_printf(cx->arena, "The certificate of %s ends on %s: %s.", i->name,
			time_minute(cx->arena, cert.not_after),
			left_words(cx, threshold, cert.not_after)));
	return 0;
}

/* ---- what Attention says ----------------------------------------------------------- */

/* Of an end its moments are told: judge_life. */
static bool
is_told(enum attention_kind kind)
{
	return kind != ATTENTION_DUE && kind != ATTENTION_EXPIRED;
}

/* Of a kind that several things may have at once in one place: which it is. */
static const char *
object_of(struct ctx *cx, const struct attention *at)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];

	if (at->component != NULL) /* which may be called as an identity is */
		return arena_printf(cx->arena, "component:%s", at->component);
	if (at->kind != ATTENTION_BAD_KEY && at->kind != ATTENTION_ROOT_AWAY)
		return at->identity == NULL ? "" : at->identity;
	SHA256((const unsigned char *)at->message, strlen(at->message), hash);
	return hex_of(cx->arena, hash, 8);
}

static void
judge_attention(struct list *l, const struct attention *at)
{
	if (is_told(at->kind))
		add(l, attention_id(at->kind), object_of(l->cx, at), "", at->message);
}

/* ---- requests that wait for an approval ------------------------------------------------ */

/* Seen from the system, whose it is; in a tenant, that others decide . */
static void
judge_request(struct list *l, const struct submission_row *r)
{
	struct ctx *cx = l->cx;
	const char *what = arena_printf(
	    cx->arena, "for %s to %s", r->name == NULL ? "a certificate" : r->name, r->authority);
	const char *since = time_minute(cx->arena, r->created_at), *sentence;

	if (strcmp(r->tenant, cx->tenant) != 0) {
		IN_TENANT(cx, r->tenant);
		sentence = arena_printf(cx->arena,
		    "A request of the tenant %s %s waits for an approval since %s.",
		    op_tenant_name(cx), what, since);
	} else if (in_system(cx)) {
		sentence = arena_printf(
		    cx->arena, "A request %s waits for an approval since %s.", what, since);
	} else {
		sentence = arena_printf(cx->arena,
		    "A request %s waits since %s; people of the system approve it.", what, since);
	}
	add(l, "approval", r->id, "", sentence);
}

int
notice_gather(struct ctx *cx, const struct notify_row *rules, struct notice **out, size_t *n)
{
	struct submission_row *requests;
	struct list l = { .cx = cx };
	struct attention *attention;
	size_t na, ni, nr;
	struct identity *all;

	if (op_attention(cx, &attention, &na) < 0 || store_identity_list(cx, &all, &ni) < 0 ||
	    store_submission_held(cx, &requests, &nr) < 0)
		return -1;
	l.v = arena_new_array(cx->arena, na + ni + nr + 1, struct notice);
	for (size_t i = 0; i < na; i++)
		judge_attention(&l, &attention[i]);
	for (size_t i = 0; i < ni; i++)
		if (judge_life(&l, rules, &all[i]) < 0)
			return -1;
	for (size_t i = 0; i < nr; i++)
		judge_request(&l, &requests[i]);
	*out = l.v;
	*n = l.n;
	return 0;
}
