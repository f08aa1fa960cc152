/*
 * op_ca.c - our own certification authorities: made, shown, rolled over
 */
#include <jansson.h>

#include "op/ca_consent.h"
#include "op/ca_make.h"
#include "op/op_key.h"
#include "op/op_sheet.h"
#include "op/op_weak.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/der.h"
#include "x509/items.h"

/* ---- what is asked for ---------------------------------------------------------- */

static bool
is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '_' || c == '.' || c == ' ';
}

static int
check_name(struct ctx *cx, const char *name)
{
	const struct card *card;
	size_t n = name == NULL ? 0 : strlen(name);
	bool fine = n > 0 && n <= CA_NAME_MAX && name[0] != ' ' && name[0] != '.' &&
	    name[n - 1] != ' ';

	for (size_t i = 0; fine && i < n; i++)
		fine = is_name_character(name[i]);
	if (!fine) {
		err_set(&cx->err, R_CA_NAME, "name", "this is no name for an authority");
		return err_hint(&cx->err,
		    "1 to %d letters, digits, blanks, dots, dashes and underscores", CA_NAME_MAX);
	}
	if (op_card_find(cx, text_lower_ascii(cx->arena, name), &card) == 0) {
		err_set(&cx->err, R_CA_EXISTS, "name", "%s is the name of a card here",
		    card->authority.id);
		return err_hint(&cx->err, "choose another name");
	}
	err_clear(&cx->err);
	return 0;
}

static int
check_days(struct ctx *cx, const char *field, int64_t *days, int64_t usual)
{
	if (*days == 0)
		*days = usual;
	if (*days >= 1 && *days <= CA_DAYS_MAX)
		return 0;
	err_set(&cx->err, R_CA_DAYS, field, "a CA lives 1 to %d days", CA_DAYS_MAX);
	return err_hint(&cx->err, "%lld is usual", (long long)usual);
}

static int
check_permitted(struct ctx *cx, const char *lines, struct ca_plan *p)
{
	struct san_list names;

	if (lines == NULL || lines[0] == '\0')
		return 0;
	if (names_parse(&cx->err, "permit", lines, NULL, cx->arena, &names) < 0)
		return -1;
	p->permitted = arena_new_array(cx->arena, names.n + 1, const char *);
	for (size_t i = 0; i < names.n; i++) {
		if (names.v[i].type != SAN_DNS || names.v[i].text[0] == '*') {
			err_set(&cx->err, R_CA_PERMIT, "permit",
			    "\"%.80s\" is no domain: a name permits itself and all below it",
			    names.v[i].text);
			return err_hint(&cx->err, "like example.com");
		}
		p->permitted[p->npermitted++] = names.v[i].text;
	}
	return 0;
}

int
ca_plan(struct ctx *cx, const struct ca_order *o, struct ca_plan *p)
{
	memset(p, 0, sizeof(*p));
	p->type = o->type == NULL || o->type[0] == '\0' ? KEY_EC_P256 : key_type_by_name(o->type);
	p->days = o->days;
	p->root_days = o->root_days;
	if (p->type == KEY_NONE) {
		err_set(
		    &cx->err, R_KEY_TYPE, "type", "keys of type \"%.40s\" are not made", o->type);
		return err_hint(&cx->err, "one of: " KEY_TYPES);
	}
	return check_name(cx, o->name) < 0 || check_days(cx, "days", &p->days, CA_DAYS) < 0 ||
		check_days(cx, "root_days", &p->root_days, CA_ROOT_DAYS) < 0 ||
		check_permitted(cx, o->permitted, p) < 0
	    ? -1
	    : 0;
}

/* ---- made ------------------------------------------------------------------------ */

