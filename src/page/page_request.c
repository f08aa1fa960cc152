/*
 * page_request.c - requests over the API, and as every page shows them
 */
#include "base/buf.h"
#include "page/page_request.h"
#include "page/page_sheet.h"

#define PAGE "/settings/security/csr"

json_t *
name_for_people(struct ctx *cx, const char *name)
{
	json_t *o = json_object();

	put_text(o, "name", name);
	put_text(o, "unicode", name_unicode(cx, name));
	return o;
}

void
put_names(struct ctx *cx, json_t *o, const char *name, const char *lines)
{
	json_t *all = json_array(), *plain = lines_array(cx, lines), *v;
	size_t i;

	json_array_foreach (plain, i, v)
		json_array_append_new(all, name_for_people(cx, json_string_value(v)));
	json_decref(plain);
	json_object_set_new(o, name, all);
}

const char *
shell_word(struct ctx *cx, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./:@,+=";
	AUTO_BUF struct buf b = { 0 };

	if (s[0] != '\0' && strspn(s, plain) == strlen(s))
		return s;
	buf_put_text(&b, "'");
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			buf_put_text(&b, "'\\''");
		else
			buf_put(&b, s, 1);
	}
	buf_put_text(&b, "'");
	return arena_strdup(cx->arena, buf_text(&b));
}

/* "C=US\nO=..." as an object. */
static void
put_subject(struct ctx *cx, json_t *o, const char *lines)
{
	json_t *subject = json_object();
	const char *p, *eol, *eq;

	for (p = lines; *p != '\0'; p = *eol == '\0' ? eol : eol + 1) {
		eol = strchrnul(p, '\n');
		if ((eq = memchr(p, '=', (size_t)(eol - p))) == NULL)
			continue;
		json_object_set_new(subject, arena_dup(cx->arena, p, (size_t)(eq - p)),
		    json_stringn(eq + 1, (size_t)(eol - eq - 1)));
	}
	json_object_set_new(o, "subject", subject);
}

/* U-label forms of the names that have one; nothing otherwise. */
static void
put_unicode(struct ctx *cx, json_t *o, const char *lines)
{
	json_t *names, *all, *v;
	const char *unicode;
	size_t i;

	if (strstr(lines, "xn--") == NULL)
		return;
	names = lines_array(cx, lines);
	json_object_set_new(o, "unicode_names", all = json_array());
	json_array_foreach (names, i, v)
		if ((unicode = name_unicode(cx, json_string_value(v))) != NULL)
			json_array_append_new(all, json_string(unicode));
	json_decref(names);
}

/* i, key NULL: looked up. */
int
put_request(struct ctx *cx, const struct request *rq, json_t *o, const struct request_row *r,
    const struct identity *i, const struct key_row *key)
{
	struct identity found;
	struct key_row other;

	if (i == NULL && op_identity_load(cx, r->identity, &found) < 0)
		return -1;
	if (key == NULL && op_key_load(cx, r->key, &other) < 0)
		return -1;
	put_text(o, "id", r->id);
	put_int(o, "number", r->number);
	put_text(o, "identity", i != NULL ? i->name : found.name);
	put_text(o, "state", r->state);
	put_subject(cx, o, r->subject);
	json_object_set_new(o, "names", lines_array(cx, r->names));
	put_unicode(cx, o, r->names);
	put_text(o, "key", r->key);
	put_text(o, "key_label", op_key_label(cx, key != NULL ? key : &other));
	put_text(o, "digest", r->digest);
	put_text(o, "sha256", hex_of(cx->arena, r->sha256, 32));
	put_text(o, "spki_sha256", hex_of(cx->arena, r->spki_sha256, 32));
	put_bool(o, "keeps_key", r->key_note != NULL);
	put_text(o, "key_note", r->key_note == NULL || r->key_note[0] == '\0' ? NULL : r->key_note);
	put_time(cx, rq, o, "created", r->created_at);
	put_text(o, "created_by", r->created_by);
	return 0;
}

/* One with the CSR itself. */
int
put_request_pem(struct ctx *cx, const struct request *rq, json_t *o, const struct request_row *r)
{
	put_text(o, "pem", request_pem(cx, r));
	return put_request(cx, rq, o, r, NULL, NULL);
}

static const struct key_row *
key_of(const struct key_row *keys, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(keys[i].id, id) == 0)
			return &keys[i];
	return NULL;
}

static void
put_request_state(json_t *o, const char *state)
{
	if (strcmp(state, "pending") == 0)
		put_state(o, "note", "Waits for its answer");
	else if (strcmp(state, "issued") == 0)
		put_state(o, "good", "Issued");
	else
		put_state(o, "off", "Withdrawn");
}

