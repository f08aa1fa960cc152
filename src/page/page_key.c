/*
 * page_key.c - private keys: never their secret half
 */
#include <stdio.h>

#include "page/page_key.h"

#define PAGE "/settings/security/key"
#define ONE  PAGE "/{id}"

static const struct field generate_fields[] = { { "type", "Key type", FIELD_CHOICE, 16, true,
						    KEY_TYPES, NULL },
	{ "exportable", "Exportable", FIELD_BOOL, 0, false, NULL,
	    "it may be exported later, encrypted" },
	{ "deliverable", "Deliverable", FIELD_BOOL, 0, false, NULL,
	    "it may go to targets of this host; by itself when the identity has a component" },
	{ 0 } };
static const struct field import_fields[] = { { "file", "Key file", FIELD_SECRET, 0, false, NULL,
						  "base64" },
	{ "text", "Key as text", FIELD_SECRET, 0, false, NULL, "PEM or JWK, instead of a file" },
	{ "sealed", "Sealed key file", FIELD_SECRET, 0, false, NULL,
	    "base64; sealed to the import key: the front cannot read it" },
	{ "passphrase", "Passphrase", FIELD_SECRET, LIMIT_PASSPHRASE, false, NULL,
	    "of an encrypted file" },
	{ "exportable", "Exportable", FIELD_BOOL, 0, false, NULL,
	    "it may be exported later, encrypted" },
	{ "deliverable", "Deliverable", FIELD_BOOL, 0, false, NULL,
	    "it may go to targets of this host; by itself when the identity has a component" },
	{ 0 } };
static const struct field destroy_fields[] = {
	{ "understood", "I understand", FIELD_BOOL, 0, true, NULL, NULL }, { 0 }
};
static const struct field export_fields[] = { { "passphrase", "Passphrase", FIELD_SECRET,
						  LIMIT_PASSPHRASE, false, NULL,
						  "at least 12 characters" },
	{ "format", "Format", FIELD_CHOICE, 8, false, "pkcs8|pkcs12", "default: pkcs8" },
	{ "code", "One-time code", FIELD_SECRET, 16, false, NULL,
	    "of a custodian who asks; then another one approves, and the same call without a code "
	    "gets the key" },
	{ "legacy", "Legacy", FIELD_BOOL, 0, false, NULL,
	    "PKCS#12 with 3DES and SHA-1, for old Windows and Java" },
	{ 0 } };

static const struct field approve_fields[] = { { "code", "One-time code", FIELD_SECRET, 16, true,
						   NULL, "of a custodian other than who asked" },
	{ 0 } };

static int
key_current(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;
	struct key_row k;

	if (op_identity_load(cx, request_identity(rq), &i) < 0 || op_key_for_csr(cx, &i, &k) < 0)
		return -1;
	put_key(cx, rq, view, &k, i.name);
	return 0;
}

static int
keys_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;

	if (op_identity_load(cx, request_identity(rq), &i) < 0)
		return -1;
	return put_keys(cx, rq, view, &i);
}

static int
key_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct identity i;
	struct key_row k;

	if (op_key_load(cx, request_param(rq, "id"), &k) < 0 ||
	    op_identity_load(cx, k.identity, &i) < 0)
		return -1;
	put_key(cx, rq, view, &k, i.name);
	return rq->face == FACE_API ? 0 : key_page_one(cx, view, &k, &i);
}

/* After a write in the portal: the page of the key's own identity. */
static int
done(struct ctx *cx, const struct request *rq, json_t *view, const struct key_row *k)
{
	struct identity i;

	if (op_identity_load(cx, k->identity, &i) < 0)
		return -1;
	put_key(cx, rq, view, k, i.name);
	if (rq->face == FACE_PORTAL)
		view_redirect(view, identity_path(cx, PAGE, i.name));
	return 0;
}

static int
key_generate(struct ctx *cx, const struct request *rq, json_t *view)
{
	const struct key_want want = { .type = field_text(rq, "type"),
		.exportable = request_bool(rq, "exportable"),
		.deliverable = request_bool(rq, "deliverable") };
	struct key_row k;

	if (op_key_make(cx, request_identity(rq), &want, &k) < 0)
		return -1;
	return done(cx, rq, view, &k);
}

