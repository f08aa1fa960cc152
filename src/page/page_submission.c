/*
 * page_submission.c - Requests: what is on its way to an authority
 */
#include "op/op_issue.h"
#include "op/op_submit.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_request.h"
#include "page/page_sheet.h"

#define PAGE	 "/requests"
#define CSR_PAGE "/settings/security/csr"

static const struct field submit_fields[] = {
	{ "csr", "CSR", FIELD_LINES, 0, false, NULL, "PEM; or the CSR alone as the body" },
	{ "profile", "Profile", FIELD_TEXT, 64, false, NULL,
	    "the authority's default when left out" },
	{ "days", "Days", FIELD_INT, 10, false, NULL, "the life that is asked for" },
	{ "note", "Note", FIELD_TEXT, NOTE_MAX, false, NULL, "an order number, or what helps" },
	{ "request", "Request", FIELD_TEXT, ID_SIZE, false, NULL,
	    "id of a request here, instead of a CSR" },
	{ "choice", "Authority", FIELD_TEXT, 120, false, NULL, "portal: AUTHORITY:PROFILE" }, { 0 }
};

static const struct field approve_fields[] = {
	{ "sha256", "SHA-256", FIELD_TEXT, 64, false, NULL,
	    "of the CSR that was looked at; another one is not approved" },
	{ 0 }
};
static const struct field reject_fields[] = {
	{ "reason", "Reason", FIELD_TEXT, NOTE_MAX, false, NULL, "why; it is recorded" }, { 0 }
};

static const struct state {
	const char *state, *mark, *words;
} states[] = {
	{ "sent", "note", "Waits for its answer" },
	{ "held", "warn", "Waits for an approval" },
	{ "answered", "good", "Answered" },
	{ "issued", "good", "Issued" },
	{ "rejected", "bad", "Rejected" },
	{ "withdrawn", "off", "Withdrawn" },
};

static bool
waits(const struct submission_row *s)
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

static void
put_submission(struct ctx *cx, const struct request *rq, json_t *o, const struct submission_row *s)
{
	put_text(o, "id", s->id);
	put_text(o, "state", s->state);
	put_text(o, "authority", s->authority);
	put_text(o, "title", s->title);
	put_text(o, "profile", s->profile);
	put_bool(o, "public", s->is_public);
	json_object_set_new(o, "days", s->days == 0 ? json_null() : json_integer(s->days));
	put_text(o, "name", s->name);
	put_text(o, "subject", s->subject);
	put_text(o, "request", s->request[0] == '\0' ? NULL : s->request);
	put_text(o, "note", s->note);
	put_text(o, "created_by", s->created_by);
	put_time(cx, rq, o, "created", s->created_at);
	put_time(cx, rq, o, "ended", s->ended_at);
	put_text(o, "serial", s->serial);
	put_text(o, "decided_by", s->decided_by);
	put_text(o, "reason", s->reason);
	put_approvals(cx, o, s);
	if (rq->face == FACE_API)
		return;
	for (size_t i = 0; i < nitems(states); i++)
		if (strcmp(states[i].state, s->state) == 0)
			put_state(o, states[i].mark, states[i].words);
	put_bool(o, s->state, true); /* a member named by the state */
	put_bool(o, "waits", waits(s));
	put_bool(o, "decides", cx->actor.role >= ROLE_TENANT_ADMIN);
}

/* certificate, serial, and the chain with the certificate first: or null. */
static int
put_issued(struct ctx *cx, json_t *view, const struct submission_row *s)
{
	struct issued_row issued;
	const char **chain;
	json_t *all;
	size_t n;

	put_text(view, "serial", s->serial);
	if (s->serial == NULL) {
		json_object_set_new(view, "certificate", json_null());
		return 0;
	}
	if (op_issued(cx, s, &issued) < 0 || issued_chain(cx, &issued, &chain, &n) < 0)
		return -1;
	put_text(view, "certificate", chain[0]);
	json_object_set_new(view, "chain", all = json_array());
	for (size_t i = 0; i < n; i++)
		json_array_append_new(all, json_string(chain[i]));
	return 0;
}

/* The CSR of the request here, or the one that was sent. */
static int
submit(struct ctx *cx, const struct request *rq, const struct preview *p, struct sheet *sheet,
    struct submission_row *s)
{
	const char *id = request_field(rq, "request"), *note = preview_member(cx, rq, "note");
	struct request_row r;
	size_t len;
	const void *csr = request_csr(rq, &len);

	if (id == NULL || id[0] == '\0')
		return op_submit(cx, csr, len, p, note, sheet, s);
	return op_csr_load(cx, id, &r) < 0 ? -1
					   : op_submit(cx, r.der, r.der_len, p, note, sheet, s);
}

static int
parse(struct ctx *cx, const struct request *rq, struct preview *p)
{
	const char *days = preview_member(cx, rq, "days"), *choice = request_field(rq, "choice");

	if (rq->face == FACE_PORTAL)
		return preview_chosen(cx, choice == NULL ? "" : choice, days, NULL, p);
	return op_preview_parse(
	    cx, request_param(rq, "id"), preview_member(cx, rq, "profile"), days, NULL, p);
}

static int
submission_submit(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct submission_row s;
	struct preview p;
	struct sheet sheet = { 0 };

	if (parse(cx, rq, &p) < 0)
		return -1;
	if (submit(cx, rq, &p, &sheet, &s) < 0) {
		if (cx->err.refusal == R_SUBMIT_REFUSED) {
			put_envelope(view, sheet_json(&sheet));
			put_whose(view, &p);
			view_problem(view);
		}
		return -1;
	}
	put_envelope(view, sheet_json(&sheet));
	put_whose(view, &p);
	put_text(view, "id", s.id);
	view_status(view, s.serial != NULL ? 201 : 202);
	return put_issued(cx, view, &s);
}

