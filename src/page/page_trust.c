/*
 * page_trust.c - Server CA Certificates: what is known here of CAs
 */
#include <stdio.h>

#include "op/op_component.h"
#include "op/op_trust.h"
#include "page/page_component.h"
#include "page/page_people.h"

/* base64 of LIMIT_BUNDLE bytes, or as much text */
#define CONTENT_MAX (LIMIT_BUNDLE / 3 * 4 + 4)

#define SOON_DAYS 90 /* no new certificate below it lives longer */

static const struct field add_fields[] = { { "content", "Certificates", FIELD_LINES, CONTENT_MAX,
					       false, NULL, "the API takes base64 of a file" },
	{ "files", "Files", FIELD_FILES, LIMIT_BUNDLE, false, NULL,
	    "PEM, DER, PKCS#7, PKCS#12, ZIP" },
	{ "passphrase", "Passphrase", FIELD_SECRET, LIMIT_PASSPHRASE, false, NULL,
	    "of a PKCS#12 file" },
	{ 0 } };

static json_t *
texts(const char *const *v, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, json_string(v[i]));
	return a;
}

static const char *
joined(struct ctx *cx, const char *const *v, size_t n)
{
	const char *s = NULL;

	for (size_t i = 0; i < n; i++)
		s = s == NULL ? v[i] : arena_printf(cx->arena, "%s, %s", s, v[i]);
	return s;
}

struct life {
	const char *mark, *text;
};

static const struct life *
life_of(const struct trust_row *r, int64_t now)
{
	static const struct life ended = { "bad", "Ended" }, early = { "warn", "Not yet valid" },
				 soon = { "warn", "Ends soon" }, valid = { "good", "Valid" };

	return now > r->not_after		       ? &ended
	    : now < r->not_before		       ? &early
	    : days_left(r->not_after, now) < SOON_DAYS ? &soon
						       : &valid;
}

static void
put_trust(struct ctx *cx, const struct request *rq, json_t *o, const struct trust *t)
{
	const struct trust_row *r = &t->row;
	const struct life *life = life_of(r, cx->now);

	put_text(o, "id", r->id);
	put_text(o, "kind", r->kind);
	put_text(o, "subject", r->subject);
	put_text(o, "issuer", r->issuer);
	put_text(o, "serial", r->serial);
	put_time(cx, rq, o, "not_before", r->not_before);
	put_time(cx, rq, o, "not_after", r->not_after);
	put_int(o, "days_left", days_left(r->not_after, cx->now));
	put_text(o, "origin", r->origin);
	put_text(o, "sha256", hex_of(cx->arena, r->sha256, sizeof(r->sha256)));
	json_object_set_new(o, "used_by", texts(t->used_by, t->nused_by));
	json_object_set_new(o, "anchors", texts(t->anchors, t->nanchors));
	if (rq->face == FACE_API)
		return;
	put_bool(o, "root", strcmp(r->kind, "root") == 0);
	put_state(o, life->mark, life->text);
	put_text(o, "not_after_day", time_day(cx->arena, r->not_after));
	put_text(o, "short", hex_colons(cx->arena, r->sha256, 8));
	put_text(o, "users", joined(cx, t->used_by, t->nused_by));
	put_text(o, "below", joined(cx, t->anchors, t->nanchors));
}

static int
trust_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct trust *list;
	size_t n, used = 0;

	json_object_set_new(view, "trust", all);
	if (op_trust_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_trust(cx, rq, o, &list[i]);
		used += list[i].nused_by > 0 || list[i].nanchors > 0;
	}
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "status",
	    n == 0	? "None is known yet."
		: n > 1 ? arena_printf(cx->arena,
			      used == n ? "%zu are known here, all in use."
					: "%zu are known here, %zu of them in use.",
			      n, used)
		: used	? "One is known here, and in use."
			: "One is known here, not in use.");
	view_command(view,
	    "certwright trust list\ncertwright trust add FILE\ncertwright trust remove ID\n\n"
	    "GET    /api/v1/trust\n"
	    "POST   /api/v1/trust       {\"content\": \"BASE64\"}\n"
	    "DELETE /api/v1/trust/ID");
	return 0;
}

