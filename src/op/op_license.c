/*
 * op_license.c - the licence that is here, and what it allows
 */
#include <jansson.h>

#include "op/house.h"
#include "op/op_license.h"
#include "op/op_sheet.h"
#include "store/component_row.h"
#include "store/store.h"
#include "store/tenant.h"

#define SETTING "license"

static X509 *
vendor_of(const struct ctx *cx)
{
	return cx->house == NULL ? NULL : cx->house->license_key;
}

/* The file that is kept; one that this vendor did not sign counts as none. */
static int
load(struct ctx *cx, struct license_state *s)
{
	const unsigned char *file;
	size_t len;

	memset(s, 0, sizeof(*s));
	s->configured = vendor_of(cx) != NULL;
	if (store_setting_blob(cx, SETTING, &file, &len) < 0)
		return -1;
	s->there = file != NULL;
	if (!s->there || !s->configured)
		return 0;
	if (license_read(cx->arena, file, len, vendor_of(cx), &s->license, &cx->err) < 0) {
		s->why = arena_strdup(cx->arena, cx->err.message);
		err_clear(&cx->err);
		return 0;
	}
	s->valid = true;
	s->expired = cx->now >= s->license.ends_at;
	return 0;
}

int
op_license_load(struct ctx *cx, struct license_state *s)
{
	if (load(cx, s) < 0)
		return -1;
	return store_tenant_count(cx, &s->tenants) < 0 ? -1
						       : store_component_total(cx, &s->components);
}

static int
ended(struct ctx *cx, const struct license *l)
{
	err_set(&cx->err, R_LICENSE_EXPIRED, NULL, "the licence of %s ended on %s", l->licensee,
	    l->expires);
	return err_hint(&cx->err,
	    "ask the vendor for a new one and upload it under Settings, System License; "
	    "what is here goes on without it");
}

int
op_license_upload(struct ctx *cx, const void *data, size_t len, struct license_state *s)
{
	struct license l;

	if (vendor_of(cx) == NULL) {
		err_set(&cx->err, R_LICENSE_VENDOR, NULL,
		    "no vendor is configured here, so that no licence is needed or can be judged");
		return err_hint(&cx->err,
		    "a product that comes with licences names its vendor's certificate by the "
		    "option license-key: certwrightd(8)");
	}
	if (license_read(cx->arena, data, len, vendor_of(cx), &l, &cx->err) < 0)
		return -1;
	if (cx->now >= l.ends_at)
		return ended(cx, &l);
	if (db_begin(cx) < 0 || store_setting_save_blob(cx, SETTING, data, len) < 0 ||
	    audit(cx, "license.upload", l.licensee,
		json_text(cx,
		    json_pack("{ss,sI,sI}", "expires", l.expires, "tenants", (json_int_t)l.tenants,
			"components", (json_int_t)l.components))) < 0 ||
	    db_commit(cx) < 0)
		return -1;
	return op_license_load(cx, s);
}

static int
full(struct ctx *cx, const struct license *l, int64_t limit, const char *what)
{
	err_set(&cx->err, R_LICENSE_LIMIT, NULL, "the licence of %s allows %lld %s%s, and no more",
	    l->licensee, (long long)limit, what, limit == 1 ? "" : "s");
	return err_hint(&cx->err,
	    "delete one, or ask the vendor for a licence that allows more; what is here goes on");
}

/* One more of these, which `count` counts? */
static int
allows(struct ctx *cx, const char *what, int (*count)(struct ctx *, int64_t *),
    int64_t (*limit_of)(const struct license *))
{
	struct license_state s;
	int64_t limit, n;

	if (load(cx, &s) < 0)
		return -1;
	if (!s.valid)
		return 0;
	if (s.expired)
		return ended(cx, &s.license);
	if ((limit = limit_of(&s.license)) < 0)
		return 0;
	if (count(cx, &n) < 0)
		return -1;
	return n < limit ? 0 : full(cx, &s.license, limit, what);
}

static int64_t
tenants_of(const struct license *l)
{
	return l->tenants;
}

int
license_allows_tenant(struct ctx *cx)
{
	return allows(cx, "tenant", store_tenant_count, tenants_of);
}

static int64_t
components_of(const struct license *l)
{
	return l->components;
}

int
license_allows_component(struct ctx *cx)
{
	return allows(cx, "component", store_component_total, components_of);
}
