/*
 * op_names.c - whose a name is
 */
#include <strings.h>

#include "op/house.h"
#include "op/op_names.h"
#include "op/op_serve.h"
#include "op/op_sheet.h"
#include "op/op_tenant.h"
#include "x509/name.h"

#define BASE "names.base"

/* ---- what a name may be ------------------------------------------------------------ */

/* Lower case and A-labels in *out; no wildcard, and below a public suffix. */
static int
check_domain(struct ctx *cx, const char *field, const char *typed, const char **out)
{
	const char *unicode, *wild;

	if (typed[0] == '*') {
		err_set(&cx->err, R_NAME_WILDCARD, field,
		    "a name is given without a wildcard: all below it goes with it");
		return err_hint(&cx->err, "leave out \"*.\"");
	}
	if (name_check_dns(&cx->err, field, typed, cx->arena, out, &unicode) < 0)
		return -1;
	if (name_check_dns(&cx->err, field, arena_printf(cx->arena, "*.%s", *out), cx->arena, &wild,
		&unicode) == 0)
		return 0;
	err_clear(&cx->err);
	err_set(
	    &cx->err, R_NAME_SUFFIX, field, "%s is a public suffix: nobody has all below it", *out);
	return err_hint(&cx->err, "give a name below it, such as example.%s", *out);
}

/* Is it this name, or below it? */
static bool
is_under(const char *name, const char *top)
{
	size_t n = strlen(name), t = strlen(top);

	return strcmp(name, top) == 0 ||
	    (n > t + 1 && name[n - t - 1] == '.' && strcmp(name + n - t, top) == 0);
}

/* ---- the base domain ----------------------------------------------------------------- */

int
op_names_base(struct ctx *cx, const char **domain)
{
	if (store_setting_load(cx, BASE, domain) < 0)
		return -1;
	if (*domain == NULL)
		*domain = "";
	return 0;
}

static int
taken(struct ctx *cx, const char *field, const char *name, const char *by)
{
	err_set(&cx->err, R_NAME_TAKEN, field, "%s is not free: %s", name, by);
	return err_hint(&cx->err, "`certwright names list` shows what is whose");
}

int
op_names_set_base(struct ctx *cx, const char *domain)
{
	const char *name = NULL;
	struct name_row near;
	int there = 0;

	if (domain[0] != '\0' && check_domain(cx, "domain", domain, &name) < 0)
		return -1;
	if (db_begin(cx) < 0 || (name != NULL && (there = store_name_near(cx, name, &near)) < 0))
		return -1;
	if (there)
		return taken(cx, "domain", name,
		    arena_printf(cx->arena, "%s was given to a tenant", near.name));
	if (store_setting_save(cx, BASE, name) < 0 ||
	    audit(cx, "names.base", name == NULL ? "" : name, NULL) < 0 || db_commit(cx) < 0)
		return -1;
	return op_serve_tenants(cx);
}

/* NAME.BASE of the tenant that cx acts in; NULL: there is no base domain, or the
 * tenant was deleted and has no name any more. */
static int
own_by_itself(struct ctx *cx, const char **out)
{
	const char *base;
	struct tenant t;

	*out = NULL;
	if (op_names_base(cx, &base) < 0 || store_tenant_by_id(cx, cx->tenant, &t) < 0)
		return -1;
	if (base[0] != '\0' && t.former == NULL)
		*out = arena_printf(cx->arena, "%s.%s", t.name, base);
	return 0;
}

/* ---- names that were given ------------------------------------------------------------- */

static int
is_free(struct ctx *cx, const char *name)
{
	struct name_row near;
	const char *base;
	int there;

	if (op_names_base(cx, &base) < 0 || (there = store_name_near(cx, name, &near)) < 0)
		return -1;
	if (base[0] != '\0' && (is_under(name, base) || is_under(base, name)))
		return taken(cx, "name", name,
		    arena_printf(cx->arena, "under %s each tenant has its own by itself", base));
	if (!there)
		return 0;
	return taken(cx, "name", name,
	    arena_printf(cx->arena, "%s belongs to %s", near.name,
		strcmp(near.tenant, cx->tenant) == 0 ? "this tenant" : "another tenant"));
}

