/*
 * op_scan.c - which certificates are out there?
 */
#include <jansson.h>
#include <stdlib.h>

#include <openssl/x509.h>

#include "base/address.h"
#include "fetch/fetch.h"
#include "keys/readers.h"
#include "op/house.h"
#include "op/op_check.h"
#include "op/op_deliver.h"
#include "op/op_scan.h"
#include "op/op_sheet.h"
#include "x509/cert.h"

#define TRY_MS 3000

DEFINE_AUTO(X509, X509, X509_free)

/* ---- asked for ----------------------------------------------------------------------------- */

static int
has_room(struct ctx *cx, size_t more)
{
	int64_t there;

	if (store_found_count(cx, &there) < 0)
		return -1;
	if (there + (int64_t)more <= SCAN_MAX)
		return 0;
	err_set(&cx->err, R_SCAN_FULL, NULL, "the inventory has %lld entries, and takes %d",
	    (long long)there, SCAN_MAX);
	return err_hint(&cx->err, "forget what is not needed: certwright component forget ID");
}

static int
how_many(struct ctx *cx, size_t n)
{
	if (n == 0) {
		err_set(&cx->err, R_SCAN_NONE, "servers", "say which servers are to be asked");
		return err_hint(&cx->err, "HOST:PORT, one a line");
	}
	if (n <= SCAN_MANY)
		return 0;
	err_set(
	    &cx->err, R_SCAN_MANY, "servers", "at most %d servers are asked at once", SCAN_MANY);
	return err_hint(&cx->err, "ask for the others when these are done");
}

/* The next line of *p, in the arena and without spaces around it; NULL: the end. */
static const char *
next_line(struct ctx *cx, const char **p)
{
	while (**p != '\0') {
		size_t n = strcspn(*p, "\n"), from = strspn(*p, " \t\r"), to = n;
		const char *line = *p;

		*p += n;
		*p += **p == '\n';
		while (to > from && strchr(" \t\r", line[to - 1]) != NULL)
			to--;
		if (from < to)
			return arena_dup(cx->arena, line + from, to - from);
	}
	return NULL;
}

int
op_scan_servers(struct ctx *cx, const char *lines, const char *starttls, size_t *n)
{
	struct found_row f = { .origin = "server",
		.starttls = starttls[0] == '\0' ? NULL : starttls,
		.due = true,
		.created_by = cx->actor.name,
		.created_at = cx->now };
	const char *p = lines, *place;

	for (*n = 0; (place = next_line(cx, &p)) != NULL; ++*n)
		if (component_check_address(cx, "servers", place) < 0)
			return -1;
	if (how_many(cx, *n) < 0 || db_begin(cx) < 0 || has_room(cx, *n) < 0)
		return -1;
	for (p = lines; (f.place = next_line(cx, &p)) != NULL;) {
		id_new(f.id);
		if (store_found_save(cx, &f) < 0)
			return -1;
	}
	if (audit(cx, "component.scan", "",
		json_text(cx, json_pack("{sI}", "servers", (json_int_t)*n))) < 0 ||
	    db_commit(cx) < 0)
		return -1;
	op_check_wake(cx->house);
	return 0;
}

/* ---- what was seen ----------------------------------------------------------------------------
 */

static const char *
names_of(struct ctx *cx, const struct cert_facts *c)
{
	const char *all = "";

	for (size_t i = 0; i < c->sans.n; i++)
		all = arena_printf(
		    cx->arena, "%s%s%s", all, all[0] == '\0' ? "" : "\n", c->sans.v[i].text);
	if (all[0] == '\0' && c->common_name != NULL)
		return c->common_name;
	return all;
}

static int
fill(struct ctx *cx, const struct cert_facts *c, struct found_row *f)
{
	f->has_sha256 = true;
	memcpy(f->sha256, c->sha256, sizeof(f->sha256));
	f->subject = c->subject;
	f->issuer = c->issuer;
	f->names = names_of(cx, c);
	f->not_before = c->not_before;
	f->not_after = c->not_after;
	f->message = NULL;
	f->seen_at = cx->now;
	return 0;
}

/* What a stranger sent is taken apart by a reader first. */
static int
facts_of(struct ctx *cx, const struct fetch_bytes *cert, struct cert_facts *c)
{
	AUTO(X509) X509 *x = NULL;
	struct reader_file file = {
		.name = "what was presented", .data = cert->data, .len = cert->len
	};
	struct reader_bundle b;

	if (readers_bundle(cx->readers, &file, 1, NULL, cx->arena, &b, &cx->err) < 0)
		return -1;
	return cert_parse(&x, b.certs[0].der, b.certs[0].len, &cx->err) < 0
	    ? -1
	    : cert_facts(cx->arena, x, c, &cx->err);
}

