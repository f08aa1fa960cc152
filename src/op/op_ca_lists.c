/*
 * op_ca_lists.c - in how many parts a CA says what it revoked, and with changes apart
 */
#include <jansson.h>

#include "op/ca_make.h"
#include "op/op_pki.h"
#include "op/op_sheet.h"

static int
check(struct ctx *cx, int64_t shards)
{
	if (shards >= 1 && shards <= SHARDS_MAX)
		return 0;
	err_set(&cx->err, R_CA_SHARDS, "shards", "a CRL is in 1 to %d parts", SHARDS_MAX);
	return err_hint(&cx->err, "one part for each 100,000 certificates is plenty");
}

static int
record(struct ctx *cx, const struct authority_row *a)
{
	json_t *o = json_pack("{sI,sb}", "shards", (json_int_t)a->shards, "deltas", a->deltas);

	return audit(cx, "ca.lists", a->name, json_text(cx, o));
}

static int
set(struct ctx *cx, const char *name, const struct ca_lists *l)
{
	struct authority_row a;

	if ((l->shards != NULL && check(cx, *l->shards) < 0) || db_begin(cx) < 0 ||
	    store_authority_load(cx, name, &a) < 0)
		return -1;
	if (l->shards != NULL)
		a.shards = *l->shards;
	if (l->deltas != NULL)
		a.deltas = *l->deltas;
	return store_authority_set_lists(cx, &a) < 0 || record(cx, &a) < 0 ? -1 : db_commit(cx);
}

/* The lists that are there do not say yet where changes are told. */
static int
renew(struct ctx *cx, const char *name)
{
	struct ca_row *v;
	size_t n;

	if (store_ca_list(cx, name, &v, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		crl_all_changed(v[i].id);
	return 0;
}

int
op_ca_lists(struct ctx *cx, const char *name, const struct ca_lists *l)
{
	ca_change_begin();
	return ca_change_end(cx, set(cx, name, l) < 0 ? -1 : renew(cx, name));
}