/* Base64 of the field `name`; 0: not sent. */
static int
read_base64(struct ctx *cx, const struct request *rq, const char *name, struct key_file *f)
{
	const char *text = request_field(rq, name);
	unsigned char *data;

	if (text == NULL)
		return 0;
	if (base64_decode(cx->arena, text, strlen(text), false, &data, &f->len) < 0)
		return err_set(&cx->err, R_NOT_BASE64, name,
		    "the file is not in base64 (RFC 4648 section 4, without line breaks)");
	f->data = data;
	return 1;
}

static int
read_upload(const struct request *rq, struct key_file *f)
{
	const struct upload *u = request_file(rq, "file", 0);

	if (u == NULL)
		return 0;
	f->data = u->data;
	f->len = u->len;
	return 1;
}

static int
read_text(const struct request *rq, struct key_file *f)
{
	const char *text = field_text(rq, "text");

	if (text[0] == '\0')
		return 0;
	f->data = text;
	f->len = strlen(text);
	return 1;
}

/* One file, by one of four ways; *text: it was pasted. */
static int
read_file(struct ctx *cx, const struct request *rq, struct key_file *f, bool *text)
{
	int sealed, plain, upload;

	f->passphrase = request_field(rq, "passphrase");
	if (f->passphrase != NULL && f->passphrase[0] == '\0')
		f->passphrase = NULL;
	f->exportable = request_bool(rq, "exportable");
	f->deliverable = request_bool(rq, "deliverable");
	if ((sealed = read_base64(cx, rq, "sealed", f)) < 0 ||
	    (plain = read_base64(cx, rq, "file", f)) < 0)
		return -1;
	upload = read_upload(rq, f);
	*text = read_text(rq, f) > 0;
	f->sealed = sealed > 0;
	switch (sealed + plain + upload + *text) {
	case 1:
		return 0;
	case 0:
		err_set(&cx->err, R_FIELD_REQUIRED, "file", "a key is required");
		return err_hint(&cx->err, "choose its file, or paste its text");
	default:
		err_set(&cx->err, R_KEYFILE_TWO, "file", "there is a file and a text");
		return err_hint(
		    &cx->err, "give one of them, so that it is clear which key is meant");
	}
}

static int
key_import(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct key_file f = { 0 };
	const char *found;
	struct key_row k;
	bool text;

	if (read_file(cx, rq, &f, &text) < 0)
		return -1;
	if (op_key_import(cx, request_identity(rq), &f, &k, &found) < 0) {
		if (text && strcmp(cx->err.field, "file") == 0)
			snprintf(cx->err.field, sizeof(cx->err.field), "text");
		return -1;
	}
	put_text(view, "found", found);
	return done(cx, rq, view, &k);
}

static int
import_key(struct ctx *cx, const struct request *rq, json_t *view)
{
	unsigned char key[32];

	if (op_key_import_key(cx, key) < 0)
		return -1;
	put_text(view, "key", base64_encode(cx->arena, key, sizeof(key)));
	return 0;
}

static int
key_export(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct export_wish w = { .passphrase = field_text(rq, "passphrase"),
		.pkcs12 = strcmp(field_text(rq, "format"), "pkcs12") == 0,
		.legacy = request_bool(rq, "legacy"),
		.code = field_text(rq, "code") };
	const char *id = request_param(rq, "id");
	struct exported x;

	if (op_key_export(cx, id, &w, &x) < 0)
		return -1;
	if (x.consent.waiting)
		view_status(view, 202);
	if (rq->face == FACE_API) {
		put_bool(view, "waiting", x.consent.waiting);
		put_time(cx, rq, view, "expires", x.consent.waiting ? x.consent.until : 0);
		put_text(view, "format", x.format);
		put_text(view, "pem", x.pem);
		put_text(view, "pkcs12",
		    x.der != NULL && w.pkcs12 ? base64_encode(cx->arena, x.der, x.len) : NULL);
	} else if (x.consent.waiting) {
		view_redirect(view, arena_printf(cx->arena, PAGE "/%s", id));
	} else if (w.pkcs12) {
		view_download(view, arena_printf(cx->arena, "key-%s.p12", id),
		    "application/x-pkcs12", x.der, x.len);
	} else {
		view_download(view, arena_printf(cx->arena, "key-%s.pem", id),
		    "application/x-pem-file", x.pem, strlen(x.pem));
	}
	return 0;
}

