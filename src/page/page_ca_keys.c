/*
 * page_ca_keys.c - CAs that others signed, and keys of CAs that come and go
 */
#include "base/text.h"
#include "op/op_custodian.h"
#include "page/page_ca.h"
#include "page/page_certificate.h"
#include "page/page_people.h"
#include "page/page_preview.h"

#define KEY_FIELDS                                                                                \
	{ "sealed", "Sealed key", FIELD_TEXT, 0, false, NULL,                                     \
		"base64 of an envelope to the key of GET /import-key" },                          \
	    { "key", "Key", FIELD_LINES, 0, false, NULL, "PEM, instead of a sealed one" },        \
	{                                                                                         \
		"key_passphrase", "Passphrase of the key", FIELD_SECRET, LIMIT_PASSPHRASE, false, \
		    NULL, "of an encrypted key that is not sealed"                                \
	}
#define FILE_FIELDS                                                                      \
	{ "answer", "Certificates", FIELD_LINES, LIMIT_BUNDLE, false, NULL, "PEM" },     \
	    { "files", "Files", FIELD_FILES, LIMIT_BUNDLE, false, NULL,                  \
		    "in JSON: [{name, content (base64)}]" },                             \
	{                                                                                \
		"passphrase", "Passphrase", FIELD_SECRET, LIMIT_PASSPHRASE, false, NULL, \
		    "of a PKCS#12 file"                                                  \
	}
#define CODE_FIELD                                                      \
	{                                                               \
		"code", "One-time code", FIELD_SECRET, 16, false, NULL, \
		    "of a custodian, when there are two"                \
	}
static const struct field approve_fields[] = { { "act", "Act", FIELD_CHOICE, 16, true,
						   "offline|online|import|retire",
						   "what another one asked for" },
	{ "code", "One-time code", FIELD_SECRET, 16, true, NULL, "of a custodian" }, { 0 } };
static const struct field install_fields[] = { FILE_FIELDS, { 0 } };
static const struct field import_fields[] = { { "name", "Name", FIELD_TEXT, CA_NAME_MAX, true, NULL,
						  "what it is called from then on" },
	FILE_FIELDS, KEY_FIELDS, CODE_FIELD, { 0 } };
static const struct field offline_fields[] = { { "passphrase", "Passphrase", FIELD_SECRET,
						   LIMIT_PASSPHRASE, false, NULL,
						   "the key is encrypted with it" },
	{ "sha256", "SHA-256", FIELD_TEXT, 64, false, NULL,
	    "of what was given out: now the key is destroyed here" },
	CODE_FIELD, { 0 } };
static const struct field online_fields[] = { KEY_FIELDS, CODE_FIELD, { 0 } };

/* [{name, content}], or the text of PEM alone in `answer`. */
static int
read_files(struct ctx *cx, const struct request *rq, struct ca_files *f)
{
	struct reader_file *files = arena_new_array(cx->arena, LIMIT_FILES + 2, struct reader_file);
	const char *pasted = request_field(rq, "answer"), *pass = request_field(rq, "passphrase");
	const struct upload *u;

	*f = (struct ca_files){ .files = files,
		.passphrase = pass != NULL && pass[0] != '\0' ? pass : NULL };
	if (json_files(cx, json_object_get(rq->json, "files"), files, LIMIT_FILES, &f->n) < 0)
		return -1;
	for (size_t i = 0; (u = request_file(rq, "files", i)) != NULL && f->n <= LIMIT_FILES; i++)
		files[f->n++] = (struct reader_file){ u->name, u->data, u->len };
	if (pasted != NULL && pasted[0] != '\0')
		files[f->n++] = (struct reader_file){ "the pasted text", pasted, strlen(pasted) };
	return 0;
}

