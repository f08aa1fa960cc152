/*
 * page_ca.c - Built-in CA: our own authorities and their certificates
 */
#include <stdio.h>

#include "base/config.h"
#include "base/text.h"
#include "op/op_ca.h"
#include "op/op_component.h"
#include "op/op_pki.h"
#include "page/page_ca.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_procedure.h"
#include "page/page_request.h"

#define PAGE "/settings/security/ca"

const struct field ca_create_fields[] = { { "name", "Name", FIELD_TEXT, CA_NAME_MAX, true, NULL,
					      "what it is called in every command and page" },
	{ "type", "Key type", FIELD_TEXT, 20, false, NULL, "of root and issuing CA; ec:P-256" },
	{ "under", "Under", FIELD_TEXT, CA_NAME_MAX, false, NULL,
	    "an authority here whose root signs; a root of its own when left out" },
	{ "permit", "Permitted names", FIELD_LINES, 0, false, NULL,
	    "domains that it may certify, one a line; all when left out" },
	{ "days", "Days", FIELD_INT, 10, false, NULL, "life of the issuing CA; 1825" },
	{ "root_days", "Root days", FIELD_INT, 10, false, NULL, "life of the root; 3650" }, { 0 } };
static const struct field rollover_fields[] = {
	{ "days", "Days", FIELD_INT, 10, false, NULL, "life of the new issuing CA; 1825" }, { 0 }
};

/* ---- what is shown ---------------------------------------------------------------- */

/* What a download of it is called, without ".pem". */
static const char *
file_of(struct ctx *cx, const struct ca_row *c)
{
	return arena_printf(cx->arena, "%s-%s", c->authority, c->role);
}

static void
put_ca_words(struct ctx *cx, json_t *o, const struct ca_row *c)
{
	bool ended = c->der != NULL && cx->now > c->not_after,
	     active = strcmp(c->state, "active") == 0;

	put_state(o,
	    ended			    ? "bad"
		: active && c->blob != NULL ? "good"
		: active		    ? "note"
					    : "off",
	    ended			       ? "Ended"
		: c->der == NULL	       ? "Waits for its certificate"
		: !active		       ? "Signs lists of revoked certificates only"
		: c->blob == NULL	       ? "Key offline"
		: strcmp(c->role, "root") == 0 ? "Root"
					       : "Issues");
	put_text(o, "key_label", op_key_label(cx, &(struct key_row){ .type = c->type }));
	if (c->der != NULL) {
		put_text(o, "not_after_day", time_day(cx->arena, c->not_after));
		put_text(o, "fingerprint", hex_colons(cx->arena, c->sha256, 32));
	}
	put_bool(o, "root", strcmp(c->role, "root") == 0);
	put_text(o, "file", file_of(cx, c));
}

int
put_ca(struct ctx *cx, const struct request *rq, json_t *o, const struct ca_row *c)
{
	const char *crl, *ocsp, *issuer;
	bool has = c->der != NULL;

	if (pki_addresses(cx, cx->arena, c->id, &crl, &ocsp, &issuer) < 0)
		return -1;
	put_text(o, "id", c->id);
	put_text(o, "authority", c->authority);
	put_text(o, "role", c->role);
	put_text(o, "state", c->state);
	put_int(o, "number", c->number);
	put_text(o, "type", c->type);
	put_text(o, "subject", c->subject);
	put_text(o, "issuer", c->parent[0] != '\0' || !has ? NULL : c->subject);
	put_text(o, "serial", c->serial);
	put_text(o, "sha256", has ? hex_of(cx->arena, c->sha256, 32) : NULL);
	put_time(cx, rq, o, "not_before", c->not_before);
	put_time(cx, rq, o, "not_after", c->not_after);
	json_object_set_new(
	    o, "days_left", has ? json_integer(days_left(c->not_after, cx->now)) : json_null());
	put_text(o, "key", c->blob != NULL ? "here" : "offline");
	put_text(o, "crl", crl);
	put_text(o, "pem", ca_pem(cx, c));
	put_text(o, "csr", ca_csr_pem(cx, c));
	if (rq->face == FACE_PORTAL)
		put_ca_words(cx, o, c);
	return 0;
}

static const struct ca_row *
find(const struct ca_view *v, const char *id)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->v[i].id, id) == 0)
			return &v->v[i];
	return NULL;
}

/* The root that the CA that signs now stands below, when it is ours. */
static const struct ca_row *
root_of(const struct ca_view *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->v[i].role, "root") == 0)
			return &v->v[i];
	return NULL;
}

