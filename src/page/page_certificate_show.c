/*
 * page_certificate_show.c - Server Certificate: what is served, and what was
 */
#include "op/op_component.h"
#include "op/renew_time.h"
#include "page/page_certificate.h"
#include "page/page_request.h"
#include "page/page_sheet.h"
#include "page/page_timeline.h"

/* Facts, sheet and raw dump of one certificate. */
static int
put_for_people(struct ctx *cx, const struct request *rq, json_t *o, const struct cert_row *c)
{
	const char *text;

	if (put_certificate_whole(cx, rq, o, c) < 0 || cert_row_text(cx, c, &text) < 0)
		return -1;
	put_names(cx, o, "names", c->names);
	put_text(o, "title", certificate_title(cx, c));
	put_text(o, "fingerprint", hex_colons(cx->arena, c->sha256, 32));
	put_text(o, "chain_pem", cert_row_pem(cx, c, true));
	put_text(o, "text", text);
	put_bool(o, "self_signed", strcmp(c->origin, "self-signed") == 0);
	put_bool(o, "ended", cx->now > c->not_after);
	if (c->sheet != NULL)
		put_sheet_for_people(cx, o, json_object_get(o, "sheet"));
	return 0;
}

static int
put_request_of(struct ctx *cx, const struct request *rq, json_t *o, const struct cert_row *c)
{
	struct request_row r;
	json_t *of;

	if (c->request[0] == '\0')
		return 0;
	if (op_csr_load(cx, c->request, &r) < 0)
		return -1;
	json_object_set_new(o, "made_from", of = json_object());
	return put_request(cx, rq, of, &r, NULL, NULL);
}

static const char *
sentence_of(const struct identity *i, const struct cert_row *c, int64_t now)
{
	bool ended = now > c->not_after;

	if (strcmp(i->active, c->id) == 0)
		return ended ? "This certificate is active and has expired."
			     : "This certificate is active.";
	if (strcmp(i->previous, c->id) == 0)
		return "This certificate was active before the one that is.";
	return ended ? "This certificate was active once; it is over."
		     : "This certificate was active once and is kept.";
}

int
certificate_one(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;
	struct cert_row c;

	if (op_cert_load(cx, request_param(rq, "id"), &c) < 0)
		return -1;
	if (rq->face == FACE_API)
		return put_certificate_whole(cx, rq, view, &c);
	if (op_identity_load(cx, c.identity, &i) < 0 || put_identity_choice(cx, view, &i) < 0 ||
	    put_for_people(cx, rq, view, &c) < 0 || put_request_of(cx, rq, view, &c) < 0)
		return -1;
	put_text(view, "sentence", sentence_of(&i, &c, cx->now));
	view_command(view,
	    "certwright certificate show %s\ncertwright certificate download %s --chain -o chain.pem\n\n"
	    "GET /api/v1/certificates/%s\nGET /api/v1/certificates/%s/pem?chain=1",
	    c.id, c.id, c.id, c.id);
	return 0;
}

static int
put_one(struct ctx *cx, const struct request *rq, json_t *view, const char *name, const char *id)
{
	struct cert_row c;
	json_t *o;

	if (id[0] == '\0')
		return 0;
	if (op_cert_load(cx, id, &c) < 0)
		return -1;
	json_object_set_new(view, name, o = json_object());
	return put_for_people(cx, rq, o, &c) < 0 ? -1 : put_request_of(cx, rq, o, &c);
}

static int
put_history(struct ctx *cx, const struct request *rq, json_t *view, const struct identity *i)
{
	json_t *all = json_array(), *o;
	struct install_row *list;
	struct cert_row c;
	size_t n;

	json_object_set_new(view, "history", all);
	if (op_install_history(cx, i, &list, &n) < 0)
		return -1;
	put_bool(view, "history_any", n > 0);
	for (size_t k = 0; k < n && k < 20; k++) {
		if (op_cert_load(cx, list[k].certificate, &c) < 0)
			return -1;
		json_array_append_new(all, o = json_object());
		put_text(o, "act",
		    strcmp(list[k].act, "rollback") == 0    ? "rolled back to"
			: strcmp(list[k].act, "start") == 0 ? "made at the first start:"
							    : "installed");
		put_text(o, "title", certificate_title(cx, &c));
		put_text(o, "id", c.id);
		put_text(o, "actor", list[k].actor);
		put_text(o, "reason", list[k].reason);
		put_time(cx, rq, o, "at", list[k].at);
	}
	return 0;
}