int
ca_root(struct ctx *cx, const char *authority, struct ca_row *root)
{
	struct authority_row a;
	struct ca_row *v;
	size_t n;

	if (store_authority_load(cx, authority, &a) < 0 || store_ca_list(cx, a.name, &v, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].role, "root") == 0) {
			*root = v[i];
			return 0;
		}
	err_set(&cx->err, R_CA_NO_ROOT, "under",
	    "%s has no root here: its own CA is signed elsewhere", authority);
	err_hint(&cx->err, "ask the CA that signed it, or make one with a root of its own");
	return -1;
}

/* Can it still sign what lasts a day? */
static int
check_end(struct ctx *cx, const char *authority, const struct ca_row *root)
{
	char end[TIME_SIZE];

	if (life_days(cx->now, root->not_after) >= 1)
		return 0;
	time_format(end, root->not_after);
	err_set(&cx->err, R_CA_ENDED, "under", "the root of %s %s %s: it signs nothing any more",
	    authority, root->not_after < cx->now ? "ended" : "ends", end);
	return err_hint(
	    &cx->err, "make a new authority with a root of its own: `certwright ca create`");
}

/* The same, whose key is here too. */
static int
root_of(struct ctx *cx, const char *authority, struct ca_row *root)
{
	if (ca_root(cx, authority, root) < 0)
		return -1;
	if (root->blob != NULL)
		return check_end(cx, authority, root);
	err_set(&cx->err, R_CA_OFFLINE, "under", "the key of the root of %s is offline", authority);
	return err_hint(&cx->err, "bring it back first: `certwright ca online %s FILE`", authority);
}

int
ca_record(struct ctx *cx, const char *action, const struct ca_row *ca)
{
	json_t *o = json_pack("{ss,ss,ss,ss,ss}", "authority", ca->authority, "role", ca->role,
	    "subject", ca->subject, "serial", ca->serial == NULL ? "" : ca->serial, "sha256",
	    hex_of(cx->arena, ca->sha256, 32));

	return audit(cx, action, ca->id, json_text(cx, o));
}

/* In the open transaction: the certificate, its row among the issued, trust. */
int
ca_keep(struct ctx *cx, const struct ca_row *ca, const char *signer)
{
	struct issued_row row;

	if (store_ca_insert(cx, ca) < 0 || op_weak_keep(cx, ca->spki, ca->spki_len) < 0)
		return -1;
	if (signer != NULL &&
	    (ca_issued_row_of(cx, ca->der, ca->der_len, signer, "ca", &row) < 0 ||
		store_issued_insert(cx, &row) < 0))
		return -1;
	return ca_trust(cx, ca) < 0 ? -1 : ca_record(cx, "ca.create", ca);
}

static int
keep_all(struct ctx *cx, const struct ca_order *o, const struct ca_row *root,
    const struct ca_row *issuing)
{
	struct authority_row a = {
		.name = o->name, .created_by = cx->actor.name, .created_at = cx->now
	};

	memcpy(a.issuing, issuing->id, ID_SIZE);
	if (db_begin(cx) < 0 || store_authority_insert(cx, &a) < 0 ||
	    (root != NULL && ca_keep(cx, root, root->id) < 0) ||
	    ca_keep(cx, issuing, issuing->parent) < 0)
		return -1;
	return db_commit(cx);
}

static int
make(struct ctx *cx, const struct ca_order *o, const struct ca_plan *plan, struct ca_row *root,
    struct ca_row *issuing)
{
	bool own_root = o->under == NULL || o->under[0] == '\0';

	if (own_root ? ca_make_root(cx, o->name, plan, root) < 0 : root_of(cx, o->under, root) < 0)
		return -1;
	if (ca_make_issuing(cx, o->name, 1, plan, root, issuing) < 0)
		return -1;
	return keep_all(cx, o, own_root ? root : NULL, issuing);
}

