/*
 * page_csr.c - SSL CSR: seven fields, Regenerate, and what was asked so far
 */
#include "base/buf.h"
#include "op/op_preset.h"
#include "page/page_preview.h"
#include "page/page_procedure.h"
#include "page/page_request.h"
#include "page/page_sheet.h"

#define PAGE	  "/settings/security/csr"
#define FIELD_MAX 255	/* the checks of each field say more than "too long" */
#define NAMES_MAX 30000 /* bytes: LIMIT_SANS_FORM names */

static const struct field csr_fields[] = { { "country", "Country Code", FIELD_TEXT, FIELD_MAX,
					       false, NULL, "two letters, ISO 3166" },
	{ "state", "State or Province Name", FIELD_TEXT, FIELD_MAX, false, NULL,
	    "written out, not abbreviated" },
	{ "locality", "Locality", FIELD_TEXT, FIELD_MAX, false, NULL, "city or town" },
	{ "organization", "Organization Name", FIELD_TEXT, FIELD_MAX, false, NULL,
	    "the registered legal name" },
	{ "unit", "Organization Unit", FIELD_TEXT, FIELD_MAX, false, NULL,
	    "public CAs leave it out" },
	{ "common_name", "Common Name", FIELD_TEXT, FIELD_MAX, false, NULL,
	    "the FQDN of the server" },
	{ "email", "Email Address", FIELD_TEXT, FIELD_MAX, false, NULL,
	    "reaches the people who look after this server" },
	{ "names", "Alternative Names", FIELD_LINES, NAMES_MAX, false, NULL,
	    "DNS names or IP addresses, one a line" },
	{ "digest", "Digest", FIELD_CHOICE, 8, false, "sha256|sha384|sha512",
	    "by the key when left out" },
	{ "keep_key", "Why the key is kept", FIELD_TEXT, KEY_NOTE_MAX, false, NULL,
	    "when it is that of a certificate: pinning or DANE, for example" },
	{ 0 } };

static int
identity_of(struct ctx *cx, const struct request *rq, struct identity *i)
{
	return op_identity_load(cx, request_identity(rq), i);
}

/* The lines as the page showed them; a browser sends CR LF. */
static bool
is_untouched(const char *typed, const char *shown)
{
	for (; *typed != '\0'; typed++) {
		if (*typed == '\r')
			continue;
		if (*typed != *shown)
			break;
		shown++;
	}
	return *shown == '\0' && typed[strspn(typed, "\r\n")] == '\0';
}

/* The page shows the Common Name among the names: untouched, they are those that
 * were saved, so that another Common Name takes the place of the old one. */
static const char *
names_typed(struct ctx *cx, const struct request *rq, const struct identity *i)
{
	const char *typed = request_field(rq, "names");

	if (rq->face == FACE_PORTAL && typed != NULL && is_untouched(typed, identity_names(cx, i)))
		return NULL;
	return typed;
}

/* ---- the API ------------------------------------------------------------------ */

static int
csr_regenerate(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct csr_typed typed = { .country = request_field(rq, "country"),
		.state = request_field(rq, "state"),
		.locality = request_field(rq, "locality"),
		.organization = request_field(rq, "organization"),
		.unit = request_field(rq, "unit"),
		.common_name = request_field(rq, "common_name"),
		.email = request_field(rq, "email"),
		.digest = request_field(rq, "digest"),
		.keep_key = request_field(rq, "keep_key") };
	struct identity i;
	struct request_row r;
	struct key_row key;

	if (identity_of(cx, rq, &i) < 0)
		return -1;
	typed.names = names_typed(cx, rq, &i);
	if (op_csr_regenerate(cx, &i, &typed, &r, &key) < 0)
		return -1;
	if (rq->face == FACE_PORTAL)
		view_redirect(view, identity_path(cx, PAGE, i.name));
	put_text(view, "pem", request_pem(cx, &r));
	return put_request(cx, rq, view, &r, &i, &key);
}

/* ---- the page ------------------------------------------------------------------- */

/* What was saved, else what the tenant begins with; what is locked in any case. */
static int
put_saved(struct ctx *cx, json_t *view, const struct identity *i)
{
	const char *saved[PRESETS] = { i->country, i->state, i->locality, i->organization, i->unit,
		i->email },
		   *value;
	json_t *locked = json_object();
	struct preset all[PRESETS];

	json_object_set_new(view, "locked", locked);
	if (op_presets(cx, all) < 0)
		return -1;
	for (size_t n = 0; n < PRESETS; n++) {
		if (preset_take(cx, &all[n], NULL, saved[n], &value) < 0)
			return -1;
		view_form_value(view, all[n].field, value);
		put_bool(locked, all[n].field, all[n].locked);
	}
	view_form_value(view, "common_name", i->common_name);
	view_form_value(view, "names", identity_names(cx, i));
	return 0;
}

static void
put_countries(json_t *view)
{
	json_t *all = json_array();

	for (const struct country *c = countries; c->code != NULL; c++)
		json_array_append_new(all, json_pack("{ss,ss}", "code", c->code, "name", c->name));
	json_object_set_new(view, "countries", all);
}

