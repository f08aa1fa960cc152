/*
 * page_link.c - the requester's link: made, withdrawn, and what it shows
 *
 * The sheet behind it tells what became of one request, and the certificate;
 * no name of an account and no note of this house.
 */
#include "op/op_issue.h"
#include "op/op_link.h"
#include "page/page_certificate.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_sheet.h"
#include "page/page_submission.h"

#define PAGE "/requests"

static const struct field link_fields[] = {
	{ "days", "Days", FIELD_INT, 9, false, NULL, "how long it is good; default 14" }, { 0 }
};

static int64_t
days_of(struct ctx *cx, const struct request *rq)
{
	const char *text = preview_member(cx, rq, "days");
	char *end = "";
	int64_t days;

	if (text == NULL || text[0] == '\0')
		return 0;
	days = strtoll(text, &end, 10);
	return *end != '\0' || days < 1 ? -1 : days; /* refused with the range */
}

static int
link_make(struct ctx *cx, const struct request *rq, json_t *view)
{
	char token[SECRET_TEXT_SIZE];
	struct link_row l;
	json_t *made = view;
	const char *url = portal_url(cx, rq);

	if (url == NULL ||
	    op_link_make(cx, request_param(rq, "id"), days_of(cx, rq), &l, token) < 0)
		return -1;
	if (rq->face == FACE_PORTAL) {
		if (submission_show(cx, rq, view) < 0)
			return -1;
		json_object_set_new(view, "new_link", made = json_object());
	}
	put_text(made, "id", l.submission);
	put_text(made, "url", arena_printf(cx->arena, "%ssheets/%s", url, token));
	put_time(cx, rq, made, "expires", l.expires_at);
	return 0;
}

static int
link_withdraw(struct ctx *cx, const struct request *rq, json_t *view)
{
	put_text(view, "id", request_param(rq, "id"));
	return op_link_withdraw(cx, request_param(rq, "id"));
}

/* Of the CSR, as people compare it. */
static const char *
fingerprint(struct ctx *cx, const struct submission_row *s)
{
	unsigned char digest[32];
	size_t n;

	hex_decode(digest, sizeof(digest), submission_sha256(cx, s), &n);
	return hex_colons(cx->arena, digest, sizeof(digest));
}

static json_t *
put_facts(struct ctx *cx, const struct request *rq, json_t *view, const char *serial,
    const unsigned char sha256[32], int64_t not_before, int64_t not_after)
{
	json_t *o = json_object();

	json_object_set_new(view, "certificate", o);
	put_text(o, "serial", serial);
	put_text(o, "sha256", hex_colons(cx->arena, sha256, 32));
	put_time(cx, rq, o, "not_before", not_before);
	put_time(cx, rq, o, "not_after", not_after);
	return o;
}

/* Of what another authority answered. */
static int
put_answer_facts(
    struct ctx *cx, const struct request *rq, json_t *view, const struct submission_row *s)
{
	struct cert_row c;
	int there = op_submission_certificate(cx, s, &c);

	if (there > 0)
		put_facts(cx, rq, view, c.serial, c.sha256, c.not_before, c.not_after);
	return there < 0 ? -1 : 0;
}

/* The facts of the certificate, where one was issued. */
static int
put_issued_facts(
    struct ctx *cx, const struct request *rq, json_t *view, const struct submission_row *s)
{
	struct issued_row i;
	json_t *o;

	if (s->serial == NULL)
		return put_answer_facts(cx, rq, view, s);
	if (op_issued(cx, s, &i) < 0)
		return -1;
	o = put_facts(cx, rq, view, i.serial, i.sha256, i.not_before, i.not_after);
	put_bool(o, "revoked", i.revoked_at > 0);
	put_time(cx, rq, o, "revoked_at", i.revoked_at);
	return 0;
}

static int
sheet_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct submission_row s;
	struct link_row l;

	if (op_link_open(cx, request_param(rq, "token"), &l, &s) < 0)
		return -1;
	put_text(view, "token", request_param(rq, "token"));
	if (put_submission_sheet(cx, rq, view, &s) < 0)
		return -1;
	put_text(view, "name", s.name);
	put_text(view, "subject", s.subject);
	put_text(view, "authority", s.title);
	put_text(view, "profile", s.profile);
	put_text(view, "rejection", s.reason);
	put_time(cx, rq, view, "created", s.created_at);
	put_time(cx, rq, view, "ended", s.ended_at);
	put_time(cx, rq, view, "until", l.expires_at);
	put_time(cx, rq, view, "shown", cx->now);
	put_text(view, "csr_sha256", fingerprint(cx, &s));
	return put_issued_facts(cx, rq, view, &s);
}

/* The certificate and its issuers, as servers want them. */
static int
sheet_certificate(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *issued = json_object(), *one;
	AUTO_BUF struct buf pem = { 0 };
	struct submission_row s;
	struct link_row l;
	size_t i;
	int r;

	r = op_link_open(cx, request_param(rq, "token"), &l, &s) < 0
	    ? -1
	    : put_submission_issued(cx, issued, &s);
	json_array_foreach (json_object_get(issued, "chain"), i, one)
		buf_put_text(&pem, json_string_value(one));
	json_decref(issued);
	if (r < 0)
		return -1;
	if (pem.len == 0)
		return err_set(&cx->err, R_NOT_FOUND, NULL, "there is no certificate yet");
	view_download(view, arena_printf(cx->arena, "%s.pem", s.name), "application/x-pem-file",
	    pem.data, pem.len);
	return 0;
}

static const struct route routes[] = {
	{ .name = "request.link",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/link",
	    .api_path = "/submissions/{id}/link",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = link_make,
	    .template = "submission",
	    .title = "Request",
	    .tab = "requests",
	    .fields = link_fields,
	    .audit = "request.link",
	    .page = "submission.one",
	    .secret = true,
	    .status = 201,
	    .answer = "NewLink",
	    .summary = "A link for the requester, shown once; the one before it ends" },
	{ .name = "request.unlink",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/link/withdraw",
	    .api_path = "/submissions/{id}/link/withdraw",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = link_withdraw,
	    .audit = "request.unlink",
	    .page = "submission.one",
	    .then = PAGE "/{id}",
	    .answer = "Linked",
	    .summary = "The requester's link shows nothing any more" },
	{ .name = "sheet",
	    .method = "GET",
	    .portal_path = "/sheets/{token}",
	    .capability = CAP_PUBLIC,
	    .guest = true,
	    .handler = sheet_show,
	    .template = "guest-sheet",
	    .title = "Wish-list sheet",
	    .summary = "What became of each wish, for who has the link" },
	{ .name = "sheet.certificate",
	    .method = "GET",
	    .portal_path = "/sheets/{token}/certificate",
	    .capability = CAP_PUBLIC,
	    .guest = true,
	    .handler = sheet_certificate,
	    .summary = "The certificate that was issued, for who has the link" },
};
const struct route_table page_link_routes = { routes, nitems(routes) };
