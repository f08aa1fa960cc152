/*
 * page_issued.c - Certificates: what our own authorities issued
 */
#include <ctype.h>

#include "op/op_component.h"
#include "op/op_issue.h"
#include "op/op_revoke.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_procedure.h"
#include "page/page_request.h"

#define PAGE	 "/certificates"
#define PAGE_MAX 100
#define API_MAX	 1000
#define SOON	 30 /* days */

static const struct field revoke_fields[] = {
	{ "serial", "Serial", FIELD_TEXT, 120, false, NULL,
	    "hexadecimal; colons, any case and leading zeros are fine" },
	{ "certificate", "Certificate", FIELD_LINES, 0, false, NULL, "PEM, instead of the serial" },
	{ "reason", "Reason", FIELD_TEXT, 40, false, NULL,
	    "of RFC 5280 section 5.3.1; unspecified when left out" },
	{ 0 }
};
static const struct field release_fields[] = { { "serial", "Serial", FIELD_TEXT, 120, false, NULL,
						   NULL },
	{ "certificate", "Certificate", FIELD_LINES, 0, false, NULL, "PEM, instead of the serial" },
	{ 0 } };
static const struct field list_query[] = {
	{ "text", "Text", FIELD_TEXT, 120, false, NULL,
	    "in names or subject; or how a serial or SHA-256 begins" },
	{ "state", "State", FIELD_TEXT, 10, false, NULL, "issued, revoked, held or presumed" },
	{ "before", "Before", FIELD_TEXT, ID_SIZE, false, NULL, "id of the last one seen" },
	{ "limit", "Limit", FIELD_INT, 5, false, NULL, "at most 1000; 100 when left out" }, { 0 }
};

static void
put_words(struct ctx *cx, json_t *o, const struct issued_row *i)
{
	int64_t left = days_left(i->not_after, cx->now);
	const char *mark = i->revoked_at > 0 ? "bad"
	    : cx->now > i->not_after	     ? "off"
	    : left < SOON		     ? "warn"
					     : "good";

	put_state(o, mark,
	    strcmp(i->state, "held") == 0	    ? "On hold"
		: i->revoked_at > 0		    ? "Revoked"
		: strcmp(i->state, "presumed") == 0 ? "Presumed issued"
		: cx->now > i->not_after	    ? "Ended"
		: left < SOON			    ? "Ends soon"
						    : "Valid");
	put_text(o, "title", i->name[0] == '\0' ? i->subject : i->name);
	put_text(o, "not_after_day", time_day(cx->arena, i->not_after));
	put_bool(o, "revocable", i->revoked_at == 0 || strcmp(i->state, "held") == 0);
	put_bool(o, "on_hold", strcmp(i->state, "held") == 0);
	put_text(o, "fingerprint", hex_colons(cx->arena, i->sha256, 32));
}

static void
put_issued(struct ctx *cx, const struct request *rq, json_t *o, const struct issued_row *i)
{
	const char *reason = i->revoked_at == 0 ? NULL
						: crl_reason_name((enum crl_reason)i->reason);

	put_text(o, "id", i->id);
	put_text(o, "serial", i->serial);
	put_text(o, "state", i->state);
	put_text(o, "ca", i->ca);
	put_text(o, "profile", i->profile);
	put_text(o, "request", i->submission[0] == '\0' ? NULL : i->submission);
	put_text(o, "subject", i->subject);
	if (rq->face == FACE_PORTAL)
		put_names(cx, o, "names", i->names);
	else
		json_object_set_new(o, "names", lines_array(cx, i->names));
	put_text(o, "sha256", hex_of(cx->arena, i->sha256, 32));
	put_time(cx, rq, o, "not_before", i->not_before);
	put_time(cx, rq, o, "not_after", i->not_after);
	put_int(o, "days_left", days_left(i->not_after, cx->now));
	put_time(cx, rq, o, "revoked", i->revoked_at);
	put_text(o, "reason", reason);
	put_time(cx, rq, o, "created", i->created_at);
	if (rq->face == FACE_PORTAL)
		put_words(cx, o, i);
}

static int
read_query(struct ctx *cx, const struct request *rq, struct issued_query *q)
{
	const char *text = request_query(rq, "text"), *limit = request_query(rq, "limit");
	size_t most = rq->face == FACE_API ? API_MAX : PAGE_MAX;
	char *lower;

	*q = (struct issued_query){ .state = request_query(rq, "state"),
		.before = request_query(rq, "before"),
		.limit = limit == NULL ? PAGE_MAX : strtoul(limit, NULL, 10) };
	if (q->limit < 1 || q->limit > most)
		q->limit = most;
	if (q->state != NULL && q->state[0] == '\0')
		q->state = NULL;
	if (text == NULL || text[0] == '\0')
		return 0;
	q->text = lower = arena_strdup(cx->arena, text);
	for (; *lower != '\0'; lower++)
		*lower = (char)tolower((unsigned char)*lower);
	return 0;
}

