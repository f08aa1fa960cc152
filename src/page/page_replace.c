/*
 * page_replace.c - Replace a compromised key: a guide, step by step
 */
#include "op/op_replace.h"
#include "page/page_preview.h"
#include "page/page_procedure.h"

#define PAGE "/settings/security/replace"

static const struct field replace_fields[] = {
	{ "key", "Key", FIELD_TEXT, ID_SIZE, false, NULL,
	    "id of the key that others have; the active one" },
	{ "type", "Key type", FIELD_CHOICE, 16, false, KEY_TYPES,
	    "of the new one; as the old one" },
	{ "note", "Note", FIELD_TEXT, NOTE_MAX, false, NULL, "what happened" },
	{ "authority", "Authority", FIELD_TEXT, 40, false, NULL,
	    "who signs; as the old key's request" },
	{ "profile", "Profile", FIELD_TEXT, 64, false, NULL, NULL },
	{ "days", "Days", FIELD_INT, 10, false, NULL, "the life that is asked for" },
	{ "in_use", "The server presents the new certificate", FIELD_BOOL, 0, false, NULL,
	    "where no listener of this daemon does" },
	{ "told", "The other authorities were asked to revoke", FIELD_BOOL, 0, false, NULL,
	    "those that are none of ours" },
	{ "choice", "Authority", FIELD_TEXT, 120, false, NULL, "portal: AUTHORITY:PROFILE" },
	{ "understood", "I understand", FIELD_BOOL, 0, false, NULL, "portal: the first step" },
	{ 0 }
};

static const char *const step_names[] = { [REPLACE_REQUEST] = "request",
	[REPLACE_SEND] = "send",
	[REPLACE_ANSWER] = "answer",
	[REPLACE_INSTALL] = "install",
	[REPLACE_REVOKE] = "revoke",
	[REPLACE_DONE] = "done" };

static const struct old_cert *
first_left(const struct replacement *r, bool here)
{
	for (size_t i = 0; i < r->ncerts; i++)
		if (!r->certs[i].revoked && r->certs[i].here == here)
			return &r->certs[i];
	return NULL;
}

/* What it waits for, as the rest of a sentence; NULL: it can go on. */
static const char *
waits_for(struct ctx *cx, const struct replacement *r)
{
	const struct old_cert *theirs = first_left(r, false);

	switch (r->step) {
	case REPLACE_SEND:
		return "an authority to be chosen";
	case REPLACE_ANSWER:
		return strcmp(r->submission.state, "held") == 0
		    ? "an approval of the request"
		    : arena_printf(cx->arena, "the answer of %s", r->submission.title);
	case REPLACE_REVOKE:
		if (r->served_elsewhere && first_left(r, true) != NULL)
			return arena_printf(cx->arena,
			    "the server of %s to present the new certificate", r->identity.name);
		if (theirs != NULL && r->served_elsewhere)
			return arena_printf(cx->arena,
			    "%s to be asked to revoke %s, once the server of %s presents the new "
			    "certificate",
			    theirs->issuer, theirs->serial, r->identity.name);
		return theirs == NULL ? NULL
				      : arena_printf(cx->arena, "%s to be asked to revoke %s",
					    theirs->issuer, theirs->serial);
	default:
		return NULL;
	}
}

static void
put_certs(struct ctx *cx, const struct request *rq, json_t *o, const struct replacement *r)
{
	json_t *all = json_array(), *one;

	json_object_set_new(o, "certificates", all);
	for (size_t i = 0; i < r->ncerts; i++) {
		const struct old_cert *c = &r->certs[i];

		json_array_append_new(all, one = json_object());
		put_text(one, "serial", c->serial);
		put_text(one, "issuer", c->issuer);
		put_bool(one, "here", c->here);
		put_bool(one, "revoked", c->revoked);
		put_time(cx, rq, one, "not_after", c->not_after);
		if (rq->face == FACE_PORTAL)
			put_state(one, c->revoked ? "good" : "note",
			    !c->revoked	  ? "Not revoked yet"
				: c->here ? "Revoked"
					  : "Its authority was asked");
	}
}

