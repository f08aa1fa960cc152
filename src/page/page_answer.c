/*
 * page_answer.c - what the CA sent: check shows the sheet, install acts on it
 */
#include "op/op_component.h"
#include "op/op_issue.h"
#include "page/page_certificate.h"
#include "page/page_request.h"
#include "page/page_sheet.h"

#define FETCH_HELP "ask for an issuer that was not sent where the certificate says that it is"

static const struct field check_fields[] = {
	{ "answer", "What the CA sent", FIELD_LINES, LIMIT_BUNDLE, false, NULL,
	    "the e-mail, one or more PEM blocks, in any order" },
	{ "files", "Files", FIELD_FILES, LIMIT_BUNDLE, false, NULL,
	    "PEM, DER, PKCS#7, PKCS#12, ZIP; in JSON: [{name, content (base64)}]" },
	{ "passphrase", "Passphrase", FIELD_SECRET, LIMIT_PASSPHRASE, false, NULL,
	    "of a PKCS#12 file" },
	{ "request", "Request", FIELD_TEXT, ID_SIZE, false, NULL,
	    "id; the one that fits best when left out" },
	{ "fetch_issuer", "Fetch the missing issuer", FIELD_BOOL, 0, false, NULL, FETCH_HELP },
	{ 0 }
};
static const struct field install_fields[] = { { "answer", "What the CA sent", FIELD_LINES,
						   LIMIT_BUNDLE, false, NULL, NULL },
	{ "files", "Files", FIELD_FILES, LIMIT_BUNDLE, false, NULL, NULL },
	{ "passphrase", "Passphrase", FIELD_SECRET, LIMIT_PASSPHRASE, false, NULL, NULL },
	{ "request", "Request", FIELD_TEXT, ID_SIZE, false, NULL, NULL },
	{ "fetch_issuer", "Fetch the missing issuer", FIELD_BOOL, 0, false, NULL, FETCH_HELP },
	{ "override", "Reason", FIELD_TEXT, REASON_MAX, false, NULL,
	    "why it is installed although it is not fit; it is recorded" },
	{ 0 } };

/* JSON: [{"name": ..., "content": base64}] */
int
json_files(struct ctx *cx, const json_t *list, struct reader_file *out, size_t max, size_t *n)
{
	const json_t *one;
	unsigned char *data;
	const char *text;
	size_t i, len;

	json_array_foreach (list, i, one) {
		text = json_string_value(json_object_get(one, "content"));
		if (*n > max)
			return 0; /* one too many: whoever takes them refuses */
		if (text == NULL ||
		    base64_decode(cx->arena, text, strlen(text), false, &data, &len) < 0) {
			err_set(&cx->err, R_NOT_BASE64, "files", "file %zu has no base64 content",
			    i + 1);
			return err_hint(&cx->err, "files is a list of {\"name\", \"content\"}");
		}
		out[(*n)++] = (struct reader_file){ json_string_value(json_object_get(one, "name")),
			data, len };
	}
	return 0;
}

/* NULL: nothing was pasted. */
static const char *
pasted_text(struct ctx *cx, const struct request *rq)
{
	const char *text = request_field(rq, "answer");

	if (text == NULL || text[strspn(text, " \t\r\n")] == '\0')
		return NULL;
	return rq->face == FACE_API ? text : typed_lines(cx, text);
}

static int
read_input(struct ctx *cx, const struct request *rq, struct answer_input *in)
{
	struct reader_file *files = arena_new_array(cx->arena, LIMIT_FILES + 2, struct reader_file);
	const char *pasted = pasted_text(cx, rq), *pass = request_field(rq, "passphrase");
	const char *request = request_field(rq, "request");
	const struct upload *u;

	memset(in, 0, sizeof(*in));
	in->files = files;
	if (json_files(cx, json_object_get(rq->json, "files"), files, LIMIT_FILES, &in->n) < 0)
		return -1;
	for (size_t i = 0; (u = request_file(rq, "files", i)) != NULL && in->n <= LIMIT_FILES; i++)
		files[in->n++] = (struct reader_file){ u->name, u->data, u->len };
	if (pasted != NULL)
		files[in->n++] = (struct reader_file){ "the pasted text", pasted, strlen(pasted) };
	in->passphrase = pass != NULL && pass[0] != '\0' ? pass : NULL;
	in->request = request != NULL && request[0] != '\0' ? request : NULL;
	in->fetch_issuer = request_bool(rq, "fetch_issuer");
	/* a request's id alone: what our own authority made of it */
	return in->n > 0 || in->request == NULL ? 0 : op_issued_answer(cx, in);
}

static void
put_facts(struct ctx *cx, const struct request *rq, json_t *view, const struct answer *a)
{
	const struct cert_facts *f = &a->facts;
	json_t *o = json_object(), *names = json_array();

	json_object_set_new(view, "certificate", o);
	put_text(o, "subject", f->subject);
	put_text(o, "issuer", f->issuer);
	put_text(o, "serial", f->serial);
	for (size_t i = 0; i < f->sans.n; i++)
		json_array_append_new(names,
		    rq->face == FACE_API ? json_string(f->sans.v[i].text)
					 : name_for_people(cx, f->sans.v[i].text));
	json_object_set_new(o, "names", names);
	put_text(o, "key_label", f->key_label);
	put_time(cx, rq, o, "not_before", f->not_before);
	put_time(cx, rq, o, "not_after", f->not_after);
	put_int(o, "days_left", days_left(f->not_after, cx->now));
	put_text(o, "sha256", hex_of(cx->arena, f->sha256, 32));
	if (rq->face == FACE_API)
		return;
	put_text(o, "fingerprint", hex_colons(cx->arena, f->sha256, 32));
	put_bool(o, "ended", cx->now > f->not_after);
}