/* Key, request, certificates on one line of time. */
static int
put_picture(struct ctx *cx, const struct request *rq, json_t *view, const struct identity *i)
{
	struct timeline_row rows[4];
	struct request_row r;
	struct cert_row c;
	struct key_row key;
	size_t n = 0;

	if (i->previous[0] != '\0') {
		if (op_cert_load(cx, i->previous, &c) < 0)
			return -1;
		rows[n++] = (struct timeline_row){ "Previous", TIMELINE_PAST, c.not_before,
			c.not_after, 0, NULL };
	}
	if (i->active[0] != '\0') {
		if (op_cert_load(cx, i->active, &c) < 0 || op_key_load(cx, c.key, &key) < 0)
			return -1;
		rows[n++] = (struct timeline_row){ "Active", TIMELINE_LIFE, c.not_before,
			c.not_after, renew_from(c.not_before, c.not_after),
			op_key_label(cx, &key) };
		if (key.generation > 0)
			rows[n++] = (struct timeline_row){ "Its key", TIMELINE_KEY, key.created_at,
				0, 0, NULL };
	}
	if (op_csr_newest(cx, i, &r) == 0 && strcmp(r.state, "pending") == 0)
		rows[n++] = (struct timeline_row){ "Request", TIMELINE_REQUEST, r.created_at, 0, 0,
			arena_printf(cx->arena, "request %lld", (long long)r.number) };
	err_clear(&cx->err);
	put_timeline(cx, rq, view, "timeline", rows, n);
	return 0;
}

/* How what is presented is, and how that is said of the portal and of others. */
static const char *
presented(const struct cert_row *c, bool portal, int64_t now)
{
	static const struct {
		const char *portal, *other;
	} words[] = { { ", which has expired: browsers refuse it.", " has expired." },
		{ ", which is not valid yet: browsers refuse it.", " is not valid yet." },
		{ ", which is self-signed: browsers do not trust it.", " is self-signed." },
		{ "; it is time to renew it.", " is active; it is time to renew it." },
		{ ".", " is active." } };
	size_t i = now > c->not_after			     ? 0
	    : now < c->not_before			     ? 1
	    : strcmp(c->origin, "self-signed") == 0	     ? 2
	    : now >= renew_from(c->not_before, c->not_after) ? 3
							     : 4;

	return portal ? words[i].portal : words[i].other;
}

/* The sentence that answers: is all well with what is presented? */
static int
put_status(struct ctx *cx, json_t *view, const struct identity *i)
{
	bool portal = strcmp(i->name, IDENTITY_PORTAL) == 0;
	struct cert_row c;

	if (i->active[0] == '\0') {
		put_text(view, "status", "No certificate is installed yet.");
		return 0;
	}
	if (op_cert_load(cx, i->active, &c) < 0)
		return -1;
	put_text(view, "status",
	    arena_printf(cx->arena, "%s certificate of %s%s",
		portal ? "All listeners present the" : "The", certificate_title(cx, &c),
		presented(&c, portal, cx->now)));
	return 0;
}

/* Is there anything that an answer could be for? */
static int
put_waiting(struct ctx *cx, json_t *view, const struct identity *i)
{
	struct request_row r;

	if (op_csr_newest(cx, i, &r) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		put_bool(view, "no_request", true);
		return 0;
	}
	if (strcmp(r.state, "pending") == 0)
		put_int(view, "waiting", r.number);
	return 0;
}

int
certificate_page(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;

	if (op_identity_load(cx, request_identity(rq), &i) < 0 ||
	    put_one(cx, rq, view, "active", i.active) < 0 ||
	    put_one(cx, rq, view, "previous", i.previous) < 0 ||
	    put_certificate_list(cx, rq, view, &i) < 0 || put_history(cx, rq, view, &i) < 0 ||
	    put_waiting(cx, view, &i) < 0 || put_picture(cx, rq, view, &i) < 0 ||
	    put_status(cx, view, &i) < 0)
		return -1;
	put_answer_command(cx, view, &i, true);
	return put_identity_choice(cx, view, &i);
}