static int
read_key(struct ctx *cx, const struct request *rq, struct key_file *k)
{
	const char *sealed = request_field(rq, "sealed"), *plain = request_field(rq, "key"),
		   *pass = request_field(rq, "key_passphrase");
	unsigned char *data;

	*k = (struct key_file){ .data = plain,
		.len = plain == NULL ? 0 : strlen(plain),
		.passphrase = pass != NULL && pass[0] != '\0' ? pass : NULL };
	if (sealed == NULL || sealed[0] == '\0') {
		if (k->len > 0)
			return 0;
		err_set(&cx->err, R_FIELD_REQUIRED, "key", "the key is required");
		return err_hint(&cx->err, "PEM, or sealed to the key of GET /import-key");
	}
	if (base64_decode(cx->arena, sealed, strlen(sealed), false, &data, &k->len) < 0)
		return err_set(&cx->err, R_NOT_BASE64, "sealed", "sealed is not base64");
	k->data = data;
	k->sealed = true;
	k->passphrase = NULL;
	return 0;
}

void
put_ca_waits(struct ctx *cx, const struct request *rq, json_t *view, const struct consent *c)
{
	put_bool(view, "waiting", c->waiting);
	put_time(cx, rq, view, "expires", c->waiting ? c->until : 0);
	if (c->waiting)
		view_status(view, 202);
}

static const char *
words_of(const char *act)
{
	static const char *const words[][2] = { { "offline", "take the root's key offline" },
		{ "online", "bring the root's key back" }, { "import", "import its key" },
		{ "retire", "retire it" } };

	for (size_t i = 0; i < nitems(words); i++)
		if (strcmp(words[i][0], act) == 0)
			return words[i][1];
	return act;
}

int
put_ca_acts(struct ctx *cx, const struct request *rq, json_t *view, const char *name)
{
	struct approval *list, asked, second;
	json_t *all = json_array(), *o;
	struct custodian_row *rows;
	size_t n;

	json_object_set_new(view, "waits", all);
	if (op_custodian_list(cx, &rows, &n) < 0)
		return -1;
	put_bool(view, "two", n >= APPROVAL_TWO);
	approval_list(cx, &list, &n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].about, name) != 0)
			continue;
		approval_find(cx, list[i].act, &asked, &second);
		json_array_append_new(all, o = json_object());
		put_text(o, "act", list[i].wish);
		put_text(o, "words", words_of(list[i].wish));
		put_text(o, "asked_by", list[i].name);
		put_bool(o, "mine", strcmp(list[i].account, cx->actor.id) == 0);
		put_bool(o, "approved", second.account[0] != '\0');
		put_time(cx, rq, o, "expires", list[i].until);
	}
	return 0;
}

static int
shown(struct ctx *cx, const struct request *rq, json_t *view, const char *name)
{
	struct ca_view v;

	return op_ca_show(cx, name, &v) < 0 ? -1 : put_ca_authority(cx, rq, view, &v);
}

static int
ca_request(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct ca_order o = ca_order_of(cx, rq);
	struct ca_row ca;

	return op_ca_request(cx, &o, &ca) < 0 ? -1 : put_ca(cx, rq, view, &ca);
}

static int
ca_install(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct ca_files f;
	struct ca_row ca;

	return read_files(cx, rq, &f) < 0 || op_ca_install(cx, &f, &ca) < 0
	    ? -1
	    : shown(cx, rq, view, ca.authority);
}

static int
ca_import(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *name = request_field(rq, "name");
	struct ca_files f;
	struct key_file k;
	struct consent c;
	struct ca_row ca;

	if (read_files(cx, rq, &f) < 0 || read_key(cx, rq, &k) < 0 ||
	    op_ca_import(cx, name, &f, &k, field_text(rq, "code"), &c, &ca) < 0)
		return -1;
	put_ca_waits(cx, rq, view, &c);
	put_text(view, "name", name);
	return c.waiting ? 0 : shown(cx, rq, view, name);
}