int
put_requests(struct ctx *cx, const struct request *rq, json_t *view, const struct identity *i)
{
	json_t *all = json_array(), *o;
	struct request_row *list;
	struct key_row *keys;
	size_t n, nkeys;

	json_object_set_new(view, "requests", all);
	if (op_csr_list(cx, i, &list, &n) < 0 || op_key_list(cx, i->id, &keys, &nkeys) < 0)
		return -1;
	for (size_t k = 0; k < n; k++) {
		json_array_append_new(all, o = json_object());
		if (put_request(cx, rq, o, &list[k], i, key_of(keys, nkeys, list[k].key)) < 0)
			return -1;
		if (rq->face == FACE_PORTAL)
			put_request_state(o, list[k].state);
	}
	return 0;
}

/* ---- the API ------------------------------------------------------------------ */

static int
identity_of(struct ctx *cx, const struct request *rq, struct identity *i)
{
	return op_identity_load(cx, request_identity(rq), i);
}

static int
csr_newest(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;
	struct request_row r;

	if (identity_of(cx, rq, &i) < 0 || op_csr_newest(cx, &i, &r) < 0)
		return -1;
	return put_request_pem(cx, rq, view, &r);
}

static int
csr_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;

	return identity_of(cx, rq, &i) < 0 ? -1 : put_requests(cx, rq, view, &i);
}

static int
csr_one(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct request_row r;

	if (op_csr_load(cx, request_param(rq, "id"), &r) < 0)
		return -1;
	return put_request_pem(cx, rq, view, &r);
}

static int
csr_pem_file(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct request_row r;
	const char *pem;

	if (op_csr_load(cx, request_param(rq, "id"), &r) < 0)
		return -1;
	pem = request_pem(cx, &r);
	view_download(view, arena_printf(cx->arena, "request-%lld.csr", (long long)r.number),
	    "application/x-pem-file", pem, strlen(pem));
	return 0;
}

static int
csr_der_file(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct request_row r;

	if (op_csr_load(cx, request_param(rq, "id"), &r) < 0)
		return -1;
	view_download(view, arena_printf(cx->arena, "request-%lld.der", (long long)r.number),
	    "application/pkcs10", r.der, r.der_len);
	return 0;
}

const void *
request_csr(const struct request *rq, size_t *len)
{
	const char *text = request_field(rq, "csr");

	*len = text != NULL ? strlen(text) : rq->body_len;
	return text != NULL ? text : rq->body;
}

static int
csr_check_any(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct sheet sheet;
	size_t len;
	const void *csr = request_csr(rq, &len);

	if (op_csr_check(cx, csr, len, &sheet) < 0)
		return -1;
	put_envelope(view, sheet_json(&sheet));
	return 0;
}

static const struct field check_fields[] = {
	{ "csr", "CSR", FIELD_LINES, 0, false, NULL, "PEM; or the CSR alone as the body" }, { 0 }
};

static const struct route routes[] = {
	{ .name = "csr.newest",
	    .method = "GET",
	    .api_path = "/identities/{identity}/request",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = csr_newest,
	    .answer = "Request",
	    .summary = "The newest request" },
	{ .name = "csr.list",
	    .method = "GET",
	    .api_path = "/identities/{identity}/requests",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = csr_list,
	    .answer = "Requests",
	    .summary = "All requests of an identity, newest first" },
	{ .name = "csr.one",
	    .method = "GET",
	    .api_path = "/requests/{id}",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = csr_one,
	    .answer = "Request",
	    .summary = "One request" },
	{ .name = "csr.pem",
	    .method = "GET",
	    .portal_path = PAGE "/{id}/pem",
	    .api_path = "/requests/{id}/pem",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = csr_pem_file,
	    .template = "csr",
	    .title = "SSL CSR",
	    .tab = "settings",
	    .menu = "csr",
	    .answer = "application/x-pem-file",
	    .summary = "The CSR as PEM" },
	{ .name = "csr.der",
	    .method = "GET",
	    .portal_path = PAGE "/{id}/der",
	    .api_path = "/requests/{id}/der",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = csr_der_file,
	    .template = "csr",
	    .title = "SSL CSR",
	    .tab = "settings",
	    .menu = "csr",
	    .answer = "application/pkcs10",
	    .summary = "The CSR as DER" },
	{ .name = "csr.check",
	    .method = "POST",
	    .api_path = "/csr/check",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = csr_check_any,
	    .audit = "csr.check",
	    .limit = 2 * LIMIT_CSR,
	    .answer = "Sheet",
	    .takes = "application/pkcs10",
	    .fields = check_fields,
	    .summary = "What any CSR asks for, wish by wish, and its faults" },
};
const struct route_table page_request_routes = { routes, nitems(routes) };