int
put_ca_authority(struct ctx *cx, const struct request *rq, json_t *o, const struct ca_view *v)
{
	const struct ca_row *issuing = find(v, v->authority.issuing), *root = root_of(v);
	json_t *all = json_array(), *chain = json_array(), *one;

	put_text(o, "name", v->authority.name);
	put_text(o, "state", issuing == NULL ? "retired" : issuing->state);
	put_int(o, "policy_version", v->authority.policy_version);
	put_int(o, "shards", v->authority.shards);
	put_bool(o, "deltas", v->authority.deltas);
	put_time(cx, rq, o, "created", v->authority.created_at);
	put_text(o, "created_by", v->authority.created_by);
	put_text(o, "root", root == NULL ? NULL : ca_pem(cx, root));
	put_text(o, "issuing", issuing == NULL ? NULL : ca_pem(cx, issuing));
	json_object_set_new(o, "certificates", all);
	json_object_set_new(o, "chain", chain);
	if (issuing != NULL && issuing->der != NULL)
		for (const char **pem = ca_chain(cx, issuing); *pem != NULL; pem++)
			json_array_append_new(chain, json_string(*pem));
	for (size_t i = 0; i < v->n; i++) {
		json_array_append_new(all, one = json_object());
		if (put_ca(cx, rq, one, &v->v[i]) < 0)
			return -1;
	}
	if (rq->face == FACE_API)
		return 0;
	put_bool(o, "active", issuing != NULL);
	put_state(o,
	    issuing == NULL	       ? "off"
		: issuing->der == NULL ? "note"
				       : "good",
	    issuing == NULL	       ? "Retired"
		: issuing->der == NULL ? "Waits for its certificate"
				       : "Issues");
	return 0;
}

/* ---- handlers ----------------------------------------------------------------------- */

/* Authorities (with `name`), then the other CA certificates behind them (`subject`). */
static int
ca_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct ca_view *list;
	size_t n;

	json_object_set_new(view, "cas", all);
	if (op_ca_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		if (put_ca_authority(cx, rq, o, &list[i]) < 0)
			return -1;
	}
	for (size_t i = 0; i < n && rq->face == FACE_API; i++)
		for (size_t k = 0; k < list[i].n; k++) {
			if (strcmp(list[i].v[k].id, list[i].authority.issuing) == 0)
				continue;
			json_array_append_new(all, o = json_object());
			if (put_ca(cx, rq, o, &list[i].v[k]) < 0)
				return -1;
		}
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "status",
	    n == 0 ? "There is none yet."
		   : arena_printf(cx->arena,
			 n == 1 ? "One authority of our own is here."
				: "%zu authorities of our own are here.",
			 n));
	put_clock(cx, rq, view);
	put_bool(view, "addresses", cx->config->http_url != NULL || cx->config->nhttp_listen > 0);
	view_command(view,
	    "certwright ca create --name NAME\ncertwright ca list\n\n"
	    "POST /api/v1/cas  {\"name\": \"NAME\"}\nGET  /api/v1/cas");
	return 0;
}

static int
ca_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *word, *path;
	struct ca_view v;

	if (op_ca_show(cx, request_param(rq, "id"), &v) < 0 ||
	    put_ca_authority(cx, rq, view, &v) < 0)
		return -1;
	if (rq->face != FACE_PORTAL)
		return 0;
	if (put_ca_acts(cx, rq, view, v.authority.name) < 0)
		return -1;
	word = shell_word(cx, v.authority.name);
	path = url_encode(cx->arena, v.authority.name);
	view_command(view,
	    "certwright ca show %s\ncertwright ca lists %s --shards 4 --deltas on\n"
	    "certwright ca rollover %s\ncertwright ca retire %s\n\n"
	    "GET  /api/v1/cas/%s\nPOST /api/v1/cas/%s/lists  {\"shards\": 4, \"deltas\": \"on\"}\n"
	    "POST /api/v1/cas/%s/rollover\nPOST /api/v1/cas/%s/retire",
	    word, word, word, word, path, path, path, path);
	return 0;
}

/* In JSON a list of names will do, too. */
static const char *
permitted_lines(struct ctx *cx, const struct request *rq)
{
	const json_t *list = json_object_get(rq->json, "permit"), *one;
	const char *lines = request_field(rq, "permit");
	size_t i;

	if (!json_is_array(list))
		return lines == NULL ? NULL : typed_lines(cx, lines);
	lines = "";
	json_array_foreach (list, i, one)
		lines = arena_printf(cx->arena, "%s%s%s", lines, i > 0 ? "\n" : "",
		    json_is_string(one) ? json_string_value(one) : "?");
	return lines;
}