static int
ca_offline(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *name = request_param(rq, "id"), *sha256 = request_field(rq, "sha256"), *pem;
	struct consent c = { 0 };

	if (sha256 != NULL && sha256[0] != '\0') {
		put_text(view, "name", name);
		put_text(view, "pem", NULL);
		put_ca_waits(cx, rq, view, &c);
		return op_ca_offline_done(cx, name, sha256);
	}
	if (op_ca_offline(
		cx, name, field_text(rq, "passphrase"), field_text(rq, "code"), &c, &pem) < 0)
		return -1;
	put_ca_waits(cx, rq, view, &c);
	put_text(view, "name", name);
	put_text(view, "pem", pem);
	return 0;
}

static int
ca_online(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *name = request_param(rq, "id");
	struct key_file k;
	struct consent c;

	if (read_key(cx, rq, &k) < 0 || op_ca_online(cx, name, &k, field_text(rq, "code"), &c) < 0)
		return -1;
	put_ca_waits(cx, rq, view, &c);
	put_text(view, "name", name);
	return c.waiting ? 0 : shown(cx, rq, view, name);
}

static int
ca_approve(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct approval asked;

	if (op_ca_approve(cx, request_param(rq, "id"), field_text(rq, "act"),
		field_text(rq, "code"), &asked) < 0)
		return -1;
	put_text(view, "name", asked.about);
	put_text(view, "act", asked.wish);
	put_text(view, "asked_by", asked.name);
	put_time(cx, rq, view, "expires", asked.until);
	return 0;
}

static const struct route routes[] = {
	{ .name = "ca.request",
	    .method = "POST",
	    .api_path = "/cas/csr",
	    .capability = CAP_SETTINGS,
	    .handler = ca_request,
	    .fields = ca_create_fields,
	    .audit = "ca.request",
	    .status = 201,
	    .answer = "CaCertificate",
	    .summary = "A key and a CSR for an issuing CA that a CA elsewhere signs" },
	{ .name = "ca.install",
	    .method = "POST",
	    .api_path = "/cas/install",
	    .capability = CAP_SETTINGS,
	    .handler = ca_install,
	    .fields = install_fields,
	    .audit = "ca.install",
	    .limit = LIMIT_BODY,
	    .answer = "Ca",
	    .summary = "What that CA sent: it signs from then on" },
	{ .name = "ca.import",
	    .method = "POST",
	    .api_path = "/cas/import",
	    .capability = CAP_SETTINGS,
	    .handler = ca_import,
	    .fields = import_fields,
	    .audit = "ca.import",
	    .limit = LIMIT_BODY,
	    .status = 201,
	    .also = 202,
	    .answer = "CaAct",
	    .summary = "A CA from elsewhere, certificate and key" },
	{ .name = "ca.offline",
	    .method = "POST",
	    .api_path = "/cas/{id}/offline",
	    .capability = CAP_SUPER,
	    .handler = ca_offline,
	    .fields = offline_fields,
	    .audit = "ca.offline",
	    .secret = true,
	    .also = 202,
	    .answer = "OfflineKey",
	    .summary = "The root's key, encrypted; with the SHA-256 of it: destroyed here" },
	{ .name = "ca.online",
	    .method = "POST",
	    .api_path = "/cas/{id}/online",
	    .capability = CAP_SUPER,
	    .handler = ca_online,
	    .fields = online_fields,
	    .audit = "ca.online",
	    .limit = LIMIT_BODY,
	    .also = 202,
	    .answer = "CaAct",
	    .summary = "The root's key back, for a ceremony" },
	{ .name = "ca.approve",
	    .method = "POST",
	    .portal_path = "/settings/security/ca/{id}/approve",
	    .page = "ca.show",
	    .then = "/settings/security/ca/{name}",
	    .api_path = "/cas/{id}/approve",
	    .capability = CAP_SETTINGS,
	    .handler = ca_approve,
	    .fields = approve_fields,
	    .audit = "ca.approve",
	    .answer = "CaApproved",
	    .summary = "Approve, as a second custodian, what another one asked for" },
};
const struct route_table page_ca_keys_routes = { routes, nitems(routes) };
