/*
 * op_tenant.c - tenants: who has keys, names and people of their own here
 */
#include <jansson.h>

#include "base/limits.h"
#include "op/op_account.h"
#include "op/op_identity.h"
#include "op/op_license.h"
#include "op/op_serve.h"
#include "op/op_sheet.h"
#include "op/op_tenant.h"

#define LIMIT_MAX 1000000

/* ---- what is asked for ---------------------------------------------------------- */

/* A DNS label: the tenant's own sub-domain is called so (RFC 1035 2.3.1). */
static int
check_name(struct ctx *cx, const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t n = strlen(name);

	if (n >= 1 && n <= LIMIT_DNS_LABEL && strspn(name, allowed) == n && name[0] != '-' &&
	    name[n - 1] != '-' && strcmp(name, TENANT_SYSTEM) != 0 && strncmp(name, "xn--", 4) != 0)
		return 0;
	err_set(&cx->err, R_TENANT_NAME, "name",
	    "the name of a tenant is a DNS label: 1 to %d lower-case letters, digits or -, "
	    "with no - at either end",
	    LIMIT_DNS_LABEL);
	return err_hint(&cx->err, "for example: acme; \"" TENANT_SYSTEM "\" is taken");
}

static int
check_limit(struct ctx *cx, const char *field, int64_t n)
{
	if (n >= -1 && n <= LIMIT_MAX)
		return 0;
	return err_set(
	    &cx->err, R_TENANT_LIMIT, field, "a limit is a number from 0 (none) to %d", LIMIT_MAX);
}

static int
check_wish(struct ctx *cx, const struct tenant_wish *w)
{
	if (w->contact != NULL && w->contact[0] != '\0' &&
	    account_check_email(cx, "contact", w->contact) < 0)
		return -1;
	return check_limit(cx, "max_identities", w->max_identities) < 0 ||
		check_limit(cx, "max_certificates", w->max_certificates) < 0 ||
		check_limit(cx, "max_requests", w->max_requests) < 0
	    ? -1
	    : 0;
}

static void
take_wish(struct tenant *t, const struct tenant_wish *w)
{
	if (w->contact != NULL)
		t->contact = w->contact[0] == '\0' ? NULL : w->contact;
	if (w->max_identities >= 0)
		t->max_identities = w->max_identities;
	if (w->max_certificates >= 0)
		t->max_certificates = w->max_certificates;
	if (w->max_requests >= 0)
		t->max_requests = w->max_requests;
}

/* jane@acme of the system would stand before jane of the tenant acme. */
static int
check_shadow(struct ctx *cx, const char *name)
{
	int there = store_tenant_shadowed(cx, name);

	if (there <= 0)
		return there;
	err_set(&cx->err, R_TENANT_NAME, "name",
	    "an account of the system ends in @%s, as the people of this tenant would", name);
	return err_hint(&cx->err, "choose another name, or delete that account first");
}

/* ---- the record --------------------------------------------------------------------- */

/* In the tenant's part of the audit: its own people see what was done with it. */
static int
record(struct ctx *cx, const char *action, const struct tenant *t)
{
	json_t *o = json_pack("{ss}", "id", t->id);
	IN_TENANT(cx, t->id);

	if (t->contact != NULL)
		json_object_set_new(o, "contact", json_string(t->contact));
	if (t->reason != NULL)
		json_object_set_new(o, "reason", json_string(t->reason));
	json_object_set_new(o, "max_identities", json_integer(t->max_identities));
	json_object_set_new(o, "max_certificates", json_integer(t->max_certificates));
	json_object_set_new(o, "max_requests", json_integer(t->max_requests));
	return audit(cx, action, t->former != NULL ? t->former : t->name, json_text(cx, o));
}

/* ---- acts ------------------------------------------------------------------------------ */

int
op_tenant_list(
    struct ctx *cx, const struct tenant_query *q, struct tenant **out, size_t *n, bool *more)
{
	struct tenant_query own = *q;

	if (own.limit == 0)
		own.limit = TENANT_PAGE;
	if (own.limit > TENANT_PAGE_MAX)
		own.limit = TENANT_PAGE_MAX;
	return store_tenant_list(cx, &own, out, n, more);
}

int
op_tenant_load(struct ctx *cx, const char *id_or_name, struct tenant *t)
{
	return store_tenant_load(cx, id_or_name, t);
}

int
op_tenant_use(struct ctx *cx, const struct tenant *t, struct tenant_use *u)
{
	return store_tenant_use(cx, t->id, u);
}

/* Its pages work at once: key, CSR and certificate of its portal. */
static int
make_portal(struct ctx *cx, const struct tenant *t)
{
	struct identity i = { .name = IDENTITY_PORTAL, .created_at = cx->now };
	IN_TENANT(cx, t->id);

	id_new(i.id);
	return store_identity_insert(cx, &i);
}

int
op_tenant_create(struct ctx *cx, const char *name, const struct tenant_wish *w, struct tenant *t)
{
	if (check_name(cx, name) < 0 || check_wish(cx, w) < 0)
		return -1;
	memset(t, 0, sizeof(*t));
	id_new(t->id);
	t->name = name;
	t->state = "active";
	t->created_by = cx->actor.name;
	t->created_at = cx->now;
	take_wish(t, w);
	if (db_begin(cx) < 0 || license_allows_tenant(cx) < 0 || check_shadow(cx, name) < 0 ||
	    store_tenant_insert(cx, t) < 0 || make_portal(cx, t) < 0 ||
	    record(cx, "tenant.create", t) < 0)
		return -1;
	return db_commit(cx);
}

