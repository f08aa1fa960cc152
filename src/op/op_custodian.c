/*
 * op_custodian.c - who the custodians are (P15)
 */
#include <openssl/evp.h>

#include "op/op_access.h"
#include "op/op_custodian.h"
#include "op/op_totp.h"

static int
is_custodian(struct ctx *cx, const char *id, bool *is)
{
	char(*ids)[ID_SIZE];
	size_t n;

	*is = false;
	if (keys_custodians(cx->keeper, cx->arena, &ids, &n, &cx->err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		*is = *is || strcmp(ids[i], id) == 0;
	return 0;
}

int
custodian_not(struct ctx *cx, const struct account *a)
{
	bool is;

	if (is_custodian(cx, a->id, &is) < 0)
		return -1;
	if (!is)
		return 0;
	err_set(&cx->err, R_CUSTODIAN_STAYS, NULL,
	    "the account %s is a custodian, and approves with its one-time codes", a->name);
	return err_hint(&cx->err, "remove it as a custodian first");
}

int
op_custodian_list(struct ctx *cx, struct custodian_row **out, size_t *n)
{
	char(*ids)[ID_SIZE];
	struct account a;

	if (keys_custodians(cx->keeper, cx->arena, &ids, n, &cx->err) < 0)
		return -1;
	*out = arena_alloc(cx->arena, (*n + 1) * sizeof(**out));
	for (size_t i = 0; i < *n; i++) {
		memcpy((*out)[i].id, ids[i], ID_SIZE);
		(*out)[i].name = "";
		if (store_account_load(cx, ids[i], &a) == 0)
			(*out)[i].name = a.name;
		else if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
	}
	return 0;
}

/*
 * With the consent that it takes: on record, and then done, in one transaction.
 * Without `add`: `gone` is a custodian no more.
 */
static int
settle(struct ctx *cx, const struct act *act, const struct key_person *add, const char *gone,
    struct consent *c)
{
	const char *names;
	int rc;

	if (approval_gather(cx, act, c) < 0)
		return -1;
	if (c->waiting)
		return 0;
	names = approval_names(cx, c);
	if (db_begin(cx) < 0 ||
	    audit(cx, act->action, act->about,
		arena_printf(cx->arena, "{%s}", names[0] == '\0' ? names : names + 1)) < 0)
		return -1;
	rc = add != NULL ? keys_custodian_add(cx->keeper, add, c->tickets, c->len, &cx->err)
			 : keys_custodian_remove(cx->keeper, gone, c->tickets, c->len, &cx->err);
	approval_end(cx, act->text);
	return rc < 0 ? -1 : db_commit(cx);
}

int
op_custodian_add(struct ctx *cx, const char *user, const char *code, struct consent *c)
{
	struct act act = { .action = "custodian.add", .wish = "", .code = code, .join = true };
	struct account a = { 0 };
	struct key_person who;
	unsigned char hash[32];
	bool is;

	if (store_account_load(cx, user, &a) < 0 || is_custodian(cx, a.id, &is) < 0)
		return -1;
	if (is)
		return err_set(&cx->err, R_CUSTODIAN_IS, NULL,
		    "the account %s is a custodian already", a.name);
	if (!totp_is_on(&a)) {
		err_set(
		    &cx->err, R_TOTP_NONE, NULL, "the account %s has no one-time codes", a.name);
		return err_hint(&cx->err, "its owner turns them on at My account");
	}
	if (EVP_Digest(a.totp, a.totp_len, hash, NULL, EVP_sha256(), NULL) != 1)
		return err_set(&cx->err, R_INTERNAL, NULL, "could not hash the seed");
	act.about = a.name;
	act.text = arena_printf(
	    cx->arena, "custodian add %s %s", a.id, hex_of(cx->arena, hash, sizeof(hash)));
	who = totp_person(cx, &a);
	return settle(cx, &act, &who, NULL, c);
}

int
op_custodian_remove(struct ctx *cx, const char *user, const char *code, struct consent *c)
{
	struct act act = { .action = "custodian.remove", .wish = "", .code = code, .join = true };
	struct account a = { 0 };
	bool is;

	if (store_account_load(cx, user, &a) < 0 || is_custodian(cx, a.id, &is) < 0)
		return -1;
	if (!is)
		return err_set(
		    &cx->err, R_CUSTODIAN_NOT, NULL, "the account %s is not a custodian", a.name);
	act.about = a.name;
	act.text = arena_printf(cx->arena, "custodian remove %s", a.id);
	return settle(cx, &act, NULL, a.id, c);
}
