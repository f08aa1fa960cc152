/*
 * instructions.c - hot paths, for callgrind to count their instructions
 *
 *   instructions SHARE PATH N    run a path N times, after once to warm up
 *   instructions --list          the names of the paths, a line each
 *   instructions --versions      what the counts hang on: "name<TAB>version"
 *
 * instructions.py runs it and compares with instructions.tsv. A path is a
 * function and its line in paths[]; see counted.h for what it finds.
 */
#include <gnu/libc-version.h>

#include <stdio.h>

#include <jansson.h>
#include <openssl/crypto.h>
#include <sqlite3.h>

#include "counted.h"
#include "front/form.h"
#include "front/http.h"
#include "keeper/guard.h"
#include "op/op_authority.h"
#include "op/op_csr.h"
#include "op/op_sheet.h"
#include "x509/csr.h"

/* Any CSR: parsed, proof of possession verified, each wish, as JSON. */
static void
csr_check_json(struct counted *c)
{
	struct sheet s;

	CHECK(c, op_csr_check(&c->cx, c->csr.data, c->csr.len, &s));
	json_text(&c->cx, sheet_json(&s));
}

/* What an authority would make of it, as JSON. */
static void
csr_preview_json(struct counted *c)
{
	struct preview p;
	struct sheet s;

	CHECK(c, op_preview_parse(&c->cx, "letsencrypt", NULL, "90", NULL, &p));
	CHECK(c, op_csr_preview(&c->cx, c->csr.data, c->csr.len, &p, &s));
	json_text(&c->cx, sheet_json(&s));
}

/* A CSR composed; the signature is the keeper's, which answers at once. */
static void
csr_compose_far(struct counted *c)
{
	struct csr_wish w = { .country = "US",
		.state = "New Jersey",
		.locality = "Hackensack",
		.organization = "Example Video, Inc.",
		.unit = "Conferencing",
		.common_name = "portal.example.com",
		.email = "pki@example.com" };
	struct key_row *k = &c->key;
	struct csr *csr;
	EVP_PKEY *key;

	counted_signature(c);
	CHECK(c,
	    names_parse(
		&c->cx.err, "names", "*.portal.example.com", w.common_name, c->cx.arena, &w.names));
	CHECK(c,
	    keys_open(k->blob, k->blob_len, k->spki, k->spki_len, PURPOSE_CSR, &key, &c->cx.err));
	CHECK(c, csr_compose_spki(&csr, &w, key, k->spki, k->spki_len, &c->cx.err));
	counted_drain(c);
	csr_free(csr);
	EVP_PKEY_free(key);
}

/* The button: fields checked, CSR composed, fields, request and record stored. */
static void
csr_regenerate(struct counted *c)
{
	static const struct csr_typed typed = { .unit = "R&D", .names = "www.example.com" };
	struct request_row r;
	struct key_row k;

	counted_signature(c);
	CHECK(c, op_csr_regenerate(&c->cx, &c->portal, &typed, &r, &k));
	counted_drain(c);
}

/* One request row and its audit event, in a transaction of their own. */
static void
store_insert(struct counted *c)
{
	struct request_row *r = &c->request;

	snprintf(r->id, ID_SIZE, "01J%022lld", (long long)r->number + 1);
	CHECK(c, db_begin(&c->cx));
	CHECK(c, store_request_insert(&c->cx, r));
	CHECK(c, audit(&c->cx, "csr.regenerate", "portal", "{\"request\":1}"));
	CHECK(c, db_commit(&c->cx));
}

static void
get(struct counted *c, const char *path, enum face face)
{
	struct request rq = { .method = "GET", .path = path, .face = face };
	json_t *view = json_object();
	struct job *j = job_new();
	const char *allow;

	CHECK(c, routes_match(c->view.routes, c->cx.arena, &rq, &allow) == 1 ? 0 : -1);
	CHECK(c, route_allowed(&c->cx, rq.route));
	view_begin();
	CHECK(c, rq.route->handler(&c->cx, &rq, view));
	view_answer(&c->view, &c->cx, j, &rq, view);
	CHECK(c, j->status == 200 ? 0 : -1);
	json_decref(view);
	job_free(j);
}

/* Route, handler, template: the first page that people see. */
static void
page_components(struct counted *c)
{
	get(c, "/components", FACE_PORTAL);
}

static void
api_components(struct counted *c)
{
	get(c, API_PREFIX "/components", FACE_API);
}

