/*
 * page_certificate.c - certificates as the API shows them, and roll back
 */
#include "op/op_component.h"
#include "page/page_certificate.h"
#include "page/page_sheet.h"

static const struct field rollback_fields[] = {
	{ "reason", "Reason", FIELD_TEXT, REASON_MAX, false, NULL, "it is recorded" }, { 0 }
};

static const struct field pem_query[] = { { "chain", "Chain", FIELD_TEXT, 0, false, NULL,
					      "with any value: also those above it" },
	{ 0 } };

int
put_certificate(struct ctx *cx, const struct request *rq, json_t *o, const struct cert_row *c,
    const struct identity *i)
{
	struct key_row key;

	if (op_key_load(cx, c->key, &key) < 0)
		return -1;
	put_text(o, "id", c->id);
	put_text(o, "identity", i->name);
	put_text(o, "state", cert_state(i, c));
	put_text(o, "subject", c->subject);
	put_text(o, "issuer", c->issuer);
	put_text(o, "serial", c->serial);
	json_object_set_new(o, "names", lines_array(cx, c->names));
	put_text(o, "key", c->key);
	put_text(o, "key_label", op_key_label(cx, &key));
	put_time(cx, rq, o, "not_before", c->not_before);
	put_time(cx, rq, o, "not_after", c->not_after);
	put_int(o, "days_left", days_left(c->not_after, cx->now));
	put_text(o, "sha256", hex_of(cx->arena, c->sha256, 32));
	put_text(o, "origin", c->origin);
	put_text(o, "verdict", c->verdict);
	put_text(o, "request", c->request[0] == '\0' ? NULL : c->request);
	put_text(o, "override_reason", c->override_reason);
	return 0;
}

const char *
certificate_title(struct ctx *cx, const struct cert_row *c)
{
	if (c->common_name != NULL)
		return c->common_name;
	return c->names != NULL && c->names[0] != '\0'
	    ? arena_dup(cx->arena, c->names, strcspn(c->names, "\n"))
	    : c->subject;
}

/* Its state as a mark: what is active and over is neither. */
static void
put_cert_state(json_t *o, const struct identity *i, const struct cert_row *c, int64_t now)
{
	bool active = strcmp(c->id, i->active) == 0;

	if (active && now > c->not_after)
		put_state(o, "bad", "Expired");
	else if (active)
		put_state(o, "good", "Active");
	else
		put_state(o, "off", strcmp(c->id, i->previous) == 0 ? "Previous" : "Kept");
}

/* ---- the API ------------------------------------------------------------------ */

int
put_certificate_whole(struct ctx *cx, const struct request *rq, json_t *o, const struct cert_row *c)
{
	struct identity i;

	if (op_identity_load(cx, c->identity, &i) < 0 || put_certificate(cx, rq, o, c, &i) < 0)
		return -1;
	put_text(o, "pem", cert_row_pem(cx, c, false));
	json_object_set_new(
	    o, "sheet", c->sheet == NULL ? json_null() : json_loads(c->sheet, 0, NULL));
	return 0;
}

static int
identity_of(struct ctx *cx, const struct request *rq, struct identity *i)
{
	return op_identity_load(cx, request_identity(rq), i);
}

static int
certificate_active(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;
	struct cert_row c;

	if (identity_of(cx, rq, &i) < 0 || op_cert_active(cx, &i, &c) < 0)
		return -1;
	return put_certificate_whole(cx, rq, view, &c);
}

int
put_certificate_list(
    struct ctx *cx, const struct request *rq, json_t *view, const struct identity *i)
{
	json_t *all = json_array(), *o;
	struct cert_row *list;
	size_t n;

	json_object_set_new(view, "certificates", all);
	if (op_cert_list(cx, i, &list, &n) < 0)
		return -1;
	for (size_t k = 0; k < n; k++) {
		json_array_append_new(all, o = json_object());
		if (put_certificate(cx, rq, o, &list[k], i) < 0)
			return -1;
		if (rq->face == FACE_PORTAL) {
			put_text(o, "title", certificate_title(cx, &list[k]));
			put_cert_state(o, i, &list[k], cx->now);
			put_verdict(o, list[k].verdict);
		}
	}
	return 0;
}

static int
certificate_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;

	return identity_of(cx, rq, &i) < 0 ? -1 : put_certificate_list(cx, rq, view, &i);
}

static int
certificate_pem(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *chain = request_query(rq, "chain"), *pem;
	struct cert_row c;

	if (op_cert_load(cx, request_param(rq, "id"), &c) < 0)
		return -1;
	pem = cert_row_pem(cx, &c, chain != NULL && strcmp(chain, "1") == 0);
	view_download(view, arena_printf(cx->arena, "certificate-%.16s.pem", c.serial),
	    "application/x-pem-file", pem, strlen(pem));
	return 0;
}

static int
rollback(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *reason = field_text(rq, "reason");
	struct identity i;
	struct cert_row c;

	if (identity_of(cx, rq, &i) < 0 ||
	    op_rollback(cx, &i, reason[0] == '\0' ? NULL : reason, &c) < 0)
		return -1;
	view_redirect(view, identity_path(cx, CERTIFICATE_PAGE, i.name));
	return put_certificate_whole(cx, rq, view, &c);
}

static const struct route routes[] = {
	{ .name = "certificate",
	    .method = "GET",
	    .portal_path = CERTIFICATE_PAGE,
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = certificate_page,
	    .template = "certificate",
	    .title = "Server Certificate",
	    .tab = "settings",
	    .menu = "certificate",
	    .summary = "What is served, what was, and a place for the CA's answer" },
	{ .name = "certificate.active",
	    .method = "GET",
	    .api_path = "/identities/{identity}/certificate",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = certificate_active,
	    .answer = "Certificate",
	    .summary = "The active certificate" },
	{ .name = "certificate.list",
	    .method = "GET",
	    .api_path = "/identities/{identity}/certificates",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = certificate_list,
	    .answer = "Certificates",
	    .summary = "All certificates of an identity, newest first" },
	{ .name = "certificate.one",
	    .method = "GET",
	    .portal_path = CERTIFICATE_PAGE "/{id}",
	    .api_path = "/certificates/{id}",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = certificate_one,
	    .template = "certificate-one",
	    .title = "Certificate",
	    .tab = "settings",
	    .menu = "certificate",
	    .answer = "Certificate",
	    .summary = "One certificate with its sheet" },
	{ .name = "certificate.pem",
	    .method = "GET",
	    .portal_path = CERTIFICATE_PAGE "/{id}/pem",
	    .api_path = "/certificates/{id}/pem",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = certificate_pem,
	    .template = "certificate-one",
	    .title = "Certificate",
	    .tab = "settings",
	    .menu = "certificate",
	    .answer = "application/x-pem-file",
	    .query = pem_query,
	    .summary = "The certificate as PEM; ?chain=1 with those above it" },
	{ .name = "certificate.rollback",
	    .method = "POST",
	    .portal_path = CERTIFICATE_PAGE "/rollback",
	    .api_path = "/identities/{identity}/rollback",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = rollback,
	    .fields = rollback_fields,
	    .audit = "certificate.rollback",
	    .page = "certificate",
	    .then = CERTIFICATE_PAGE,
	    .answer = "Certificate",
	    .summary = "Present the certificate before the active one again" },
};
const struct route_table page_certificate_routes = { routes, nitems(routes) };
