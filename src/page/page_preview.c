/*
 * page_preview.c - what an authority will make of a request, before it is sent
 */
#include <stdio.h>

#include "op/op_order.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_request.h"
#include "page/page_sheet.h"
#include "page/page_submission.h"

static const struct field preview_fields[] = { { "csr", "CSR", FIELD_LINES, 0, false, NULL,
						   "PEM; or the CSR alone as the body" },
	{ "authority", "Authority", FIELD_TEXT, 40, false, NULL, "its id" },
	{ "profile", "Profile", FIELD_TEXT, 64, false, NULL,
	    "the authority's default when left out" },
	{ "days", "Days", FIELD_INT, 10, false, NULL, "the life that is asked for" },
	{ "date", "Date", FIELD_TEXT, 10, false, NULL,
	    "day of issuance, YYYY-MM-DD; today when left out" },
	{ 0 } };

/* ---- the API ------------------------------------------------------------------ */

const char *
preview_member(struct ctx *cx, const struct request *rq, const char *name)
{
	const json_t *number = json_object_get(rq->json, name);
	const char *value = request_field(rq, name);

	if (json_is_integer(number))
		return arena_printf(cx->arena, "%lld", (long long)json_integer_value(number));
	return value != NULL ? value : request_query(rq, name);
}

void
put_whose(json_t *view, const struct preview *p)
{
	char day[DAY_SIZE];

	day_of(day, p->when);
	put_text(view, "authority", p->card->authority.id);
	put_text(view, "profile", p->profile->name);
	put_text(view, "date", day);
}

static int
preview_any(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *authority = preview_member(cx, rq, "authority");
	struct preview p;
	struct sheet sheet;
	size_t len;
	const void *csr = request_csr(rq, &len);

	if (authority == NULL) {
		err_set(&cx->err, R_FIELD_REQUIRED, "authority", "an authority is required");
		return err_hint(&cx->err, "`certwright authority list` names them");
	}
	if (op_preview_parse(cx, authority, preview_member(cx, rq, "profile"),
		preview_member(cx, rq, "days"), preview_member(cx, rq, "date"), &p) < 0)
		return -1;
	if (op_csr_preview(cx, csr, len, &p, &sheet) < 0)
		return -1;
	put_envelope(view, sheet_json(&sheet));
	put_whose(view, &p);
	return 0;
}

/* ---- the SSL CSR page ------------------------------------------------------------ */

int
preview_chosen(
    struct ctx *cx, const char *choice, const char *days, const char *date, struct preview *p)
{
	const char *colon = strchr(choice, ':');
	size_t n = colon == NULL ? strlen(choice) : (size_t)(colon - choice);

	return op_preview_parse(
	    cx, arena_dup(cx->arena, choice, n), colon == NULL ? NULL : colon + 1, days, date, p);
}

static bool
is_choice(const struct ctx *cx, const struct card *c, const struct profile *p, bool servers)
{
	if (servers && !profile_serves(c, p))
		return false;
	return in_system(cx) || c->own == NULL || !profile_speaks(p);
}

void
put_choices(struct ctx *cx, json_t *view, const char *authority, const char *profile, bool servers)
{
	json_t *all = json_array(), *o;
	const struct card *cards;
	size_t n;

	json_object_set_new(view, "choices", all);
	cards = op_authority_list(cx, &n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < cards[i].authority.nprofiles; k++) {
			const struct authority *a = &cards[i].authority;

			if (!is_choice(cx, &cards[i], &a->profiles[k], servers))
				continue;
			json_array_append_new(all, o = json_object());
			put_text(o, "value",
			    arena_printf(cx->arena, "%s:%s", a->id, a->profiles[k].name));
			put_text(o, "label",
			    a->nprofiles == 1
				? a->title
				: arena_printf(cx->arena, "%s, %s", a->title, a->profiles[k].name));
			put_bool(o, "selected",
			    authority != NULL && strcmp(authority, a->id) == 0 &&
				strcmp(profile, a->profiles[k].name) == 0);
		}
}