/* What the front takes apart before it knows what is asked. */
static void
http_form(struct counted *c)
{
	static const char head[] = "POST /settings/security/csr HTTP/1.1\r\nHost: a.example\r\n"
				   "Content-Type: application/x-www-form-urlencoded\r\n"
				   "Content-Length: 100\r\nUser-Agent: Mozilla/5.0\r\n\r\n";
	static const char body[] = "country=US&state=New+Jersey&locality=Hackensack&unit=R%26D&"
				   "organization=Example+Video%2C+Inc.&common_name=a.example.com&"
				   "email=pki%40example.com&names=&csrf=0123456789abcdef01234567";
	static const struct header headers[] = { { "Host", "a.example" },
		{ "Content-Type", "application/x-www-form-urlencoded" },
		{ "Content-Length", "100" }, { "User-Agent", "Mozilla/5.0" } };
	struct filter_head h = { 0 };
	const char *path, *query;
	struct pair *form;
	size_t n;

	filter_head(&h, (const unsigned char *)head, sizeof(head) - 1);
	CHECK(c, filter_headers("POST", headers, nitems(headers), true, &c->cx.err));
	CHECK(c,
	    filter_target(
		c->cx.arena, "/settings/security/csr?identity=portal", &path, &query, &c->cx.err));
	CHECK(c, form_urlencoded(c->cx.arena, body, sizeof(body) - 1, &form, &n, &c->cx.err));
}

/* A signature's question and answer, packed and unpacked on both sides. */
static void
keeper_message(struct counted *c)
{
	struct message q = { .op = OP_SIGN,
		.purposes = 1,
		.scheme = SCHEME_ECDSA_SHA256,
		.blob = c->spki,
		.data = c->tbs };
	struct buf b = { 0 };

	for (int answer = 0; answer < 2; answer++) {
		struct message got;

		message_pack(&b, &q, answer);
		CHECK(c, message_unpack(&got, b.data, b.len, answer));
	}
	buf_free(&b);
}

/* The keeper recognises what it is to sign. */
static void
keeper_guard_csr(struct counted *c)
{
	CHECK(c, guard_csr(&c->tbs, &c->spki, &c->cx.err));
}

/* A request of our own authority: examined, issued, stored, answered. */
static void
ca_issue(struct counted *c)
{
	struct request rq = { .method = "POST",
		.path = API_PREFIX "/authorities/house/requests",
		.face = FACE_API,
		.content_type = "application/json" };
	json_t *view = json_object();
	struct job *j = job_new();
	const char *allow;

	counted_authority(c);
	rq.body = c->body;
	rq.body_len = strlen(c->body);
	CHECK(c, routes_match(c->view.routes, c->cx.arena, &rq, &allow) == 1 ? 0 : -1);
	CHECK(c, route_allowed(&c->cx, rq.route));
	CHECK(c, form_read(c->cx.arena, &rq, &c->cx.err));
	view_begin();
	CHECK(c, form_check(&c->cx, &rq, rq.route->fields));
	CHECK(c, rq.route->handler(&c->cx, &rq, view));
	view_answer(&c->view, &c->cx, j, &rq, view);
	CHECK(c, j->status == 201 ? 0 : -1);
	json_decref(view);
	json_decref(rq.json);
	job_free(j);
}

static const struct path {
	const char *name;
	void (*run)(struct counted *);
} paths[] = {
	{ "csr-check", csr_check_json },
	{ "csr-preview", csr_preview_json },
	{ "csr-compose", csr_compose_far },
	{ "csr-regenerate", csr_regenerate },
	{ "ca-issue", ca_issue },
	{ "store-insert", store_insert },
	{ "page-components", page_components },
	{ "api-components", api_components },
	{ "http-form", http_form },
	{ "keeper-message", keeper_message },
	{ "keeper-guard-csr", keeper_guard_csr },
};

/* callgrind counts while this function runs, by its name (--toggle-collect). */
void measured(struct counted *, const struct path *, int n);

__attribute__((noinline)) void
measured(struct counted *c, const struct path *p, int n)
{
	for (int i = 0; i < n; i++) {
		c->cx.arena = arena_new();
		p->run(c);
		arena_free(c->cx.arena);
	}
}

static void
warm_up(struct counted *c, const struct path *p)
{
	c->cx.arena = arena_new();
	p->run(c);
	arena_free(c->cx.arena);
}

static void
versions(void)
{
	printf("machine\t%s\n",
#if defined(__x86_64__)
	    "x86_64"
#elif defined(__aarch64__)
	    "aarch64"
#else
	    "other"
#endif
	);
#ifdef __clang__
	printf("compiler\tclang %s\n", __clang_version__);
#else
	printf("compiler\tgcc %s\n", __VERSION__);
#endif
	printf("libc\t%s\n", gnu_get_libc_version());
	printf("libcrypto\t%s\n", OpenSSL_version(OPENSSL_FULL_VERSION_STRING));
	printf("sqlite\t%s\n", sqlite3_libversion());
	printf("jansson\t%s\n", jansson_version_str());
}

int
main(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : "";
	struct counted c;

	if (strcmp(first, "--versions") == 0) {
		versions();
		return 0;
	}
	for (size_t i = 0; i < nitems(paths); i++) {
		if (strcmp(first, "--list") == 0)
			puts(paths[i].name);
		else if (argc == 4 && strcmp(paths[i].name, argv[2]) == 0) {
			json_object_seed(1); /* not by chance */
			http_memory();	     /* as the daemon does */
			counted_open(&c, first);
			warm_up(&c, &paths[i]);
			measured(&c, &paths[i], atoi(argv[3]));
			counted_close(&c);
			return 0;
		}
	}
	return strcmp(first, "--list") != 0;
}
