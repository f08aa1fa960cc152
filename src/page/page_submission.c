/*
 * page_submission.c - Requests: what is on its way to an authority
 */
#include "op/op_issue.h"
#include "op/op_order.h"
#include "op/op_pull.h"
#include "op/op_submit.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_request.h"
#include "page/page_sheet.h"
#include "page/page_submission.h"

#define PAGE	 "/requests"
#define CSR_PAGE "/settings/security/csr"

static const struct field submit_fields[] = {
	{ "csr", "CSR", FIELD_LINES, 0, false, NULL, "PEM; or the CSR alone as the body" },
	{ "profile", "Profile", FIELD_TEXT, 64, false, NULL,
	    "the authority's default when left out" },
	{ "days", "Days", FIELD_INT, 10, false, NULL, "the life that is asked for" },
	{ "note", "Note", FIELD_TEXT, NOTE_MAX, false, NULL, "an order number, or what helps" },
	{ "keep_key", "Why the key is kept", FIELD_TEXT, KEY_NOTE_MAX, false, NULL,
	    "of a request here that keeps the key of a certificate" },
	{ "order", "Order number", FIELD_TEXT, ORDER_MAX, false, NULL,
	    "left out: the order that runs there; empty: none" },
	{ "order_until", "Last day of the order", FIELD_TEXT, 10, false, NULL, "YYYY-MM-DD" },
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

/* The CSR of the request here, or the one that was sent. */
static int
submit(struct ctx *cx, const struct request *rq, const struct preview *p, struct sheet *sheet,
    struct submission_row *s)
{
	const struct submit_words w = { preview_member(cx, rq, "note"),
		preview_member(cx, rq, "keep_key"), preview_member(cx, rq, "order"),
		preview_member(cx, rq, "order_until") };
	const char *id = request_field(rq, "request");
	struct request_row r;
	size_t len;
	const void *csr = request_csr(rq, &len);

	if (id == NULL || id[0] == '\0')
		return op_submit(cx, csr, len, p, &w, sheet, s);
	return op_csr_load(cx, id, &r) < 0 ? -1 : op_submit(cx, r.der, r.der_len, p, &w, sheet, s);
}

/* From the host of a component: nothing but a CSR. */
static int
pull(struct ctx *cx, const struct request *rq, const struct preview *p, struct sheet *sheet,
    struct submission_row *s)
{
	size_t len;
	const void *csr = request_csr(rq, &len);

	return op_pull_submit(cx, csr, len, p, sheet, s);
}

static int
parse(struct ctx *cx, const struct request *rq, struct preview *p)
{
	const char *days = preview_member(cx, rq, "days"), *choice = request_field(rq, "choice");

	if (cx->actor.kind == ACTOR_HOST)
		return op_pull_preview(
		    cx, request_param(rq, "id"), preview_member(cx, rq, "profile"), days, p);
	if (rq->face == FACE_PORTAL)
		return preview_chosen(cx, choice == NULL ? "" : choice, days, NULL, p);
	return op_preview_parse(
	    cx, request_param(rq, "id"), preview_member(cx, rq, "profile"), days, NULL, p);
}

/* What was issued has its dispositions as text already. */
static void
put_sheet(const struct request *rq, json_t *view, const struct sheet *sheet,
    const struct submission_row *s)
{
	if (rq->face == FACE_PORTAL || s->dispositions == NULL) {
		put_envelope(view, sheet_json(sheet));
		return;
	}
	put_envelope(view, sheet_frame(sheet));
	view_text(view, "dispositions", s->dispositions);
}

static int
submission_submit(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct submission_row s;
	struct preview p;
	struct sheet sheet = { 0 };

	if (parse(cx, rq, &p) < 0)
		return -1;
	if ((cx->actor.kind == ACTOR_HOST ? pull(cx, rq, &p, &sheet, &s)
					  : submit(cx, rq, &p, &sheet, &s)) < 0) {
		if (submit_has_sheet(cx->err.refusal)) {
			put_envelope(view, sheet_json(&sheet));
			put_whose(view, &p);
			view_problem(view);
		}
		return -1;
	}
	put_sheet(rq, view, &sheet, &s);
	put_whose(view, &p);
	put_text(view, "id", s.id);
	view_status(view, s.serial != NULL ? 201 : 202);
	return put_submission_issued(cx, view, &s);
}

/* "2 requests wait: 1 for approval, 1 for an answer." */
static const char *
list_words(struct ctx *cx, size_t held, size_t sent)
{
	if (held + sent == 0)
		return "Nothing waits.";
	if (held > 0 && sent > 0)
		return arena_printf(cx->arena,
		    "%zu requests wait: %zu for approval, %zu for an answer.", held + sent, held,
		    sent);
	if (held + sent == 1)
		return held > 0 ? "One request waits for approval."
				: "One request waits for its answer.";
	return arena_printf(cx->arena,
	    held > 0 ? "%zu requests wait for approval." : "%zu requests wait for their answers.",
	    held + sent);
}

static int
submission_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct submission_row *list;
	size_t n, held = 0, sent = 0;

	json_object_set_new(view, "submissions", all);
	if (op_submission_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_submission(cx, rq, o, &list[i]);
		held += strcmp(list[i].state, "held") == 0;
		sent += strcmp(list[i].state, "sent") == 0;
	}
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "status", list_words(cx, held, sent));
	view_command(view, "certwright request list\n\nGET /api/v1/submissions");
	return 0;
}

static int
decided(struct ctx *cx, const struct request *rq, json_t *view, const struct sheet *sheet,
    const struct submission_row *s)
{
	put_sheet(rq, view, sheet, s);
	put_text(view, "id", s->id);
	put_text(view, "state", s->state);
	view_status(view, s->serial != NULL ? 201 : 202);
	return put_submission_issued(cx, view, s);
}

static int
submission_approve(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct submission_row s;
	struct sheet sheet = { 0 };

	if (op_approve(cx, request_param(rq, "id"), request_field(rq, "sha256"), &sheet, &s) == 0)
		return decided(cx, rq, view, &sheet, &s);
	if (submit_has_sheet(cx->err.refusal)) {
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
	    .hosts = true,
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
	    .hosts = true,
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
