/*
 * page_issued.c - one certificate that our own authority issued: shown, revoked, released
 */
#include <ctype.h>

#include "op/op_component.h"
#include "op/op_issue.h"
#include "op/op_revoke.h"
#include "page/page_issued.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_procedure.h"
#include "page/page_request.h"

#define PAGE ISSUED_PAGE

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
/* "key compromise"; NULL: none is worth a word. */
static const char *
reason_words(struct ctx *cx, const struct issued_row *i)
{
	static const char *const special[] = { [REASON_UNSPECIFIED] = "no reason given",
		[REASON_CA_COMPROMISE] = "CA compromise",
		[REASON_AA_COMPROMISE] = "AA compromise" };
	const char *name = crl_reason_name((enum crl_reason)i->reason), *words = "";

	if (i->revoked_at == 0 || i->reason == REASON_HOLD || name == NULL)
		return NULL;
	if ((size_t)i->reason < nitems(special) && special[i->reason] != NULL)
		return special[i->reason];
	for (; *name != '\0'; name++)
		words = isupper((unsigned char)*name)
		    ? arena_printf(cx->arena, "%s %c", words, tolower((unsigned char)*name))
		    : arena_printf(cx->arena, "%s%c", words, *name);
	return words;
}

static void
put_words(struct ctx *cx, json_t *o, const struct issued_row *i)
{
	bool soon = i->not_after < cx->now + ISSUED_SOON;
	const char *mark = i->revoked_at > 0 ? "bad"
	    : cx->now > i->not_after	     ? "off"
	    : soon			     ? "warn"
					     : "good";

	put_state(o, mark,
	    strcmp(i->state, "held") == 0	    ? "On hold"
		: i->revoked_at > 0		    ? "Revoked"
		: strcmp(i->state, "presumed") == 0 ? "Presumed issued"
		: cx->now > i->not_after	    ? "Ended"
		: soon				    ? "Ends soon"
						    : "Valid");
	put_text(o, "title", i->name[0] == '\0' ? i->subject : i->name);
	put_text(o, "not_after_day", time_day(cx->arena, i->not_after));
	put_bool(o, "revocable", i->revoked_at == 0 || strcmp(i->state, "held") == 0);
	put_bool(o, "on_hold", strcmp(i->state, "held") == 0);
	put_text(o, "reason_words", reason_words(cx, i));
	put_text(o, "fingerprint", hex_colons(cx->arena, i->sha256, 32));
}

void
put_issued(struct ctx *cx, const struct request *rq, json_t *o, const struct issued_row *i)
{
	const char *reason = i->revoked_at == 0 ? NULL
						: crl_reason_name((enum crl_reason)i->reason);

	put_text(o, "id", i->id);
	put_text(o, "serial", i->serial);
	put_text(o, "state", i->state);
	put_text(o, "ca", i->ca);
	put_tenant_name(cx, o, i->owner);
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

/* The row with its PEM; the chain with the certificate first. */
static int
put_whole(struct ctx *cx, const struct request *rq, json_t *view, const struct issued_row *i)
{
	const char **chain, *pem = "";
	json_t *all = json_array();
	size_t n = 0;

	put_issued(cx, rq, view, i);
	json_object_set_new(view, "chain", all);
	if (issued_presumed(i)) { /* its signature is not known */
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