static int
submission_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct submission_row *list;
	size_t n, waiting = 0;

	json_object_set_new(view, "submissions", all);
	if (op_submission_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_submission(cx, rq, o, &list[i]);
		waiting += waits(&list[i]);
	}
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "status",
	    waiting == 0 ? "Nothing waits."
			 : arena_printf(cx->arena,
			       waiting == 1 ? "One request waits for its answer."
					    : "%zu requests wait for their answers.",
			       waiting));
	view_command(view, "certwright request list\n\nGET /api/v1/submissions");
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

	view_command(view, "certwright request show %s%s%s\n\nGET  /api/v1/submissions/%s%s", s->id,
	    act, waits(s) ? arena_printf(cx->arena, "\ncertwright request withdraw %s", s->id) : "",
	    s->id,
	    waits(s) ? arena_printf(cx->arena, "\nPOST /api/v1/submissions/%s/withdraw", s->id)
		     : "");
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
	json_object_set(view, "approvals", json_object_get(view, "approved_by"));
	if (put_issued(cx, view, s) < 0)
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

static int
submission_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct submission_row s;
	json_t *sheet;

	if (op_submission_load(cx, request_param(rq, "id"), &s) < 0)
		return -1;
	put_submission(cx, rq, view, &s);
	put_text(view, "pem", csr_pem_of_der(cx->arena, s.der, s.der_len));
	sheet = json_loads(s.sheet, 0, NULL);
	if (rq->face == FACE_API) {
		json_object_set_new(view, "sheet", sheet);
		put_text(view, "verdict", json_string_value(json_object_get(sheet, "verdict")));
		return put_issued(cx, view, &s);
	}
	put_sheet_for_people(cx, view, sheet);
	json_decref(sheet);
	put_commands(cx, view, &s);
	return put_next(cx, view, &s);
}

static int
decided(struct ctx *cx, json_t *view, const struct sheet *sheet, const struct submission_row *s)
{
	put_envelope(view, sheet_json(sheet));
	put_text(view, "id", s->id);
	put_text(view, "state", s->state);
	view_status(view, s->serial != NULL ? 201 : 202);
	return put_issued(cx, view, s);
}

static int
submission_approve(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct submission_row s;
	struct sheet sheet = { 0 };

	if (op_approve(cx, request_param(rq, "id"), request_field(rq, "sha256"), &sheet, &s) == 0)
		return decided(cx, view, &sheet, &s);
	if (cx->err.refusal == R_SUBMIT_REFUSED) {
		put_envelope(view, sheet_json(&sheet));
		view_problem(view);
	}
	return -1;
}

static int
submission_reject(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct submission_row s;

	if (op_reject(cx, request_param(rq, "id"), request_field(rq, "reason"), &s) < 0)
		return -1;
	put_submission(cx, rq, view, &s);
	return 0;
}

static int
submission_withdraw(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct submission_row s;

	if (op_submission_withdraw(cx, request_param(rq, "id"), &s) < 0)
		return -1;
	put_submission(cx, rq, view, &s);
	return 0;
}

static const struct route routes[] = {
	{ .name = "submission.list",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/submissions",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = submission_list,
	    .template = "requests",
	    .title = "Requests",
	    .tab = "requests",
	    .answer = "Submissions",
	    .summary = "What is on its way to an authority; what waits comes first" },
	{ .name = "submission.one",
	    .method = "GET",
	    .portal_path = PAGE "/{id}",
	    .api_path = "/submissions/{id}",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = submission_show,
	    .template = "submission",
	    .title = "Request",
	    .tab = "requests",
	    .answer = "Submission",
	    .summary = "One of them, with what was expected on that day" },
	{ .name = "submission.submit",
	    .method = "POST",
	    .portal_path = CSR_PAGE "/send",
	    .api_path = "/authorities/{id}/requests",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = submission_submit,
	    .fields = submit_fields,
	    .audit = "request.submit",
	    .limit = 2 * LIMIT_CSR,
	    .page = "csr",
	    .then = PAGE "/{id}",
	    .status = 202,
	    .also = 201,
	    .answer = "Submitted",
	    .takes = "application/pkcs10",
	    .query = submit_fields + 1,
	    .summary =
		"Have a CSR signed by our own authority, or keep that it goes to another by hand" },
	{ .name = "submission.approve",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/approve",
	    .api_path = "/submissions/{id}/approve",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = submission_approve,
	    .fields = approve_fields,
	    .audit = "request.approve",
	    .page = "submission.one",
	    .then = PAGE "/{id}",
	    .status = 202,
	    .also = 201,
	    .answer = "Decided",
	    .summary = "Approve a held request; with the last approval it is issued" },
	{ .name = "submission.reject",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/reject",
	    .api_path = "/submissions/{id}/reject",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = submission_reject,
	    .fields = reject_fields,
	    .audit = "request.reject",
	    .page = "submission.one",
	    .then = PAGE "/{id}",
	    .answer = "SubmissionState",
	    .summary = "A held request is not issued" },
	{ .name = "submission.withdraw",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/withdraw",
	    .api_path = "/submissions/{id}/withdraw",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = submission_withdraw,
	    .audit = "request.withdraw",
	    .page = "submission.one",
	    .then = PAGE "/{id}",
	    .answer = "SubmissionState",
	    .summary = "It is not waited for any more" },
};
const struct route_table page_submission_routes = { routes, nitems(routes) };