static int
create(struct ctx *cx, const struct ca_order *o)
{
	struct authority_row there;
	struct ca_row root, issuing;
	struct ca_plan plan;
	int r;

	if (ca_plan(cx, o, &plan) < 0)
		return -1;
	if (store_authority_load(cx, o->name, &there) == 0)
		return err_set(
		    &cx->err, R_CA_EXISTS, "name", "an authority %s is here already", o->name);
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	ca_signing_begin();
	r = make(cx, o, &plan, &root, &issuing);
	ca_signing_end(r == 0);
	return r;
}

int
op_ca_create(struct ctx *cx, const struct ca_order *o)
{
	ca_change_begin();
	return ca_change_end(cx, create(cx, o));
}

/* ---- shown ------------------------------------------------------------------------ */

int
op_ca_show(struct ctx *cx, const char *name, struct ca_view *v)
{
	return store_authority_load(cx, name, &v->authority) < 0
	    ? -1
	    : store_ca_list(cx, v->authority.name, &v->v, &v->n);
}

int
op_ca_list(struct ctx *cx, struct ca_view **out, size_t *n)
{
	struct authority_row *rows;

	if (store_authority_list(cx, &rows, n) < 0)
		return -1;
	*out = arena_new_array(cx->arena, *n + 1, struct ca_view);
	for (size_t i = 0; i < *n; i++) {
		(*out)[i].authority = rows[i];
		if (store_ca_list(cx, rows[i].name, &(*out)[i].v, &(*out)[i].n) < 0)
			return -1;
	}
	return 0;
}

int
op_ca_certificate(struct ctx *cx, const char *id, struct ca_row *ca)
{
	if (store_ca_load(cx, id, ca) < 0)
		return -1;
	if (ca->der != NULL)
		return 0;
	err_set(&cx->err, R_NOT_FOUND, NULL, "this CA has no certificate yet");
	return err_hint(&cx->err, "`certwright ca install FILE` takes the answer");
}

/* ---- changed ---------------------------------------------------------------------- */

static int
rollover(struct ctx *cx, struct ca_view *v, int64_t days, struct ca_row *fresh)
{
	struct ca_plan plan = { .days = days };
	struct ca_row root = { 0 }, *now = NULL;
	struct authority_row a = v->authority;
	int64_t number = 0;

	if (check_days(cx, "days", &plan.days, CA_DAYS) < 0 || root_of(cx, a.name, &root) < 0)
		return -1;
	for (size_t i = 0; i < v->n; i++) {
		if (strcmp(v->v[i].role, "issuing") == 0 && v->v[i].number > number)
			number = v->v[i].number;
		if (strcmp(v->v[i].id, a.issuing) == 0)
			now = &v->v[i];
	}
	if (now != NULL && (ca_permitted(cx, now, &plan) < 0))
		return -1;
	plan.type = now == NULL ? KEY_EC_P256 : key_type_by_name(now->type);
	if (ca_make_issuing(cx, a.name, number + 1, &plan, &root, fresh) < 0)
		return -1;
	memcpy(a.issuing, fresh->id, ID_SIZE);
	if (db_begin(cx) < 0 || ca_keep(cx, fresh, root.id) < 0 ||
	    store_authority_update(cx, &a) < 0)
		return -1;
	if (now != NULL) {
		now->state = "retired";
		if (store_ca_update(cx, now) < 0 || ca_record(cx, "ca.rollover", now) < 0)
			return -1;
	}
	return db_commit(cx);
}

int
op_ca_rollover(struct ctx *cx, const char *name, int64_t days, struct ca_row *fresh)
{
	struct ca_view v;
	int r;

	ca_change_begin();
	if ((r = op_ca_show(cx, name, &v)) == 0) {
		ca_signing_begin();
		r = rollover(cx, &v, days, fresh);
		ca_signing_end(r == 0);
	}
	return ca_change_end(cx, r);
}

/* In the open transaction. */
static int
stop_issuing(struct ctx *cx, struct authority_row *a, struct ca_row *ca)
{
	ca->state = "retired";
	a->issuing[0] = '\0';
	return store_ca_update(cx, ca) < 0 || ca_record(cx, "ca.retire", ca) < 0
	    ? -1
	    : store_authority_update(cx, a);
}