/* The line that would do the same. */
static void
put_command(struct ctx *cx, json_t *view, const struct identity *i)
{
	static const char *const options[] = { "country", "state", "locality", "organization",
		"unit", "common-name", "email" };
	const char *saved[] = { i->country, i->state, i->locality, i->organization, i->unit,
		i->common_name, i->email };
	AUTO_BUF struct buf b = { 0 };
	json_t *names, *v;
	size_t n;

	buf_put_text(&b, "certwright csr regenerate");
	buf_put_text(&b, identity_option(cx, i));
	for (n = 0; n < nitems(options); n++)
		buf_printf(&b, "%s--%s %s", n % 3 == 0 ? " \\\n    " : " ", options[n],
		    shell_word(cx, saved[n] == NULL ? "..." : saved[n]));
	names = lines_array(cx, i->names);
	json_array_foreach (names, n, v)
		buf_printf(&b, " --name %s", shell_word(cx, json_string_value(v)));
	json_decref(names);
	view_command(view,
	    "%s\ncertwright csr download -o %s.csr%s\n\n"
	    "POST /api/v1/identities/%s/requests  {\"country\": \"%s\", ...}\n"
	    "GET  /api/v1/identities/%s/request",
	    buf_text(&b), i->name, identity_option(cx, i), i->name,
	    i->country == NULL ? "..." : i->country, i->name);
}

static const char *
digest_words(const char *digest)
{
	return strcmp(digest, "sha256") == 0 ? "SHA-256"
	    : strcmp(digest, "sha384") == 0  ? "SHA-384"
	    : strcmp(digest, "sha512") == 0  ? "SHA-512"
					     : "the digest of the key type";
}

/* The request that is shown, decoded for people, with its raw dump. */
static int
put_current(struct ctx *cx, const struct request *rq, json_t *view, const struct request_row *r)
{
	json_t *o = json_object();
	const char *text;

	json_object_set_new(view, "request", o);
	if (put_request_pem(cx, rq, o, r) < 0 || request_text(cx, r, &text) < 0)
		return -1;
	put_names(cx, o, "names", r->names);
	put_text(o, "text", text);
	put_text(o, "digest_text", digest_words(r->digest));
	put_bool(o, r->state, true); /* a member named by the state */
	put_bool(o, "unsaid", r->key_note != NULL && r->key_note[0] == '\0');
	put_text(o, "fingerprint", hex_colons(cx->arena, r->sha256, 32));
	put_text(o, "key_fingerprint", hex_colons(cx->arena, r->spki_sha256, 32));
	return 0;
}

/* The key a new request would be made from; without one: no_key. */
static int
put_csr_key(struct ctx *cx, const struct request *rq, json_t *view, const struct identity *i,
    const struct request_row *r)
{
	struct key_row key;
	json_t *o;

	if (op_key_for_csr(cx, i, &key) < 0) {
		if (cx->err.refusal != R_NO_KEY)
			return -1;
		err_clear(&cx->err);
		put_bool(view, "no_key", true);
		return 0;
	}
	json_object_set_new(view, "key", o = json_object());
	put_text(o, "label", op_key_label(cx, &key));
	put_text(o, "short", short_digest(cx, key.spki_sha256));
	put_bool(view, "keeps", key.state != KEY_READY);
	put_bool(view, "older_key", r != NULL && strcmp(r->key, key.id) != 0);
	return 0;
}

/* ?request=ID shows that one, and says by itself whose it is. */
static int
find_current(struct ctx *cx, const struct request *rq, struct identity *i, struct request_row *r,
    bool *there)
{
	const char *id = request_query(rq, "request");

	*there = true;
	if (id != NULL)
		return op_csr_load(cx, id, r) < 0 ? -1 : op_identity_load(cx, r->identity, i);
	if (identity_of(cx, rq, i) < 0)
		return -1;
	if (op_csr_newest(cx, i, r) == 0)
		return 0;
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	*there = false;
	return 0;
}

static int
csr_page(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct request_row r;
	struct identity i;
	bool there;

	if (find_current(cx, rq, &i, &r, &there) < 0 ||
	    put_csr_key(cx, rq, view, &i, there ? &r : NULL) < 0)
		return -1;
	if (there && put_current(cx, rq, view, &r) < 0)
		return -1;
	if (put_saved(cx, view, &i) < 0)
		return -1;
	put_countries(view);
	put_command(cx, view, &i);
	if (put_preview(cx, rq, view, there ? &r : NULL) < 0 ||
	    put_identity_choice(cx, view, &i) < 0)
		return -1;
	return put_requests(cx, rq, view, &i);
}

static const struct route routes[] = {
	{ .name = "csr",
	    .method = "GET",
	    .portal_path = PAGE,
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = csr_page,
	    .template = "csr",
	    .title = "SSL CSR",
	    .tab = "settings",
	    .menu = "csr",
	    .summary = "The fields, the current request, all requests" },
	{ .name = "csr.regenerate",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = "/identities/{identity}/requests",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = csr_regenerate,
	    .fields = csr_fields,
	    .audit = "csr.regenerate",
	    .page = "csr",
	    .then = PAGE,
	    .status = 201,
	    .answer = "Request",
	    .summary = "Save the fields and make a request from the identity's key" },
};
const struct route_table page_csr_routes = { routes, nitems(routes) };