static int64_t
days_of(struct ctx *cx, const struct request *rq, const char *name)
{
	const char *text = preview_member(cx, rq, name);

	return text == NULL || text[0] == '\0' ? 0 : strtoll(text, NULL, 10);
}

struct ca_order
ca_order_of(struct ctx *cx, const struct request *rq)
{
	return (struct ca_order){ .name = request_field(rq, "name"),
		.type = request_field(rq, "type"),
		.under = request_field(rq, "under"),
		.permitted = permitted_lines(cx, rq),
		.days = days_of(cx, rq, "days"),
		.root_days = days_of(cx, rq, "root_days") };
}

static int
ca_create(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct ca_order o = ca_order_of(cx, rq);
	struct ca_view v;

	return op_ca_create(cx, &o) < 0 || op_ca_show(cx, o.name, &v) < 0
	    ? -1
	    : put_ca_authority(cx, rq, view, &v);
}

static int
ca_rollover(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *name = request_param(rq, "id");
	struct ca_row fresh;
	struct ca_view v;

	return op_ca_rollover(cx, name, days_of(cx, rq, "days"), &fresh) < 0 ||
		op_ca_show(cx, name, &v) < 0
	    ? -1
	    : put_ca_authority(cx, rq, view, &v);
}

static int
ca_retire(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *name = request_param(rq, "id");
	struct consent c;
	struct ca_view v;

	if (op_ca_retire(cx, name, field_text(rq, "code"), &c) < 0 || op_ca_show(cx, name, &v) < 0)
		return -1;
	put_ca_waits(cx, rq, view, &c);
	return put_ca_authority(cx, rq, view, &v);
}

static int
ca_download(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct ca_row c;
	const char *pem;

	if (op_ca_certificate(cx, request_param(rq, "id"), &c) < 0)
		return -1;
	pem = ca_pem(cx, &c);
	view_download(view, arena_printf(cx->arena, "%s.pem", file_of(cx, &c)),
	    "application/x-pem-file", pem, strlen(pem));
	return 0;
}

static const struct field retire_fields[] = { { "code", "One-time code", FIELD_SECRET, 16, false,
						  NULL, "of a custodian, when there are two" },
	{ 0 } };

static const struct route routes[] = {
	{ .name = "ca.list",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/cas",
	    .capability = CAP_READ,
	    .handler = ca_list,
	    .template = "own-cas",
	    .title = "Built-in CA",
	    .tab = "settings",
	    .menu = "own_ca",
	    .answer = "Cas",
	    .summary = "Our own authorities, and the CA certificates behind them" },
	{ .name = "ca.create",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = "/cas",
	    .capability = CAP_SETTINGS,
	    .handler = ca_create,
	    .fields = ca_create_fields,
	    .audit = "ca.create",
	    .page = "ca.list",
	    .then = PAGE "/{name}",
	    .status = 201,
	    .answer = "Ca",
	    .summary = "A root and an issuing CA under it, in one step" },
	{ .name = "ca.show",
	    .method = "GET",
	    .portal_path = PAGE "/{id}",
	    .api_path = "/cas/{id}",
	    .capability = CAP_READ,
	    .handler = ca_show,
	    .template = "own-ca",
	    .title = "Built-in CA",
	    .tab = "settings",
	    .menu = "own_ca",
	    .answer = "Ca",
	    .summary = "One of our own authorities, with its certificates" },
	{ .name = "ca.certificate",
	    .method = "GET",
	    .portal_path = PAGE "/certificate/{id}",
	    .api_path = "/cas/certificate/{id}",
	    .capability = CAP_READ,
	    .handler = ca_download,
	    .answer = "application/x-pem-file",
	    .summary = "A CA certificate as a PEM file" },
	{ .name = "ca.rollover",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/rollover",
	    .api_path = "/cas/{id}/rollover",
	    .capability = CAP_SETTINGS,
	    .handler = ca_rollover,
	    .fields = rollover_fields,
	    .audit = "ca.rollover",
	    .page = "ca.show",
	    .then = PAGE "/{name}",
	    .answer = "Ca",
	    .summary =
		"A new issuing CA; the old one signs its CRL until its last certificate ends" },
	{ .name = "ca.retire",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/retire",
	    .api_path = "/cas/{id}/retire",
	    .capability = CAP_SETTINGS,
	    .handler = ca_retire,
	    .fields = retire_fields,
	    .audit = "ca.retire",
	    .page = "ca.show",
	    .then = PAGE "/{name}",
	    .also = 202,
	    .answer = "CaAct",
	    .summary = "It issues nothing any more" },
};
const struct route_table page_ca_routes = { routes, nitems(routes) };