static int
issued_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct issued_query q;
	struct issued_row *list;
	size_t n;
	bool more;

	json_object_set_new(view, "issued", all);
	if (read_query(cx, rq, &q) < 0)
		return -1;
	q.limit++; /* is there one more? */
	if (op_issued_list(cx, &q, &list, &n) < 0)
		return -1;
	if ((more = n == q.limit))
		n--;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_issued(cx, rq, o, &list[i]);
	}
	put_bool(view, "more", more);
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "text", request_query(rq, "text"));
	put_text(view, "chosen", q.state);
	if (more)
		put_text(view, "last", list[n - 1].id);
	view_command(view,
	    "certwright certificate issued --text example.com\n"
	    "certwright certificate revoke SERIAL --reason superseded\n\n"
	    "GET  /api/v1/issued?text=example.com\n"
	    "POST /api/v1/issued/revoke  {\"serial\": \"SERIAL\", \"reason\": \"superseded\"}");
	return 0;
}

/* The row with its PEM; the chain with the certificate first. */
static int
put_whole(struct ctx *cx, const struct request *rq, json_t *view, const struct issued_row *i)
{
	const char **chain, *pem = "";
	json_t *all = json_array();
	size_t n = 0;

	put_issued(cx, rq, view, i);
	json_object_set_new(view, "chain", all);
	if (strcmp(i->state, "presumed") == 0) { /* its signature is not known */
		put_text(view, "pem", NULL);
		return 0;
	}
	if (issued_chain(cx, i, &chain, &n) < 0)
		return -1;
	for (size_t k = 0; k < n; k++) {
		json_array_append_new(all, json_string(chain[k]));
		pem = arena_printf(cx->arena, "%s%s", pem, chain[k]);
	}
	put_text(view, "pem", rq->face == FACE_API ? chain[0] : pem);
	return 0;
}

static int
issued_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct issued_which w = { .serial = request_param(rq, "serial") };
	struct issued_row i;

	if (op_issued_load(cx, &w, &i) < 0 || put_whole(cx, rq, view, &i) < 0)
		return -1;
	if (rq->face == FACE_API)
		return 0;
	view_command(view,
	    "certwright certificate export %s\ncertwright certificate revoke %s\n\n"
	    "GET  /api/v1/issued/%s\nPOST /api/v1/issued/revoke  {\"serial\": \"%s\"}",
	    i.serial, i.serial, i.serial, i.serial);
	return 0;
}

static struct issued_which
which(const struct request *rq)
{
	const char *pem = request_field(rq, "certificate");

	return (struct issued_which){ .serial = request_field(rq, "serial"),
		.certificate = pem,
		.len = pem == NULL ? 0 : strlen(pem) };
}

static int
issued_revoke(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct issued_which w = which(rq);
	struct issued_row i;

	if (op_revoke(cx, &w, request_field(rq, "reason"), &i) < 0)
		return -1;
	put_issued(cx, rq, view, &i);
	return 0;
}

static int
issued_release(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct issued_which w = which(rq);
	struct issued_row i;

	if (op_release(cx, &w, &i) < 0)
		return -1;
	put_issued(cx, rq, view, &i);
	return 0;
}

static const struct route routes[] = {
	{ .name = "issued.list",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/issued",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = issued_list,
	    .template = "issued",
	    .title = "Certificates",
	    .tab = "certificates",
	    .query = list_query,
	    .answer = "IssuedCertificates",
	    .summary = "What our own authorities issued, newest first" },
	{ .name = "issued.show",
	    .method = "GET",
	    .portal_path = PAGE "/{serial}",
	    .api_path = "/issued/{serial}",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = issued_show,
	    .template = "issued-one",
	    .title = "Certificate",
	    .tab = "certificates",
	    .answer = "IssuedCertificate",
	    .summary = "One of them, with its chain" },
	{ .name = "issued.revoke",
	    .method = "POST",
	    .portal_path = PAGE "/{serial}/revoke",
	    .api_path = "/issued/revoke",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = issued_revoke,
	    .fields = revoke_fields,
	    .audit = "certificate.revoke",
	    .page = "issued.show",
	    .then = PAGE "/{serial}",
	    .answer = "IssuedState",
	    .summary = "Revoke one; the next CRL and OCSP answer say so" },
	{ .name = "issued.release",
	    .method = "POST",
	    .portal_path = PAGE "/{serial}/release",
	    .api_path = "/issued/release",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = issued_release,
	    .fields = release_fields,
	    .audit = "certificate.release",
	    .page = "issued.show",
	    .then = PAGE "/{serial}",
	    .answer = "IssuedState",
	    .summary = "Take one off hold" },
};
const struct route_table page_issued_routes = { routes, nitems(routes) };
