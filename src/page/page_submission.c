/*
 * page_submission.c - Requests: what is on its way to an authority
 */
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

static const char *
state_words(const char *state)
{
	return strcmp(state, "sent") == 0    ? "Waits for its answer"
	    : strcmp(state, "answered") == 0 ? "Answered"
					     : "Withdrawn";
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
	if (rq->face == FACE_API)
		return;
	put_state(o,
	    strcmp(s->state, "sent") == 0	    ? "note"
		: strcmp(s->state, "answered") == 0 ? "good"
						    : "off",
	    state_words(s->state));
	put_bool(o, s->state, true); /* a member named by the state */
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
	json_object_set_new(view, "certificate", json_null());
	json_object_set_new(view, "serial", json_null());
	return 0;
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
		waiting += strcmp(list[i].state, "sent") == 0;
	}
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "status",
	    waiting == 0 ? "Nothing waits for an authority."
			 : arena_printf(cx->arena,
			       waiting == 1 ? "One request waits for an authority."
					    : "%zu requests wait for an authority.",
			       waiting));
	view_command(view, "certwright request list\n\nGET /api/v1/submissions");
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
		return 0;
	}
	put_sheet_for_people(cx, view, sheet);
	json_decref(sheet);
	view_command(view,
	    "certwright request show %s\ncertwright request withdraw %s\n\n"
	    "GET  /api/v1/submissions/%s\nPOST /api/v1/submissions/%s/withdraw",
	    s.id, s.id, s.id, s.id);
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
	    .answer = "Submitted",
	    .takes = "application/pkcs10",
	    .query = submit_fields + 1,
	    .summary = "Keep that a CSR goes to this authority by hand" },
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
