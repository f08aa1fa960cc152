/*
 * page_compromised.c - keys whose private half others have; of the API only
 */
#include "op/op_compromised.h"
#include "op/op_submit.h"
#include "page/page_procedure.h"

static const struct field note_fields[] = {
	{ "note", "Note", FIELD_TEXT, NOTE_MAX, false, NULL, "what happened" }, { 0 }
};
static const struct field pem_fields[] = { { "pem", "Key", FIELD_LINES, LIMIT_CSR, true, NULL,
					       "a public key, CSR or certificate, PEM" },
	{ "note", "Note", FIELD_TEXT, NOTE_MAX, false, NULL, "what happened" }, { 0 } };

static int
put_mark(struct ctx *cx, const struct request *rq, json_t *view, const struct compromised *c)
{
	put_text(
	    view, "spki_sha256", hex_of(cx->arena, c->row.spki_sha256, sizeof(c->row.spki_sha256)));
	put_text(view, "key", c->key[0] == '\0' ? NULL : c->key);
	put_text(view, "source", c->row.source);
	put_text(view, "note", c->row.note);
	put_text(view, "marked_by", c->row.marked_by);
	put_time(cx, rq, view, "marked", c->row.marked_at);
	return 0;
}

static int
mark_key(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct compromised c;

	return op_compromised_key(cx, request_param(rq, "id"), request_field(rq, "note"), &c) < 0
	    ? -1
	    : put_mark(cx, rq, view, &c);
}

static int
mark_pem(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct compromised c;

	return op_compromised_pem(cx, field_text(rq, "pem"), request_field(rq, "note"), &c) < 0
	    ? -1
	    : put_mark(cx, rq, view, &c);
}

static const struct route routes[] = {
	{ .name = "key.compromised",
	    .method = "POST",
	    .api_path = "/keys/{id}/compromised",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = mark_key,
	    .fields = note_fields,
	    .audit = "key.compromised",
	    .answer = "CompromisedKey",
	    .summary = "Others have this key: refuse it on every path, for good" },
	{ .name = "compromised-key.add",
	    .method = "POST",
	    .api_path = "/compromised-keys",
	    .capability = CAP_SUPER,
	    .handler = mark_pem,
	    .fields = pem_fields,
	    .audit = "key.compromised",
	    .status = 201,
	    .answer = "CompromisedKey",
	    .summary = "Others have the key of this file: refuse it on every path, for good" },
};
const struct route_table page_compromised_routes = { routes, nitems(routes) };
