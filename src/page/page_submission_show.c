/*
 * page_submission_show.c - one request on its way, for programs and for people
 */
#include "op/op_install.h"
#include "op/op_issue.h"
#include "op/op_link.h"
#include "page/page_request.h"
#include "page/page_sheet.h"
#include "page/page_submission.h"

/* The state as a word with a shape; what its sheet then is, in the tense of it. */
static const struct state {
	const char *state, *mark, *words, *title, *sentence;
} states[] = {
	{ "sent", "note", "Waits for its answer", "What to expect", "It will be issued" },
	{ "held", "warn", "Waits for approval", "What will become of each wish",
	    "Once approved, it will be issued" },
	{ "answered", "good", "Answered", "What was expected", "It was expected to be issued" },
	{ "issued", "good", "Issued", "What became of each wish", "It was issued" },
	{ "rejected", "bad", "Rejected", "What would have become of each wish",
	    "It would have been issued" },
	{ "withdrawn", "off", "Withdrawn", "What was expected", "It was expected to be issued" },
};

static const struct state *
state_of(const struct submission_row *s)
{
	for (size_t i = 1; i < nitems(states); i++)
		if (strcmp(states[i].state, s->state) == 0)
			return &states[i];
	return &states[0];
}

bool
submission_waits(const struct submission_row *s)
{
	return strcmp(s->state, "sent") == 0 || strcmp(s->state, "held") == 0;
}

/* Who approved so far, as it is kept. */
static void
put_approvals(struct ctx *cx, json_t *o, const struct submission_row *s)
{
	json_t *all = s->approvals == NULL ? NULL : json_loads(s->approvals, 0, NULL),
	       *names = json_array(), *one;
	size_t i;

	json_array_foreach (all, i, one)
		json_array_append(names, json_object_get(one, "by"));
	json_object_set_new(o, "approved_by", names);
	json_decref(all);
}

void
put_order(json_t *o, const struct submission_row *s)
{
	char day[DAY_SIZE];

	if (s->order_until != 0)
		day_of(day, s->order_until);
	put_text(o, "order", s->order);
	put_text(o, "order_until", s->order_until == 0 ? NULL : day);
}

static void
put_state_words(json_t *o, const struct submission_row *s)
{
	put_state(o, state_of(s)->mark, state_of(s)->words);
	put_bool(o, s->state, true); /* a member named by the state */
}

void
put_submission(struct ctx *cx, const struct request *rq, json_t *o, const struct submission_row *s)
{
	put_text(o, "id", s->id);
	put_text(o, "state", s->state);
	put_tenant_name(cx, o, s->tenant);
	put_text(o, "authority", s->authority);
	put_text(o, "title", s->title);
	put_text(o, "profile", s->profile);
	put_bool(o, "public", s->is_public);
	json_object_set_new(o, "days", s->days == 0 ? json_null() : json_integer(s->days));
	put_text(o, "name", s->name);
	put_text(o, "subject", s->subject);
	put_text(o, "request", s->request[0] == '\0' ? NULL : s->request);
	put_text(o, "note", s->note);
	put_order(o, s);
	put_text(o, "created_by", s->created_by);
	put_time(cx, rq, o, "created", s->created_at);
	put_time(cx, rq, o, "ended", s->ended_at);
	put_text(o, "serial", s->serial);
	put_text(o, "decided_by", s->decided_by);
	put_text(o, "reason", s->reason);
	put_approvals(cx, o, s);
	if (rq->face == FACE_API)
		return;
	put_state_words(o, s);
	put_bool(o, "waits", submission_waits(s));
	put_bool(o, "decides", cx->actor.role >= (in_system(cx) ? ROLE_TENANT_ADMIN : ROLE_SUPER));
}

