/*
 * page_key.c - private keys over the API: never their secret half
 */
#include "page/page_procedure.h"

static const struct field generate_fields[] = { { "type", "Key type", FIELD_CHOICE, 16, true,
						    KEY_TYPES, NULL },
	{ "exportable", "Exportable", FIELD_BOOL, 0, false, NULL,
	    "it may be exported later, encrypted" },
	{ 0 } };
static const struct field import_fields[] = { { "file", "Key file", FIELD_SECRET, 0, false, NULL,
						  "base64" },
	{ "sealed", "Sealed key file", FIELD_SECRET, 0, false, NULL,
	    "base64; sealed to the import key: the front cannot read it" },
	{ "passphrase", "Passphrase", FIELD_SECRET, LIMIT_PASSPHRASE, false, NULL,
	    "of an encrypted file" },
	{ "exportable", "Exportable", FIELD_BOOL, 0, false, NULL,
	    "it may be exported later, encrypted" },
	{ 0 } };
static const struct field export_fields[] = { { "passphrase", "Passphrase", FIELD_SECRET,
						  LIMIT_PASSPHRASE, true, NULL,
						  "at least 12 characters" },
	{ 0 } };

/* By the name that its identity has now. */
static int
put_one(struct ctx *cx, const struct request *rq, json_t *view, const struct key_row *k)
{
	struct identity i;

	if (op_identity_load(cx, k->identity, &i) < 0)
		return -1;
	put_key(cx, rq, view, k, i.name);
	return 0;
}

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
	struct key_row k;

	if (op_key_load(cx, request_param(rq, "id"), &k) < 0)
		return -1;
	return put_one(cx, rq, view, &k);
}

static int
key_generate(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct key_row k;

	if (op_key_generate(cx, request_identity(rq), field_text(rq, "type"),
		request_bool(rq, "exportable"), &k) < 0)
		return -1;
	return put_one(cx, rq, view, &k);
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
read_file(struct ctx *cx, const struct request *rq, struct key_file *f)
{
	int sealed, plain;

	f->passphrase = request_field(rq, "passphrase");
	if (f->passphrase != NULL && f->passphrase[0] == '\0')
		f->passphrase = NULL;
	f->exportable = request_bool(rq, "exportable");
	if ((sealed = read_base64(cx, rq, "sealed", f)) < 0 ||
	    (plain = read_base64(cx, rq, "file", f)) < 0)
		return -1;
	f->sealed = sealed > 0;
	if (sealed + plain == 1)
		return 0;
	err_set(&cx->err, sealed + plain == 0 ? R_FIELD_REQUIRED : R_KEYFILE_TWO, "file",
	    sealed + plain == 0 ? "a key file is required" : "there are two key files");
	return err_hint(&cx->err, "send one: file (base64), or sealed to the import key");
}

static int
key_import(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct key_file f = { 0 };
	const char *found;
	struct key_row k;

	if (read_file(cx, rq, &f) < 0 ||
	    op_key_import(cx, request_identity(rq), &f, &k, &found) < 0)
		return -1;
	put_text(view, "found", found);
	return put_one(cx, rq, view, &k);
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
	const char *pem;

	if (op_key_export(cx, request_param(rq, "id"), field_text(rq, "passphrase"), &pem) < 0)
		return -1;
	put_text(view, "pem", pem);
	return 0;
}

static int
key_destroy(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct key_row k;

	if (op_key_destroy(cx, request_param(rq, "id"), &k) < 0)
		return -1;
	return put_one(cx, rq, view, &k);
}

static const struct route routes[] = {
	{ .name = "key",
	    .method = "GET",
	    .api_path = "/identities/{identity}/key",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = key_current,
	    .summary = "The key that a new CSR is made from" },
	{ .name = "keys",
	    .method = "GET",
	    .api_path = "/identities/{identity}/keys",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = keys_list,
	    .summary = "All generations, newest first" },
	{ .name = "key.generate",
	    .method = "POST",
	    .api_path = "/identities/{identity}/keys",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = key_generate,
	    .fields = generate_fields,
	    .audit = "key.generate",
	    .status = 201,
	    .summary = "Make a private key: the next generation" },
	{ .name = "key.import",
	    .method = "POST",
	    .api_path = "/identities/{identity}/keys/import",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = key_import,
	    .fields = import_fields,
	    .audit = "key.import",
	    .limit = LIMIT_BODY,
	    .status = 201,
	    .summary = "Take a private key in: the next generation" },
	{ .name = "key.one",
	    .method = "GET",
	    .api_path = "/keys/{id}",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = key_show,
	    .summary = "One key: its public half and its state" },
	{ .name = "key.destroy",
	    .method = "DELETE",
	    .api_path = "/keys/{id}",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = key_destroy,
	    .audit = "key.destroy",
	    .summary = "Destroy a private key, for good" },
	{ .name = "key.export",
	    .method = "POST",
	    .api_path = "/keys/{id}/export",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = key_export,
	    .fields = export_fields,
	    .audit = "key.export",
	    .summary = "An exportable key as encrypted PKCS#8" },
	{ .name = "import-key",
	    .method = "GET",
	    .api_path = "/import-key",
	    .capability = CAP_READ,
	    .handler = import_key,
	    .summary = "The public key (X25519) that key files are sealed to" },
};
const struct route_table page_key_routes = { routes, nitems(routes) };