static int
put_answer(struct ctx *cx, const struct request *rq, json_t *view, const struct answer *a)
{
	json_t *o;

	put_envelope(view, answer_envelope(cx, a));
	put_facts(cx, rq, view, a);
	if (!a->has_request)
		return 0;
	json_object_set_new(view, "request", o = json_object());
	return put_request(cx, rq, o, &a->request, &a->identity, NULL);
}

/* The normalised chain travels in the form of the sheet to Install. */
static void
put_install_form(struct ctx *cx, json_t *view, const struct answer *a)
{
	const char *pem = "";
	json_t *one;
	size_t i;
	bool breaking = a->sheet.verdict == VERDICT_BREAKING || !a->has_key;

	json_array_foreach (json_object_get(view, "chain"), i, one)
		pem = arena_printf(cx->arena, "%s%s", pem, json_string_value(one));
	put_text(view, "answer", pem);
	put_bool(view, "install", true);
	put_bool(view, "fit", !breaking);
	put_bool(view, "overridable",
	    breaking && a->has_key && compare_overridable(&a->sheet) &&
		cx->actor.role == ROLE_SUPER);
	put_text(
	    view, "name", a->facts.common_name != NULL ? a->facts.common_name : a->facts.subject);
	put_bool(view, "chain_complete", a->chain.complete);
	put_text(view, "missing", a->chain.missing);
	put_text(view, "missing_at", a->chain.missing_aia);
	put_text(view, "issuer", a->facts.issuer);
}

void
put_answer_command(struct ctx *cx, json_t *view, const struct identity *i, bool rollback)
{
	const char *of = identity_option(cx, i);

	view_command(view,
	    "certwright certificate check answer.txt%s\n"
	    "certwright certificate install answer.txt%s%s%s\n\n"
	    "POST /api/v1/identities/%s/certificates/check  {\"answer\": \"PEM\"}\n"
	    "POST /api/v1/identities/%s/certificates        {\"answer\": \"PEM\"}%s%s%s",
	    of, of, rollback ? "\ncertwright certificate rollback --reason TEXT" : "",
	    rollback ? of : "", i->name, i->name, rollback ? "\nPOST /api/v1/identities/" : "",
	    rollback ? i->name : "", rollback ? "/rollback            {\"reason\": \"TEXT\"}" : "");
}

static int
answer_check(struct ctx *cx, const struct request *rq, json_t *view)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct answer_input in;
	struct identity i;

	if (op_identity_load(cx, request_identity(rq), &i) < 0 || read_input(cx, rq, &in) < 0 ||
	    op_answer_read(cx, &i, &in, &a) < 0 || put_answer(cx, rq, view, &a) < 0)
		return -1;
	if (rq->face == FACE_API)
		return 0;
	put_sheet_for_people(cx, view, view);
	put_install_form(cx, view, &a);
	put_answer_command(cx, view, &i, false);
	return put_identity_choice(cx, view, &i);
}

/* A refusal carries the sheet, so that nobody has to ask again why. */
static int
answer_install(struct ctx *cx, const struct request *rq, json_t *view)
{
	AUTO_ANSWER struct answer a = { 0 };
	struct answer_input in;
	struct identity i;
	struct cert_row c;

	if (op_identity_load(cx, request_identity(rq), &i) < 0 || read_input(cx, rq, &in) < 0 ||
	    op_answer_read(cx, &i, &in, &a) < 0 || put_answer(cx, rq, view, &a) < 0)
		return -1;
	if (op_install(cx, &a, request_field(rq, "override"), &c) < 0) {
		view_problem(view);
		return -1;
	}
	put_text(view, "id", c.id);
	put_bool(view, "installed", true);
	view_redirect(view, identity_path(cx, CERTIFICATE_PAGE, i.name));
	return 0;
}

static const struct route routes[] = {
	{ .name = "certificate.check",
	    .method = "POST",
	    .portal_path = CERTIFICATE_PAGE "/check",
	    .api_path = "/identities/{identity}/certificates/check",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = answer_check,
	    .template = "certificate-sheet",
	    .fields = check_fields,
	    .audit = "certificate.check",
	    .page = "certificate",
	    .title = "Server Certificate",
	    .tab = "settings",
	    .menu = "certificate",
	    .limit = LIMIT_BODY,
	    .answer = "Answer",
	    .summary = "What became of every wish in what the CA sent; changes nothing" },
	{ .name = "certificate.install",
	    .method = "POST",
	    .portal_path = CERTIFICATE_PAGE "/install",
	    .api_path = "/identities/{identity}/certificates",
	    .capability = CAP_OPERATE,
	    .tenant_scoped = true,
	    .handler = answer_install,
	    .fields = install_fields,
	    .audit = "certificate.install",
	    .page = "certificate",
	    .then = CERTIFICATE_PAGE,
	    .limit = LIMIT_BODY,
	    .status = 201,
	    .answer = "Answer",
	    .summary = "Check it, and present it from the next handshake on" },
};
const struct route_table page_answer_routes = { routes, nitems(routes) };