int
op_names_add(struct ctx *cx, const char *typed, struct name_row *r)
{
	*r = (struct name_row){ .added_by = cx->actor.name, .added_at = cx->now };
	memcpy(r->tenant, cx->tenant, sizeof(r->tenant));
	if (in_system(cx)) {
		err_set(&cx->err, R_NAMES_SYSTEM, NULL,
		    "names are given to tenants; the system has all");
		return err_hint(&cx->err, "say which: --tenant NAME");
	}
	if (check_domain(cx, "name", typed, &r->name) < 0 || db_begin(cx) < 0 ||
	    is_free(cx, r->name) < 0 || store_name_insert(cx, r) < 0 ||
	    audit(cx, "names.add", r->name, NULL) < 0 || db_commit(cx) < 0)
		return -1;
	return op_serve_own(cx);
}

int
op_names_remove(struct ctx *cx, const char *name)
{
	if (db_begin(cx) < 0 || store_name_delete(cx, name) < 0 ||
	    audit(cx, "names.remove", name, NULL) < 0 || db_commit(cx) < 0)
		return -1;
	return op_serve_own(cx);
}

/* Which certificate is presented for it, and whose. */
static int
put_presented(struct ctx *cx, struct own_name *o)
{
	char id[ID_SIZE], tenant[ID_SIZE];
	struct identity i;
	int found;

	if (!cx->house->leads(cx->house->sni, o->name, id))
		return 0;
	if ((found = store_identity_tenant(cx, id, tenant)) <= 0)
		return found;
	o->tenant = arena_strdup(cx->arena, tenant);
	IN_TENANT(cx, tenant);
	if (store_identity_load(cx, id, &i) < 0)
		return -1;
	o->identity = i.name;
	return 0;
}

int
op_names_list(struct ctx *cx, struct own_name **out, size_t *n)
{
	struct name_row *rows;
	const char *own = NULL;
	size_t nrows;

	if ((!in_system(cx) && own_by_itself(cx, &own) < 0) ||
	    store_name_list(cx, &rows, &nrows) < 0)
		return -1;
	*out = arena_new_array(cx->arena, nrows + 1, struct own_name);
	*n = 0;
	if (own != NULL)
		(*out)[(*n)++] = (struct own_name){ .name = own, .by_itself = true };
	for (size_t i = 0; i < nrows; i++)
		(*out)[(*n)++] = (struct own_name){ .name = rows[i].name,
			.added_by = rows[i].added_by,
			.added_at = rows[i].added_at };
	for (size_t i = 0; i < *n; i++)
		if (put_presented(cx, &(*out)[i]) < 0)
			return -1;
	return 0;
}

/* ---- may it be asked for? ---------------------------------------------------------------- */

int
own_names_load(struct ctx *cx, struct own_names *own)
{
	*own = (struct own_names){ .all = in_system(cx) };
	if (own->all)
		return 0;
	return own_by_itself(cx, &own->by_itself) < 0 ? -1
						      : store_name_list(cx, &own->given, &own->n);
}

bool
own_names_have(const struct own_names *own, const char *dns)
{
	const char *name = strncmp(dns, "*.", 2) == 0 ? dns + 2 : dns;

	if (own->all || (own->by_itself != NULL && is_under(name, own->by_itself)))
		return true;
	for (size_t i = 0; i < own->n; i++)
		if (is_under(name, own->given[i].name))
			return true;
	return false;
}

/* An e-mail address or a URI is judged by the authority's policy. */
static bool
may_ask(struct ctx *cx, const struct own_names *own, const struct san *v)
{
	if (v->type == SAN_DNS)
		return own_names_have(own, text_lower_ascii(cx->arena, v->text));
	return v->type != SAN_IP || own->all;
}

int
names_check_all(struct ctx *cx, const struct san_list *names, const char *common_name)
{
	struct own_names own;

	if (own_names_load(cx, &own) < 0)
		return -1;
	for (size_t i = 0; i < names->n; i++) {
		const struct san *v = &names->v[i];
		bool cn = common_name != NULL && strcasecmp(v->text, common_name) == 0;

		if (may_ask(cx, &own, v))
			continue;
		err_set(&cx->err, R_NAME_FOREIGN, cn ? "common_name" : "names",
		    "%s is none of this tenant's names", v->text);
		return err_hint(
		    &cx->err, "Names & Wildcards shows them; a Super Admin gives others");
	}
	return 0;
}