static void
put_replacement(struct ctx *cx, const struct request *rq, json_t *o, const struct replacement *r)
{
	put_text(o, "id", r->row.id);
	put_text(o, "identity", r->identity.name);
	put_text(o, "state", r->step == REPLACE_DONE ? "done" : "open");
	put_text(o, "step", step_names[r->step]);
	put_text(o, "waits_for", waits_for(cx, r));
	put_text(o, "note", r->row.note);
	put_text(o, "old_key", r->old.id);
	put_text(o, "new_key", r->next.id);
	put_text(o, "request", r->has_request ? r->request.id : NULL);
	put_text(o, "submission", r->has_submission ? r->submission.id : NULL);
	put_certs(cx, rq, o, r);
	put_text(o, "told_by", r->row.told_by);
	put_time(cx, rq, o, "started", r->row.created_at);
	put_text(o, "started_by", r->row.created_by);
	put_time(cx, rq, o, "ended", r->row.ended_at);
}

/* ---- the guide ----------------------------------------------------------------------- */

/* One line of it: done, now or later; `form_NAME` is there while it is next. */
static json_t *
put_step(struct ctx *cx, json_t *steps, const struct replacement *r, enum replace_step step,
    const char *title, const char *text)
{
	json_t *o = json_object();
	bool answer = step == REPLACE_SEND && r->step == REPLACE_ANSWER;
	bool now = r->step == step || answer;

	json_array_append_new(steps, o);
	put_state(o,
	    r->step > step && !answer ? "good"
		: now		      ? "note"
				      : "off",
	    r->step > step && !answer ? "Done"
		: answer	      ? "Waits"
		: now		      ? "Now"
				      : "Later");
	put_text(o, "step_title", title);
	put_text(o, "text", text);
	put_bool(o, "now", now);
	if (now && !answer)
		put_bool(o, arena_printf(cx->arena, "form_%s", step_names[step]), true);
	return o;
}

static void
put_steps(struct ctx *cx, json_t *view, const struct replacement *r)
{
	struct arena *a = cx->arena;
	json_t *steps = json_array(), *o;

	json_object_set_new(view, "steps", steps);
	o = json_object();
	json_array_append_new(steps, o);
	put_state(o, "good", "Done");
	put_text(o, "step_title", "Refuse the old key, make a new one");
	put_text(o, "text",
	    arena_printf(a,
		"Generation %lld is refused from now on: in requests, imports and certificates. "
		"Generation %lld, %s, takes its place.",
		(long long)r->old.generation, (long long)r->next.generation,
		op_key_label(cx, &r->next)));
	put_step(cx, steps, r, REPLACE_REQUEST, "Make the request",
	    r->has_request ? arena_printf(a, "Request %lld.", (long long)r->request.number)
			   : "With the fields that are saved on SSL CSR.");
	o = put_step(cx, steps, r, REPLACE_SEND, "Have it signed",
	    !r->has_submission ? "By the same authority as before, or another one."
			       : arena_printf(a, "Sent to %s.", r->submission.title));
	put_text(o, "sheet_of", r->has_submission ? r->submission.id : NULL);
	put_bool(
	    o, "by_hand", r->step == REPLACE_ANSWER && strcmp(r->submission.state, "sent") == 0);
	put_step(cx, steps, r, REPLACE_INSTALL, "Install the new certificate",
	    "The old one is presented until then, and no connection breaks.");
	put_step(cx, steps, r, REPLACE_REVOKE, "Revoke the old certificates",
	    "With the reason keyCompromise: clients that ask refuse them from then on.");
}

static const char *
sentence(struct ctx *cx, const struct replacement *r)
{
	const char *waits = waits_for(cx, r);

	if (r->step == REPLACE_DONE)
		return arena_printf(cx->arena, "The key of %s was replaced %s.", r->identity.name,
		    time_relative(cx->arena, r->row.ended_at, cx->now));
	if (waits != NULL)
		return arena_printf(cx->arena, "It waits for %s.", waits);
	return "The next step can be taken now.";
}

static int
put_guide(struct ctx *cx, const struct request *rq, json_t *view, const struct replacement *r)
{
	const char *authority = NULL, *profile = NULL;
	json_t *o = json_object();

	json_object_set_new(view, r->step == REPLACE_DONE ? "last" : "guide", o);
	put_replacement(cx, rq, o, r);
	put_text(view, "status", sentence(cx, r));
	put_steps(cx, o, r);
	put_bool(o, "left_here", first_left(r, true) != NULL);
	put_bool(o, "left_there", first_left(r, false) != NULL);
	put_bool(o, "elsewhere", r->served_elsewhere && first_left(r, true) != NULL);
	if (r->step == REPLACE_SEND && op_replace_authority(cx, r, &authority, &profile) < 0)
		return -1;
	put_choices(cx, view, authority, profile, false);
	return 0;
}