static void
split(struct ctx *cx, const char *place, struct fetch_server *s)
{
	const char *colon = strrchr(place, ':');
	size_t n = (size_t)(colon - place);
	struct address ip;

	s->host = place[0] == '[' ? arena_dup(cx->arena, place + 1, n - 2)
				  : arena_dup(cx->arena, place, n);
	s->port = (uint16_t)strtoul(colon + 1, NULL, 10);
	s->name = address_parse(s->host, &ip) < 0 ? s->host : NULL;
}

/* A moment that passes is another try's (-1); all else is an answer. */
static int
ask(struct ctx *cx, struct found_row *f)
{
	struct fetch_server s = { .time_ms = TRY_MS,
		.start = f->starttls == NULL ? FETCH_TLS : FETCH_SMTP };
	struct fetch_presented p;
	struct cert_facts c;

	split(cx, f->place, &s);
	if (fetch_tls(cx->house->fetcher, &s, cx->arena, &p, &cx->err) == 0 &&
	    facts_of(cx, &p.certs[0], &c) == 0)
		return fill(cx, &c, f);
	if (cx->err.refusal == R_FETCH_BUSY || cx->err.kind == ERR_INTERNAL ||
	    cx->err.kind == ERR_UNAVAILABLE)
		return -1;
	f->message = cx->err.refusal == R_FETCH_FORBIDDEN
	    ? arena_printf(cx->arena, "%s; %s", cx->err.message, cx->err.hint)
	    : arena_strdup(cx->arena, cx->err.message);
	f->seen_at = cx->now;
	err_clear(&cx->err);
	return 0;
}

int
op_scan_step(struct ctx *cx)
{
	struct found_row f;
	int r = store_found_due(cx, &f);

	if (r <= 0)
		return r;
	IN_TENANT(cx, f.tenant);
	if (ask(cx, &f) < 0 || db_begin(cx) < 0)
		return -1;
	if (store_found_update(cx, &f) < 0 && cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err); /* forgotten meanwhile */
	return db_commit(cx) < 0 ? -1 : 1;
}

/* ---- files
 * --------------------------------------------------------------------------------------- */

static int
check_file(struct ctx *cx, const char *name, const char *pem)
{
	if (name[0] == '\0' || strlen(name) > SCAN_PLACE_MAX || strchr(name, ':') != NULL) {
		err_set(&cx->err, R_SCAN_NAME, "name",
		    "the name of a file has 1 to %d characters and no colon", SCAN_PLACE_MAX);
		return err_hint(&cx->err, "for example: shop.pem");
	}
	if (strstr(pem, "PRIVATE KEY-----") == NULL)
		return 0;
	err_set(&cx->err, R_SCAN_KEY, "content", "there is a private key in it: it is not taken");
	return err_hint(&cx->err, "send the certificates only, as certwright component scan does");
}

static int
keep(struct ctx *cx, const char *name, size_t number, const struct cert_facts *c)
{
	struct found_row f = { .origin = "file",
		.place = number == 1 ? name : arena_printf(cx->arena, "%s (%zu)", name, number),
		.created_by = cx->actor.name,
		.created_at = cx->now };

	id_new(f.id);
	return store_found_save(cx, &f) < 0 || fill(cx, c, &f) < 0 || store_found_update(cx, &f) < 0
	    ? -1
	    : 0;
}

int
op_scan_file(struct ctx *cx, const char *name, const char *pem, size_t *n)
{
	struct reader_file file = { .name = name, .data = pem, .len = strlen(pem) };
	struct reader_bundle b;
	struct cert_facts *all;
	size_t own = 0;

	*n = 0;
	if (check_file(cx, name, pem) < 0 ||
	    readers_bundle(cx->readers, &file, 1, NULL, cx->arena, &b, &cx->err) < 0)
		return -1;
	all = arena_new_array(cx->arena, b.ncerts, struct cert_facts);
	for (size_t i = 0; i < b.ncerts; i++) {
		AUTO(X509) X509 *x = NULL;

		if (cert_parse(&x, b.certs[i].der, b.certs[i].len, &cx->err) < 0 ||
		    cert_facts(cx->arena, x, &all[i], &cx->err) < 0)
			return -1;
		own += !all[i].is_ca;
	}
	if (db_begin(cx) < 0 || has_room(cx, own == 0 ? 1 : own) < 0)
		return -1;
	for (size_t i = 0; i < b.ncerts && (own > 0 || *n == 0); i++)
		if ((own == 0 || !all[i].is_ca) && keep(cx, name, ++*n, &all[i]) < 0)
			return -1;
	if (audit(cx, "component.scan", name,
		json_text(cx, json_pack("{sI}", "certificates", (json_int_t)*n))) < 0)
		return -1;
	return db_commit(cx);
}

/* ---- the list
 * --------------------------------------------------------------------------------------- */

int
op_scan_list(struct ctx *cx, struct found_row **out, size_t *n)
{
	return store_found_list(cx, out, n);
}

int
op_scan_forget(struct ctx *cx, const char *id)
{
	if (db_begin(cx) < 0 || store_found_delete(cx, id) < 0 ||
	    audit(cx, "component.forget", id, NULL) < 0)
		return -1;
	return db_commit(cx);
}