static int
key_approve(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *id = request_param(rq, "id");
	struct approval asked;

	if (op_key_approve(cx, id, field_text(rq, "code"), &asked) < 0)
		return -1;
	put_text(view, "key", id);
	put_text(view, "format", asked.wish);
	put_text(view, "asked_by", asked.name);
	put_time(cx, rq, view, "expires", asked.until);
	if (rq->face == FACE_PORTAL)
		view_redirect(view, arena_printf(cx->arena, PAGE "/%s", id));
	return 0;
}

/* Never by one click: the form says that it was understood. */
static int
key_destroy(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct key_row k;

	if (rq->face == FACE_PORTAL && !request_bool(rq, "understood"))
		return err_set(&cx->err, R_FIELD_REQUIRED, "understood",
		    "say that you understand, since it cannot be undone");
	if (op_key_destroy(cx, request_param(rq, "id"), &k) < 0)
		return -1;
	return done(cx, rq, view, &k);
}

static const struct route routes[] = {
	{ .name = "key.page",
	    .method = "GET",
	    .portal_path = PAGE,
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = key_page,
	    .template = "key",
	    .title = "SSL Private Key",
	    .tab = "settings",
	    .menu = "key",
	    .summary = "SSL Private Key" },
	{ .name = "key",
	    .method = "GET",
	    .api_path = "/identities/{identity}/key",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = key_current,
	    .answer = "Key",
	    .summary = "The key that a new CSR is made from" },
	{ .name = "keys",
	    .method = "GET",
	    .api_path = "/identities/{identity}/keys",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = keys_list,
	    .answer = "Keys",
	    .summary = "All generations, newest first" },
	{ .name = "key.generate",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = "/identities/{identity}/keys",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = key_generate,
	    .fields = generate_fields,
	    .audit = "key.generate",
	    .page = "key.page",
	    .status = 201,
	    .answer = "Key",
	    .summary = "Make a private key: the next generation" },
	{ .name = "key.import",
	    .method = "POST",
	    .portal_path = PAGE "/import",
	    .api_path = "/identities/{identity}/keys/import",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = key_import,
	    .fields = import_fields,
	    .audit = "key.import",
	    .page = "key.page",
	    .limit = LIMIT_BODY,
	    .status = 201,
	    .answer = "Key",
	    .summary = "Take a private key in: the next generation" },
	{ .name = "key.one",
	    .method = "GET",
	    .portal_path = ONE,
	    .api_path = "/keys/{id}",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = key_show,
	    .template = "key-one",
	    .title = "SSL Private Key",
	    .tab = "settings",
	    .menu = "key",
	    .answer = "Key",
	    .summary = "One key: its public half and its state" },
	{ .name = "key.destroy.portal",
	    .method = "POST",
	    .portal_path = ONE "/destroy",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = key_destroy,
	    .fields = destroy_fields,
	    .audit = "key.destroy",
	    .page = "key.one",
	    .summary = "Destroy a private key, for good" },
	{ .name = "key.destroy",
	    .method = "DELETE",
	    .api_path = "/keys/{id}",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = key_destroy,
	    .audit = "key.destroy",
	    .answer = "Key",
	    .summary = "Destroy a private key, for good" },
	{ .name = "key.export",
	    .method = "POST",
	    .portal_path = ONE "/export",
	    .api_path = "/keys/{id}/export",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = key_export,
	    .fields = export_fields,
	    .audit = "key.export",
	    .secret = true,
	    .page = "key.one",
	    .also = 202,
	    .answer = "ExportedKey",
	    .summary = "An exportable key as PKCS#8 or PKCS#12, encrypted" },
	{ .name = "key.approve",
	    .method = "POST",
	    .portal_path = ONE "/approve",
	    .api_path = "/keys/{id}/approve",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = key_approve,
	    .fields = approve_fields,
	    .audit = "key.export.approve",
	    .page = "key.one",
	    .answer = "Approved",
	    .summary = "Approve, as a second custodian, the export that another one asked for" },
	{ .name = "import-key",
	    .method = "GET",
	    .api_path = "/import-key",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = import_key,
	    .answer = "ImportKey",
	    .summary = "The public key (X25519) that key files are sealed to" },
};
const struct route_table page_key_routes = { routes, nitems(routes) };