/* What was typed or sent; 0 files: R_FIELD_REQUIRED. */
static int
read_files(struct ctx *cx, const struct request *rq, struct reader_file *files, size_t *n)
{
	const char *content = request_field(rq, "content");
	const struct upload *up;
	unsigned char *data;
	size_t len;

	*n = 0;
	for (; *n < LIMIT_FILES && (up = request_file(rq, "files", *n)) != NULL; (*n)++)
		files[*n] = (struct reader_file){ up->name, up->data, up->len };
	if (content != NULL && content[0] != '\0') {
		if (rq->face == FACE_PORTAL) {
			content = typed_lines(cx, content);
			files[(*n)++] = (struct reader_file){ "text", content, strlen(content) };
			return 0;
		}
		if (base64_decode(cx->arena, content, strlen(content), false, &data, &len) < 0)
			return err_set(&cx->err, R_NOT_BASE64, "content",
			    "the content is not base64 (RFC 4648 section 4, no line breaks)");
		files[(*n)++] = (struct reader_file){ "file", data, len };
	}
	if (*n > 0)
		return 0;
	err_set(&cx->err, R_FIELD_REQUIRED, "content", "there is no certificate");
	return err_hint(&cx->err, "paste the CA's certificate, or choose its file");
}

/* Stand the error beside the control that the certificates came through. */
static int
blame(struct ctx *cx, const struct request *rq)
{
	if (cx->err.kind != ERR_INTERNAL && strcmp(cx->err.field, "passphrase") != 0)
		snprintf(cx->err.field, sizeof(cx->err.field), "%s",
		    rq->nfiles > 0 ? "files" : "content");
	return -1;
}

static int
trust_add(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct reader_file files[LIMIT_FILES + 1];
	const char *passphrase = field_text(rq, "passphrase");
	json_t *added = json_array(), *o;
	struct trust_added all;
	size_t n;

	json_object_set_new(view, rq->face == FACE_API ? "trust" : "added", added);
	if (read_files(cx, rq, files, &n) < 0)
		return -1;
	if (op_trust_add(cx, files, n, passphrase[0] == '\0' ? NULL : passphrase, &all) < 0)
		return blame(cx, rq);
	for (size_t i = 0; i < all.n; i++) {
		json_array_append_new(added, o = json_object());
		put_trust(cx, rq, o, &all.v[i]);
	}
	json_object_set_new(view, "notes", texts(all.notes, all.nnotes));
	if (rq->face == FACE_API)
		return 0;
	put_bool(view, "done", true);
	return trust_list(cx, rq, view);
}

static int
trust_pem(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *pem;
	struct trust t;

	if (op_trust_one(cx, request_param(rq, "id"), &t) < 0)
		return -1;
	pem = op_trust_pem(cx, &t);
	view_download(view,
	    arena_printf(cx->arena, "ca-%s.pem", hex_of(cx->arena, t.row.sha256, 4)),
	    "application/x-pem-file", pem, strlen(pem));
	return 0;
}

static int
trust_remove(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_trust_remove(cx, request_param(rq, "id"));
}

#define PAGE "/settings/security/ca-certificates"

static const struct route routes[] = {
	{ .name = "ca",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/trust",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = trust_list,
	    .template = "ca",
	    .title = "Server CA Certificates",
	    .tab = "settings",
	    .menu = "ca",
	    .answer = "Trusts",
	    .summary = "Certificates of CAs that are known here" },
	{ .name = "trust.add",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = "/trust",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = trust_add,
	    .template = "ca",
	    .fields = add_fields,
	    .audit = "trust.add",
	    .page = "ca",
	    .title = "Server CA Certificates",
	    .tab = "settings",
	    .menu = "ca",
	    .limit = LIMIT_BODY,
	    .status = 201,
	    .answer = "Trusts",
	    .summary = "Add every CA certificate of a file; known ones are fine" },
	{ .name = "trust.pem",
	    .method = "GET",
	    .portal_path = PAGE "/{id}/pem",
	    .api_path = "/trust/{id}/pem",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = trust_pem,
	    .template = "ca",
	    .title = "Server CA Certificates",
	    .tab = "settings",
	    .menu = "ca",
	    .answer = "application/x-pem-file",
	    .summary = "One as PEM" },
	{ .name = "trust.remove",
	    .method = "DELETE",
	    .api_path = "/trust/{id}",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = trust_remove,
	    .audit = "trust.remove",
	    .answer = "Nothing",
	    .summary = "Remove one that no served chain uses" },
	{ .name = "trust.remove.portal",
	    .method = "POST",
	    .portal_path = PAGE "/{id}/remove",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = trust_remove,
	    .audit = "trust.remove",
	    .page = "ca",
	    .then = PAGE,
	    .summary = "Remove one that no served chain uses" },
};
const struct route_table page_trust_routes = { routes, nitems(routes) };