int
op_tenant_change(
    struct ctx *cx, const char *id_or_name, const struct tenant_wish *w, struct tenant *t)
{
	if (check_wish(cx, w) < 0 || db_begin(cx) < 0 || store_tenant_load(cx, id_or_name, t) < 0)
		return -1;
	take_wish(t, w);
	if (store_tenant_update(cx, t) < 0 || record(cx, "tenant.change", t) < 0)
		return -1;
	return db_commit(cx);
}

/* From one state to another; not when it is there already. */
static int
move(struct ctx *cx, const char *id_or_name, const char *state, const char *reason,
    const char *action, struct tenant *t)
{
	if (db_begin(cx) < 0 || store_tenant_load(cx, id_or_name, t) < 0)
		return -1;
	if (strcmp(t->state, state) == 0)
		return err_set(
		    &cx->err, R_TENANT_STATE, NULL, "the tenant %s is %s already", t->name, state);
	t->state = state;
	t->reason = reason == NULL || reason[0] == '\0' ? NULL : reason;
	if (store_tenant_update(cx, t) < 0 || record(cx, action, t) < 0)
		return -1;
	return db_commit(cx);
}

int
op_tenant_suspend(struct ctx *cx, const char *id_or_name, const char *reason, struct tenant *t)
{
	if (reason != NULL && text_check(&cx->err, "reason", reason) < 0)
		return -1;
	return move(cx, id_or_name, "suspended", reason, "tenant.suspend", t);
}

int
op_tenant_resume(struct ctx *cx, const char *id_or_name, struct tenant *t)
{
	return move(cx, id_or_name, "active", NULL, "tenant.resume", t);
}

int
op_tenant_delete(struct ctx *cx, const char *id_or_name, const char *confirm)
{
	struct tenant t;

	if (db_begin(cx) < 0 || store_tenant_load(cx, id_or_name, &t) < 0)
		return -1;
	if (strcmp(confirm, t.name) != 0) {
		err_set(&cx->err, R_TENANT_CONFIRM, "confirm",
		    "to delete this tenant its name, %s, is to be repeated", t.name);
		return err_hint(
		    &cx->err, "its people lose access at once, and it does not come back");
	}
	if (store_tenant_close(cx, &t) < 0)
		return -1;
	t.state = "deleted";
	t.former = t.name;
	t.name = t.id; /* never what somebody may choose */
	t.ended_at = cx->now;
	if (store_tenant_update(cx, &t) < 0 || record(cx, "tenant.delete", &t) < 0 ||
	    db_commit(cx) < 0)
		return -1;
	return op_serve_nothing(cx, t.id);
}

/* ---- who may act in it ------------------------------------------------------------------ */

int
op_tenant_enter(struct ctx *cx, const char *name)
{
	const char *own = cx->actor.role == ROLE_SUPER ? NULL : cx->actor.tenant;
	struct tenant t;

	if (store_tenant_of(cx, name, own, &t) < 0)
		return -1;
	memcpy(cx->tenant, t.id, sizeof(cx->tenant));
	return 0;
}

int
op_tenant_open(struct ctx *cx, const char *id)
{
	struct tenant t;

	if (strcmp(id, TENANT_SYSTEM) == 0)
		return 0;
	if (store_tenant_by_id(cx, id, &t) < 0)
		return -1;
	if (strcmp(t.state, "active") == 0)
		return 0;
	err_set(&cx->err, R_TENANT_SUSPENDED, NULL, "the tenant %s is suspended%s%s", t.name,
	    t.reason == NULL ? "" : ": ", t.reason == NULL ? "" : t.reason);
	return err_hint(&cx->err, "ask the provider of this system");
}

const char *
op_tenant_name(struct ctx *cx)
{
	struct err kept = cx->err;
	struct tenant t;

	if (store_tenant_by_id(cx, cx->tenant, &t) == 0)
		return t.former != NULL ? t.former : t.name;
	cx->err = kept;
	return "";
}

int
tenant_quota(struct ctx *cx, enum quota q)
{
	static const char *const words[] = { [QUOTA_IDENTITIES] = "identities",
		[QUOTA_CERTIFICATES] = "certificates in use",
		[QUOTA_REQUESTS] = "requests a day" };
	struct tenant_use use;
	struct tenant t;
	int64_t has, may;

	if (in_system(cx) ||
	    cx->actor.kind == ACTOR_SYSTEM) /* a renewal is nobody's wish for more */
		return 0;
	if (store_tenant_by_id(cx, cx->tenant, &t) < 0 || store_tenant_use(cx, t.id, &use) < 0)
		return -1;
	may = q == QUOTA_IDENTITIES   ? t.max_identities
	    : q == QUOTA_CERTIFICATES ? t.max_certificates
				      : t.max_requests;
	has = q == QUOTA_IDENTITIES   ? use.identities
	    : q == QUOTA_CERTIFICATES ? use.certificates
				      : use.requests;
	if (may == 0 || has < may)
		return 0;
	err_set(&cx->err, R_QUOTA, NULL, "the tenant may have %lld %s, and has them",
	    (long long)may, words[q]);
	return err_hint(&cx->err, "ask a Super Admin for more");
}