/* What another authority answered, once it is installed. */
static int
put_answer(struct ctx *cx, json_t *view, const struct submission_row *s)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	struct cert_row c;
	json_t *all;
	int there = op_submission_certificate(cx, s, &c);

	json_object_set_new(view, "certificate", json_null());
	if (there <= 0)
		return there;
	put_text(view, "certificate", cert_row_pem(cx, &c, false));
	json_object_set_new(view, "chain", all = json_array());
	for (const char *p = cert_row_pem(cx, &c, true), *q; (q = strstr(p, end)) != NULL;
	     p = q + strlen(end))
		json_array_append_new(
		    all, json_string(arena_printf(cx->arena, "%.*s%s", (int)(q - p), p, end)));
	return 0;
}

/* certificate, serial, and the chain with the certificate first: or null. */
int
put_submission_issued(struct ctx *cx, json_t *view, const struct submission_row *s)
{
	struct issued_row issued;
	const char **chain;
	json_t *all;
	size_t n;

	put_text(view, "serial", s->serial);
	if (s->serial == NULL)
		return put_answer(cx, view, s);
	if (op_issued(cx, s, &issued) < 0 || issued_chain(cx, &issued, &chain, &n) < 0)
		return -1;
	put_text(view, "certificate", chain[0]);
	json_object_set_new(view, "chain", all = json_array());
	for (size_t i = 0; i < n; i++)
		json_array_append_new(all, json_string(chain[i]));
	return 0;
}

static void
put_commands(struct ctx *cx, json_t *view, const struct submission_row *s)
{
	const char *act = strcmp(s->state, "held") == 0
	    ? arena_printf(cx->arena,
		  "\ncertwright request approve %s\ncertwright request reject %s", s->id, s->id)
	    : strcmp(s->state, "issued") == 0
	    ? arena_printf(cx->arena, "\ncertwright certificate install --request %s", s->id)
	    : "";

	view_command(view,
	    "certwright request show %s%s%s\ncertwright request link %s\n\n"
	    "GET  /api/v1/submissions/%s%s\nPOST /api/v1/submissions/%s/link",
	    s->id, act,
	    submission_waits(s) ? arena_printf(cx->arena, "\ncertwright request withdraw %s", s->id)
				: "",
	    s->id, s->id,
	    submission_waits(s)
		? arena_printf(cx->arena, "\nPOST /api/v1/submissions/%s/withdraw", s->id)
		: "",
	    s->id);
}

/* For people: the certificate and what can be done with it, or the approvals. */
static int
put_next(struct ctx *cx, json_t *view, const struct submission_row *s)
{
	struct request_row r;
	struct identity i;
	const char *pem = "";
	json_t *one, *install;
	size_t n;

	put_text(view, "sha256", submission_sha256(cx, s));
	if (put_submission_issued(cx, view, s) < 0)
		return -1;
	json_array_foreach (json_object_get(view, "chain"), n, one)
		pem = arena_printf(cx->arena, "%s%s", pem, json_string_value(one));
	put_text(view, "certificate", pem[0] == '\0' ? NULL : pem);
	if (s->serial == NULL || s->request[0] == '\0')
		return 0;
	if (op_csr_load(cx, s->request, &r) < 0 || op_identity_load(cx, r.identity, &i) < 0)
		return -1;
	json_object_set_new(view, "install", install = json_object());
	put_text(install, "identity", i.name);
	put_text(install, "query", identity_path(cx, "", i.name));
	return 0;
}

/* "It was issued as asked.": what is added to a wish leaves it as it was asked. */
static void
put_sentence(struct ctx *cx, json_t *view, const struct submission_row *s, const json_t *envelope)
{
	const json_t *d;
	bool asked = true;
	size_t i;

	json_array_foreach (json_object_get(envelope, "dispositions"), i, d) {
		const char *outcome = json_string_value(json_object_get(d, "outcome"));

		asked = asked && (strcmp(outcome, "granted") == 0 || strcmp(outcome, "added") == 0);
	}
	put_text(view, "sheet_title", state_of(s)->title);
	put_text(view, "sentence",
	    arena_printf(cx->arena, asked ? "%s as asked." : "%s, but not as asked.",
		state_of(s)->sentence));
}

