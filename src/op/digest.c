/*
 * digest.c - several notices as one message
 */
#include <jansson.h>
#include <openssl/hmac.h>

#include "op/digest.h"
#include "op/house.h"
#include "op/op_doors.h"
#include "op/op_sheet.h"

#define FIRST_DELAY 60

static const char *
revoked_sentence(struct ctx *cx, const struct revoked_row *r)
{
	return arena_printf(cx->arena, "The certificate of %s, serial number %s, was %s on %s.",
	    r->name == NULL ? "no name" : r->name, r->serial,
	    r->held ? "suspended (put on hold)" : "revoked", time_minute(cx->arena, r->revoked_at));
}

static size_t
spelled_out(const struct digest_words *w)
{
	return w->n < DIGEST_LINES ? w->n : DIGEST_LINES;
}

/* How many are only counted. */
static int64_t
others(const struct digest_words *w)
{
	return (int64_t)(w->n - spelled_out(w)) + w->all_revoked - (int64_t)w->nrevoked;
}

/* Where those who read it get in. */
static const char *
place_of(const struct ctx *cx, const char *tenant)
{
	const char *address = doors_address(cx->house, tenant == NULL ? APP_SUPER : APP_ADMIN);

	return address != NULL ? address : "localhost";
}

static const char *
subject_of(struct ctx *cx, const struct digest_words *w)
{
	const char *of = w->tenant == NULL ? "" : arena_printf(cx->arena, " [%s]", w->tenant);

	if (w->n == 1 && w->all_revoked == 0)
		return arena_printf(cx->arena, "Certwright%s: %s", of, w->v[0].sentence);
	if (w->n == 0 && w->all_revoked == 1 && w->nrevoked == 1)
		return arena_printf(
		    cx->arena, "Certwright%s: %s", of, revoked_sentence(cx, &w->revoked[0]));
	return arena_printf(
	    cx->arena, "Certwright%s: %lld notices", of, (long long)(w->n) + w->all_revoked);
}

/* ---- text ---------------------------------------------------------------------- */

static void
put_end(struct ctx *cx, const char *tenant, struct buf *b)
{
	buf_printf(b,
	    "\n-- \nCertwright at https://%s\n"
	    "Each of these is told once. Who gets them: Settings, Notifications.\n",
	    place_of(cx, tenant));
}

static const char *
text_of(struct ctx *cx, const struct digest_words *w)
{
	AUTO_BUF struct buf b = { 0 };

	if (w->tenant != NULL)
		buf_printf(&b, "Tenant %s\n\n", w->tenant);
	for (size_t i = 0; i < spelled_out(w); i++)
		buf_printf(&b, "* %s\n", w->v[i].sentence);
	for (size_t i = 0; i < w->nrevoked; i++)
		buf_printf(&b, "* %s\n", revoked_sentence(cx, &w->revoked[i]));
	if (others(w) > 0)
		buf_printf(&b, "* ... and %lld more.\n", (long long)others(w));
	put_end(cx, w->tenant, &b);
	return arena_strdup(cx->arena, buf_text(&b));
}

/* ---- JSON ---------------------------------------------------------------------- */

static json_t *
notice_json(const char *kind, const char *object, const char *threshold, const char *sentence)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "kind", kind, "object", object, "threshold",
	    threshold, "message", sentence);
}

static json_t *
json_head(struct ctx *cx, const char *event, const char *id, const char *tenant, int64_t at)
{
	char created[TIME_SIZE];

	time_format(created, at);
	return json_pack("{s:s, s:s, s:s?, s:s, s:s, s:[]}", "event", event, "id", id, "tenant",
	    tenant, "created", created, "from", place_of(cx, tenant), "notices");
}

static const char *
json_of(struct ctx *cx, const struct digest_words *w)
{
	json_t *o = json_head(cx, "digest", w->id, w->tenant, cx->now);
	json_t *all = json_object_get(o, "notices");

	for (size_t i = 0; i < spelled_out(w); i++)
		json_array_append_new(all,
		    notice_json(w->v[i].kind, w->v[i].object, w->v[i].threshold, w->v[i].sentence));
	for (size_t i = 0; i < w->nrevoked; i++)
		json_array_append_new(all,
		    notice_json(
			"revoked", w->revoked[i].serial, "", revoked_sentence(cx, &w->revoked[i])));
	json_object_set_new(o, "more", json_integer(others(w)));
	return json_text(cx, o);
}

void
digest_compose(struct ctx *cx, const struct digest_words *w, struct digest_row *row)
{
	row->subject = subject_of(cx, w);
	row->body = strcmp(row->channel, CHANNEL_WEBHOOK) == 0 ? json_of(cx, w) : text_of(cx, w);
}

void
digest_test(struct ctx *cx, const char *tenant, struct digest_row *row)
{
	AUTO_BUF struct buf b = { 0 };
	json_t *o;

	row->subject = arena_printf(cx->arena, "Certwright%s: a test of the notifications",
	    tenant == NULL ? "" : arena_printf(cx->arena, " [%s]", tenant));
	if (strcmp(row->channel, CHANNEL_WEBHOOK) == 0) {
		o = json_head(cx, "test", row->id, tenant, cx->now);
		json_object_set_new(o, "more", json_integer(0));
		row->body = json_text(cx, o);
		return;
	}
	buf_printf(&b, "This is a test, sent by %s. Nothing has happened.\n", cx->actor.name);
	put_end(cx, tenant, &b);
	row->body = arena_strdup(cx->arena, buf_text(&b));
}

/* ---- tries, and proof of origin ----------------------------------------------------- */

int64_t
digest_delay(int64_t tries)
{
	int64_t delay = FIRST_DELAY;

	for (; tries > 1 && delay < DIGEST_DELAY_MAX_S; tries--)
		delay *= 2;
	return delay < DIGEST_DELAY_MAX_S ? delay : DIGEST_DELAY_MAX_S;
}

const char *
digest_signature(struct arena *a, const void *secret, size_t len, int64_t now, const char *body)
{
	const char *what = arena_printf(a, "%lld.%s", (long long)now, body);
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (HMAC(EVP_sha256(), secret, (int)len, (const unsigned char *)what, strlen(what), mac,
		&n) == NULL)
		abort();
	return arena_printf(a, "t=%lld,v1=%s", (long long)now, hex_of(a, mac, n));
}
