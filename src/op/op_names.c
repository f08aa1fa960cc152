/*
 * op_names.c - whose a name is
 */
#include <strings.h>

#include "base/text.h"
#include "op/house.h"
#include "op/op_names.h"
#include "op/op_proof.h"
#include "op/op_serve.h"
#include "op/op_sheet.h"
#include "op/op_tenant.h"
#include "store/rows.h"
#include "x509/name.h"

#define BASE "names.base"

/* ---- what a name may be ------------------------------------------------------------ */

int
names_check_domain(struct ctx *cx, const char *field, const char *typed, const char **out)
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

/* It, or below it. */
static bool
name_is_under(const char *name, const char *top)
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

int
names_taken(struct ctx *cx, const char *field, const char *name, const char *by)
{
	err_set(&cx->err, R_NAME_TAKEN, field, "%s is not free: %s", name, by);
	return err_hint(&cx->err, "`certwright names list` shows what is whose");
}

/* What was proved by a tenant is no base domain, nor is one below or above it. */
static int
base_is_free(struct ctx *cx, const char *name)
{
	struct name_claim rival;
	struct name_row near;
	int there;

	if ((there = store_name_near(cx, name, &near)) < 0)
		return -1;
	if (there)
		return names_taken(cx, "domain", name,
		    arena_printf(cx->arena, "%s was given to a tenant", near.name));
	if ((there = claim_rival(cx, name, true, &rival)) < 0)
		return -1;
	return !there ? 0
		      : names_taken(cx, "domain", name,
			    arena_printf(cx->arena, "%s was proved by a tenant", rival.name));
}

