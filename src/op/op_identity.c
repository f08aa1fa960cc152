/*
 * op_identity.c - identities: the names and subject that a server presents
 */
#include "base/limits.h"
#include "op/op_identity.h"
#include "op/op_tenant.h"

bool
identity_name_fits(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	size_t n = strlen(name);

	return n >= 1 && n <= LIMIT_NAME && strspn(name, allowed) == n &&
	    strchr("._-", name[0]) == NULL;
}

static int
check_name(struct ctx *cx, const char *name)
{
	if (identity_name_fits(name))
		return 0;
	err_set(&cx->err, R_IDENTITY_NAME, "name",
	    "the name of an identity must be 1 to %d letters, digits or . _ - "
	    "and begin with a letter or digit",
	    LIMIT_NAME);
	return err_hint(&cx->err, "for example: shop; the names in its certificate come later");
}

int
op_identity_list(struct ctx *cx, struct identity **out, size_t *n)
{
	return store_identity_list(cx, out, n);
}

int
op_identity_load(struct ctx *cx, const char *id_or_name, struct identity *i)
{
	return store_identity_load(cx, id_or_name, i);
}

int
op_identity_create(struct ctx *cx, const char *name, struct identity *i)
{
	if (check_name(cx, name) < 0)
		return -1;
	memset(i, 0, sizeof(*i));
	id_new(i->id);
	i->name = name;
	i->created_at = cx->now;
	if (db_begin(cx) < 0 || tenant_quota(cx, QUOTA_IDENTITIES) < 0 ||
	    store_identity_insert(cx, i) < 0 || audit(cx, "identity.create", name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_identity_delete(struct ctx *cx, const char *id_or_name)
{
	struct identity i;

	if (db_begin(cx) < 0 || store_identity_load(cx, id_or_name, &i) < 0)
		return -1;
	if (strcmp(i.name, IDENTITY_PORTAL) == 0) {
		err_set(&cx->err, R_IDENTITY_PORTAL, NULL,
		    "the identity portal is the default listener's and stays");
		return err_hint(&cx->err, "a key of it can be destroyed once another is served");
	}
	if (store_identity_delete(cx, i.id) < 0 || audit(cx, "identity.delete", i.name, NULL) < 0)
		return -1;
	return db_commit(cx);
}