static int
replace_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct replacement r;
	struct identity i;
	int found;

	if (op_identity_load(cx, request_identity(rq), &i) < 0 ||
	    (found = op_replace_load(cx, &i, &r)) < 0)
		return -1;
	if (rq->face == FACE_API) {
		if (found == 0)
			return err_set(
			    &cx->err, R_NOT_FOUND, NULL, "no key of %s was replaced", i.name);
		put_replacement(cx, rq, view, &r);
		return 0;
	}
	put_text(
	    view, "status", "Others have its private key, or may have it? Replace it at once.");
	view_command(view,
	    "certwright key replace --note \"what happened\"%s\n\n"
	    "POST /api/v1/identities/%s/replacement  {\"note\": \"what happened\"}\n"
	    "GET  /api/v1/identities/%s/replacement",
	    identity_option(cx, &i), i.name, i.name);
	if (put_identity_choice(cx, view, &i) < 0)
		return -1;
	return found == 0 ? 0 : put_guide(cx, rq, view, &r);
}

/* ---- begin, or go on --------------------------------------------------------------------- */

static int
must_say(struct ctx *cx, const struct request *rq, const char *field, const char *what)
{
	return request_bool(rq, field) ? 0 : err_set(&cx->err, R_FIELD_REQUIRED, field, "%s", what);
}

/* In the portal no step is taken by one click where it cannot be undone. */
static int
check_said(struct ctx *cx, const struct request *rq, const struct identity *i)
{
	struct replacement r;
	int found = op_replace_load(cx, i, &r);

	if (found < 0)
		return -1;
	if (found == 0 || r.step == REPLACE_DONE)
		return must_say(cx, rq, "understood",
		    "say that you understand, since a key that was marked stays refused");
	if (r.step != REPLACE_REVOKE)
		return 0;
	if (r.served_elsewhere && first_left(&r, true) != NULL &&
	    must_say(cx, rq, "in_use", "say that the server presents the new certificate") < 0)
		return -1;
	return first_left(&r, true) == NULL && first_left(&r, false) != NULL
	    ? must_say(cx, rq, "told", "say that its authority was asked to revoke it")
	    : 0;
}

static const char *
given(const struct request *rq, const char *name)
{
	const char *value = request_field(rq, name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

static int
replace(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct replace_wish w = { .key = given(rq, "key"),
		.type = given(rq, "type"),
		.note = given(rq, "note"),
		.authority = given(rq, "authority"),
		.profile = given(rq, "profile"),
		.days = preview_member(cx, rq, "days"),
		.in_use = request_bool(rq, "in_use"),
		.told = request_bool(rq, "told"),
		.one = rq->face == FACE_PORTAL };
	const char *choice = given(rq, "choice"), *colon;
	struct replacement r;
	struct identity i;

	if (choice != NULL && (colon = strchr(choice, ':')) != NULL) {
		w.authority = arena_dup(cx->arena, choice, (size_t)(colon - choice));
		w.profile = colon + 1;
	}
	if (op_identity_load(cx, request_identity(rq), &i) < 0 ||
	    (rq->face == FACE_PORTAL && check_said(cx, rq, &i) < 0) ||
	    op_replace(cx, &i, &w, &r) < 0)
		return -1;
	if (rq->face == FACE_PORTAL)
		view_redirect(view, identity_path(cx, PAGE, i.name));
	put_replacement(cx, rq, view, &r);
	view_status(view, r.step == REPLACE_DONE ? 200 : 202);
	return 0;
}

static const struct route routes[] = {
	{ .name = "key.replacement",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/identities/{identity}/replacement",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = replace_show,
	    .template = "replace",
	    .title = "Replace a compromised key",
	    .tab = "settings",
	    .menu = "key",
	    .answer = "Replacement",
	    .summary = "A key that others have: how far it is replaced" },
	{ .name = "key.replace",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = "/identities/{identity}/replacement",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = replace,
	    .fields = replace_fields,
	    .audit = "key.replace",
	    .page = "key.replacement",
	    .also = 202,
	    .answer = "Replacement",
	    .summary = "Others have this key: replace it, as far as it can be done now" },
};
const struct route_table page_replace_routes = { routes, nitems(routes) };