/* V12: beside each of the seven fields, what becomes of it. */
static void
put_fates(struct ctx *cx, json_t *view, const struct preview *p)
{
	static const struct {
		const char *field, *item;
	} fields[] = { { "country", "subject.C" }, { "state", "subject.ST" },
		{ "locality", "subject.L" }, { "organization", "subject.O" },
		{ "unit", "subject.OU" }, { "common_name", "subject.CN" },
		{ "email", "subject.emailAddress" } };
	json_t *all = json_object();

	json_object_set_new(view, "fate", all);
	for (size_t i = 0; i < nitems(fields); i++) {
		struct fate f = examine_attribute(
		    cx->arena, &p->card->authority, p->profile, p->when, fields[i].item);

		put_text(all, fields[i].field,
		    f.effect == EFFECT_GRANT
			? "This CA takes it over."
			: arena_printf(cx->arena, "This CA %s: %s (%s).",
			      f.effect == EFFECT_DROP ? "leaves it out" : "refuses it", f.reason,
			      f.reference));
	}
}

static const char *
sentence_of(enum verdict v)
{
	return v == VERDICT_REFUSE ? "This request will be refused."
	    : v == VERDICT_HOLD	   ? "It will wait for an approval."
	    : v == VERDICT_AMEND   ? "It will be issued, but not as asked."
				   : "It will be issued as asked.";
}

/* What was paid for there and has not ended goes on (M12). */
static int
put_running_order(struct ctx *cx, json_t *view, const struct request_row *r, const char *authority)
{
	struct submission_row before;
	json_t *o;
	int found = order_running(cx, r->identity, authority, &before);

	if (found > 0) {
		json_object_set_new(view, "running", o = json_object());
		put_order(o, &before);
	}
	return found < 0 ? -1 : 0;
}

int
put_preview(struct ctx *cx, const struct request *rq, json_t *view, const struct request_row *r)
{
	const char *choice = request_query(rq, "authority");
	json_t *o, *envelope;
	struct preview p;
	struct sheet sheet;

	if (choice == NULL || choice[0] == '\0') {
		put_choices(cx, view, NULL, NULL, false);
		return 0;
	}
	if (preview_chosen(cx, choice, request_query(rq, "days"), request_query(rq, "date"), &p) <
	    0)
		return -1;
	put_choices(cx, view, p.card->authority.id, p.profile->name, false);
	put_fates(cx, view, &p);
	put_text(view, "days", request_query(rq, "days"));
	json_object_set_new(view, "preview", o = json_object());
	put_whose(o, &p);
	put_text(o, "title", p.card->authority.title);
	put_text(o, "choice", choice);
	put_bool(o, "own", p.card->own != NULL);
	put_text(o, "day", time_day(cx->arena, p.when));
	if (r == NULL)
		return 0;
	if (op_csr_preview(cx, r->der, r->der_len, &p, &sheet) < 0)
		return -1;
	envelope = sheet_json(&sheet);
	put_sheet_for_people(cx, view, envelope);
	json_decref(envelope);
	if (p.card->own == NULL && put_running_order(cx, view, r, p.card->authority.id) < 0)
		return -1;
	put_text(o, "sentence", sentence_of(sheet.verdict));
	put_bool(o, "refused", sheet.verdict == VERDICT_REFUSE);
	return 0;
}

static const struct route routes[] = {
	{ .name = "csr.preview",
	    .method = "POST",
	    .api_path = "/csr/preview",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = preview_any,
	    .fields = preview_fields,
	    .audit = "csr.preview",
	    .limit = 2 * LIMIT_CSR,
	    .answer = "Preview",
	    .takes = "application/pkcs10",
	    .query = preview_fields + 1,
	    .summary = "What an authority will make of any CSR; nothing is sent or changed" },
};
const struct route_table page_preview_routes = { routes, nitems(routes) };