int
op_names_set_base(struct ctx *cx, const char *domain)
{
	const char *name = NULL;

	if (domain[0] != '\0' && names_check_domain(cx, "domain", domain, &name) < 0)
		return -1;
	if (db_begin(cx) < 0 || (name != NULL && base_is_free(cx, name) < 0) ||
	    store_setting_save(cx, BASE, name) < 0 ||
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

int
names_check_tenant(struct ctx *cx)
{
	struct tenant t;

	return store_tenant_load(cx, cx->tenant, &t);
}

/* ---- names that were given ------------------------------------------------------------- */

int
names_check_base(struct ctx *cx, const char *name)
{
	const char *base;

	if (op_names_base(cx, &base) < 0)
		return -1;
	if (base[0] != '\0' && (name_is_under(name, base) || name_is_under(base, name)))
		return names_taken(cx, "name", name,
		    arena_printf(cx->arena, "under %s each tenant has its own by itself", base));
	return 0;
}

static int
is_free(struct ctx *cx, const char *name)
{
	struct name_claim rival;
	struct name_row near;
	int there;

	if (names_check_base(cx, name) < 0 || (there = store_name_near(cx, name, &near)) < 0)
		return -1;
	if (!there) {
		if ((there = claim_rival(cx, name, true, &rival)) <= 0)
			return there;
		return names_taken(cx, "name", name,
		    arena_printf(cx->arena, "%s was proved by another tenant", rival.name));
	}
	return names_taken(cx, "name", name,
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
	if (names_check_domain(cx, "name", typed, &r->name) < 0 || db_begin(cx) < 0 ||
	    names_check_tenant(cx) < 0 || is_free(cx, r->name) < 0 ||
	    store_claim_delete(cx, r->name) < 0 || store_name_insert(cx, r) < 0 ||
	    audit(cx, "names.add", r->name, NULL) < 0 || db_commit(cx) < 0)
		return -1;
	return op_serve_own(cx);
}

static int
is_given(const struct name_row *given, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(given[i].name, name) == 0)
			return true;
	return false;
}

/* What was given only by who gives; a claim by either. */
static int
take_away(struct ctx *cx, const char *name)
{
	struct name_row *given;
	size_t n;
	int r;

	if ((r = store_claim_delete(cx, name)) != 0)
		return r < 0 ? -1 : 0;
	if (cx->actor.role == ROLE_SUPER)
		return store_name_delete(cx, name);
	if (store_name_list(cx, &given, &n) < 0)
		return -1;
	if (!is_given(given, n, name))
		return row_none(cx, "name");
	err_set(&cx->err, R_NAME_GIVEN, "name", "%s was given by a Super Admin", name);
	return err_hint(&cx->err, "a Super Admin takes it away again");
}

int
op_names_remove(struct ctx *cx, const char *name)
{
	if (db_begin(cx) < 0 || take_away(cx, name) < 0 ||
	    audit(cx, "names.remove", name, NULL) < 0 || db_commit(cx) < 0)
		return -1;
	return op_serve_own(cx);
}

/* Which certificate is presented for it, and whose. What was only claimed may be
 * another's, whose it is not told (P22). */
static int
put_presented(struct ctx *cx, struct own_name *o)
{
	char id[ID_SIZE], tenant[ID_SIZE];
	struct identity i;
	int found;

	if ((o->claim != NULL && o->claim->method == NULL) ||
	    !cx->house->leads(cx->house->sni, o->name, id))
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
	struct name_claim *claims;
	const char *own = NULL;
	size_t nrows, nclaims;

	if ((!in_system(cx) && own_by_itself(cx, &own) < 0) ||
	    store_name_list(cx, &rows, &nrows) < 0 || store_claim_list(cx, &claims, &nclaims) < 0)
		return -1;
	*out = arena_new_array(cx->arena, nrows + nclaims + 1, struct own_name);
	*n = 0;
	if (own != NULL)
		(*out)[(*n)++] = (struct own_name){ .name = own, .by_itself = true };
	for (size_t i = 0; i < nrows; i++)
		(*out)[(*n)++] = (struct own_name){ .name = rows[i].name,
			.added_by = rows[i].added_by,
			.added_at = rows[i].added_at };
	for (size_t i = 0; i < nclaims; i++)
		(*out)[(*n)++] = (struct own_name){ .name = claims[i].name,
			.added_by = claims[i].claimed_by,
			.added_at = claims[i].claimed_at,
			.claim = &claims[i] };
	for (size_t i = 0; i < *n; i++)
		if (put_presented(cx, &(*out)[i]) < 0)
			return -1;
	return 0;
}

/* ---- may it be asked for? ---------------------------------------------------------------- */

int
own_names_load(struct ctx *cx, struct own_names *own)
{
	*own = (struct own_names){ .all = in_system(cx), .now = cx->now };
	if (own->all)
		return 0;
	if (own_by_itself(cx, &own->by_itself) < 0 || store_name_list(cx, &own->given, &own->n) < 0)
		return -1;
	return store_claim_list(cx, &own->claims, &own->nclaims);
}

/* By the base domain, or given. */
static bool
is_ones_own(const struct own_names *own, const char *name)
{
	if (own->all || (own->by_itself != NULL && name_is_under(name, own->by_itself)))
		return true;
	for (size_t i = 0; i < own->n; i++)
		if (name_is_under(name, own->given[i].name))
			return true;
	return false;
}

/* What a claim does for this name: 0 nothing, else the better the higher. */
static enum own_state
claim_gives(const struct name_claim *c, const char *dns, const char *name, int64_t now)
{
	if (!name_is_under(name, c->name))
		return OWN_NOT;
	if (c->method == NULL)
		return OWN_CLAIMED;
	if (strcmp(c->method, "http") == 0 && strcmp(dns, c->name) != 0)
		return OWN_EXACT;
	return claim_ends(c) <= now ? OWN_AGED : OWN_YES;
}

enum own_state
own_names_state(const struct own_names *own, const char *dns, const struct name_claim **by)
{
	const char *name = strncmp(dns, "*.", 2) == 0 ? dns + 2 : dns;
	enum own_state best = OWN_NOT, s;

	*by = NULL;
	if (is_ones_own(own, name))
		return OWN_YES;
	for (size_t i = 0; i < own->nclaims; i++)
		if ((s = claim_gives(&own->claims[i], dns, name, own->now)) > best) {
			best = s;
			*by = &own->claims[i];
		}
	return best;
}

bool
own_names_have(const struct own_names *own, const char *dns)
{
	const struct name_claim *by;

	return own_names_state(own, dns, &by) >= OWN_AGED;
}

/* An e-mail address or a URI is judged by the authority's policy. */
static enum own_state
may_ask(
    struct ctx *cx, const struct own_names *own, const struct san *v, const struct name_claim **by)
{
	*by = NULL;
	if (v->type == SAN_DNS)
		return own_names_state(own, text_lower_ascii(cx->arena, v->text), by);
	return v->type != SAN_IP || own->all ? OWN_YES : OWN_NOT;
}

/* What is one's own claim is told. */
int
names_refuse(struct ctx *cx, enum own_state s, const struct name_claim *by, const char *field,
    const char *name)
{
	switch (s) {
	case OWN_CLAIMED:
		err_set(&cx->err, R_NAME_UNPROVED, field,
		    "that %s is this tenant's is not proved yet", by->name);
		return err_hint(&cx->err, "prove it: certwright names verify %s", by->name);
	case OWN_EXACT:
		err_set(&cx->err, R_NAME_EXACT, field,
		    "%s was proved by a file, which proves that name alone, not %s", by->name,
		    name);
		return err_hint(
		    &cx->err, "prove it by DNS: certwright names verify %s --method dns", by->name);
	case OWN_AGED:
		err_set(&cx->err, R_NAME_AGED, field, "the proof of %s is too old: it ended on %s",
		    by->name, time_day(cx->arena, claim_ends(by)));
		return err_hint(&cx->err, "prove it again: certwright names verify %s", by->name);
	default:
		err_set(&cx->err, R_NAME_FOREIGN, field, "%s is none of this tenant's names", name);
		return err_hint(
		    &cx->err, "Names & Wildcards shows them; others are claimed there and proved");
	}
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
		const struct name_claim *by;
		enum own_state s = may_ask(cx, &own, v, &by);

		if (s != OWN_YES)
			return names_refuse(cx, s, by, cn ? "common_name" : "names", v->text);
	}
	return 0;
}