/* "Waits for one more approval; root gave one." */
static void
put_wanted(struct ctx *cx, json_t *view, const struct submission_row *s)
{
	const json_t *given = json_object_get(view, "approved_by");
	const struct profile *profile;
	const struct card *card;
	struct err e = { 0 };

	put_text(view, "wanted", "Waits for an approval.");
	if (json_array_size(given) > 0)
		put_text(view, "wanted",
		    arena_printf(cx->arena, "Waits for one more approval; %s gave one.",
			json_string_value(json_array_get(given, 0))));
	else if (op_authority_find(cx, s->authority, &card) == 0 &&
	    (profile = authority_profile(&card->authority, s->profile, &e)) != NULL &&
	    profile->approvals > 1)
		put_text(view, "wanted", "Waits for the approvals of two persons.");
	err_clear(&cx->err);
}

/* The sheet of what came, with what was said when the request was sent. */
static json_t *
answered_sheet(struct ctx *cx, const struct submission_row *s, const struct cert_row *c)
{
	json_t *sheet = c->sheet == NULL ? NULL : json_loads(c->sheet, 0, NULL);

	if (sheet != NULL && s->key_note != NULL)
		json_array_append_new(json_object_get(sheet, "notes"),
		    json_string(arena_printf(cx->arena, KEPT_KEY_NOTE, s->key_note)));
	return sheet;
}

int
put_submission_sheet(
    struct ctx *cx, const struct request *rq, json_t *view, const struct submission_row *s)
{
	json_t *sheet = NULL;
	struct cert_row c;
	int there = op_submission_certificate(cx, s, &c);

	if (there < 0)
		return -1;
	put_state_words(view, s);
	if (there > 0 && (sheet = answered_sheet(cx, s, &c)) != NULL) {
		put_sheet_for_people(cx, view, sheet);
		put_text(view, "sheet_title", "What became of each wish");
		put_text(view, "sentence",
		    json_string_value(json_object_get(json_object_get(view, "sheet"), "sentence")));
		put_text(view, "installed_as", c.id);
	} else {
		sheet = json_loads(s->sheet, 0, NULL);
		put_sheet_for_people(cx, view, sheet);
		put_sentence(cx, view, s, sheet);
	}
	json_decref(sheet);
	return 0;
}

/* Of the requester, while it is good; else null. */
static int
put_link(struct ctx *cx, const struct request *rq, json_t *view, const struct submission_row *s)
{
	struct link_row l;
	json_t *o;
	int there = op_link_of(cx, s->id, &l);

	json_object_set_new(view, "link", there > 0 ? o = json_object() : json_null());
	if (there <= 0)
		return there;
	put_time(cx, rq, o, "created", l.created_at);
	put_text(o, "created_by", l.created_by);
	put_time(cx, rq, o, "expires", l.expires_at);
	return 0;
}

int
submission_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct submission_row s;
	json_t *sheet;

	if (op_submission_load(cx, request_param(rq, "id"), &s) < 0)
		return -1;
	put_submission(cx, rq, view, &s);
	if (put_link(cx, rq, view, &s) < 0)
		return -1;
	put_text(view, "pem", csr_pem_of_der(cx->arena, s.der, s.der_len));
	sheet = json_loads(s.sheet, 0, NULL);
	if (rq->face == FACE_API) {
		json_object_set_new(view, "sheet", sheet);
		put_text(view, "verdict", json_string_value(json_object_get(sheet, "verdict")));
		return put_submission_issued(cx, view, &s);
	}
	json_decref(sheet);
	if (put_submission_sheet(cx, rq, view, &s) < 0)
		return -1;
	put_wanted(cx, view, &s);
	put_commands(cx, view, &s);
	return put_next(cx, view, &s);
}