static int
retire(struct ctx *cx, const char *name, const char *code, struct consent *c)
{
	struct ca_act act = { .authority = name, .act = "retire", .code = code };
	struct authority_row a;
	struct ca_row ca;

	if (store_authority_load(cx, name, &a) < 0)
		return -1;
	if (a.issuing[0] == '\0') {
		err_set(
		    &cx->err, R_CA_RETIRED, NULL, "the authority %s issues nothing already", name);
		return err_hint(&cx->err,
		    "`certwright ca rollover NAME` lets it issue again; one that"
		    " came with its key: `certwright ca import`");
	}
	act.authority = a.name;
	act.text = arena_printf(cx->arena, "ca retire %s", a.name);
	if (ca_gather(cx, &act, c) < 0)
		return -1;
	if (c->waiting)
		return 0;
	if (db_begin(cx) < 0 || store_ca_load(cx, a.issuing, &ca) < 0 ||
	    stop_issuing(cx, &a, &ca) < 0 || db_commit(cx) < 0)
		return -1;
	ca_spent(cx, act.text);
	return 0;
}

static bool
is_below(const struct ca_row *ca, const struct issued_row *row, const struct ca_row *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].id, ca->parent) == 0)
			return memcmp(all[i].sha256, row->sha256, sizeof(row->sha256)) == 0;
	return false;
}

int
ca_revoked(struct ctx *cx, const struct issued_row *row)
{
	struct authority_row a;
	struct ca_row by, *all;
	size_t n;

	if (store_ca_load(cx, row->ca, &by) < 0 || store_ca_list(cx, NULL, &all, &n) < 0)
		return -1;
	if (by.blob == NULL) {
		err_set(&cx->err, R_CA_OFFLINE, NULL,
		    "the key of the CA that would have to say so is offline");
		return err_hint(&cx->err,
		    "bring it back first: `certwright ca online %s FILE`; `certwright ca retire`"
		    " stops an authority at once",
		    by.authority);
	}
	for (size_t i = 0; i < n; i++) {
		if (memcmp(all[i].sha256, row->sha256, sizeof(row->sha256)) != 0 &&
		    !is_below(&all[i], row, all, n))
			continue;
		if (store_authority_load(cx, all[i].authority, &a) < 0 ||
		    (strcmp(a.issuing, all[i].id) == 0 && stop_issuing(cx, &a, &all[i]) < 0))
			return -1;
	}
	return 0;
}

int
op_ca_retire(struct ctx *cx, const char *name, const char *code, struct consent *c)
{
	memset(c, 0, sizeof(*c));
	ca_change_begin();
	return ca_change_end(cx, retire(cx, name, code, c));
}

/* ---- for people -------------------------------------------------------------------- */

const char *
ca_pem(struct ctx *cx, const struct ca_row *ca)
{
	return ca->der == NULL ? NULL : cert_pem_of_der(cx->arena, ca->der, ca->der_len);
}

const char *
ca_csr_pem(struct ctx *cx, const struct ca_row *ca)
{
	return ca->csr == NULL ? NULL : csr_pem_of_der(cx->arena, ca->csr, ca->csr_len);
}

const char **
ca_chain(struct ctx *cx, const struct ca_row *ca)
{
	const char **out = arena_new_array(cx->arena, LIMIT_CHAIN + 2, const char *);
	struct der above = der_of(ca->chain, ca->chain_len), one, whole;
	size_t n = 0;

	out[n++] = ca_pem(cx, ca);
	while (n <= LIMIT_CHAIN && der_expect_whole(&above, DER_SEQUENCE, &one, &whole) == 0)
		out[n++] = cert_pem_of_der(cx->arena, whole.data, whole.len);
	return out;
}
