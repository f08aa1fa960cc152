/*
 * op_component_add.c - a component of a tenant, the target that it has, and where it is
 * looked at
 */
#include <jansson.h>

#include "base/limits.h"
#include "op/house.h"
#include "op/op_check.h"
#include "op/op_deliver.h"
#include "op/op_identity.h"
#include "op/op_license.h"
#include "op/op_sheet.h"
#include "x509/name.h"

int
component_check_name(struct ctx *cx, const char *name)
{
	if (strcmp(name, "pull") == 0) {
		err_set(&cx->err, R_COMPONENT_NAME, "name",
		    "no component is called pull: a page has this name");
		return err_hint(&cx->err, "for example: shop-pull");
	}
	if (identity_name_fits(name))
		return 0;
	err_set(&cx->err, R_COMPONENT_NAME, "name",
	    "the name of a component must be 1 to %d letters, digits or . _ - "
	    "and begin with a letter or digit",
	    LIMIT_NAME);
	return err_hint(&cx->err, "for example: shop-nginx");
}

int
component_pulls(struct ctx *cx, const struct component_row *c)
{
	err_set(&cx->err, R_COMPONENT_PULLS, NULL, "the host of %s fetches its certificate itself",
	    c->name);
	return err_hint(&cx->err, "run `certwright component pull` there, by a timer");
}

static int
bad_address(struct ctx *cx, const char *field, const char *typed)
{
	err_set(&cx->err, R_COMPONENT_ADDRESS, field, "\"%.100s\" is not HOST:PORT", typed);
	return err_hint(&cx->err, "for example: shop.example.com:443, 127.0.0.1:8443 or [::1]:443");
}

/* HOST:PORT, the host a name or an address, IPv6 in brackets. */
int
component_check_address(struct ctx *cx, const char *field, const char *typed)
{
	const char *colon = strrchr(typed, ':');
	size_t host = colon == NULL ? 0 : (size_t)(colon - typed);
	char *end;
	long port;

	if (host == 0 || host > LIMIT_DNS_NAME || strspn(colon + 1, "0123456789") == 0)
		return bad_address(cx, field, typed);
	port = strtol(colon + 1, &end, 10);
	if (*end != '\0' || port < 1 || port > 65535)
		return bad_address(cx, field, typed);
	if (typed[0] == '[' ? typed[host - 1] != ']' ||
		    strspn(typed + 1, "0123456789abcdefABCDEF:.") != host - 2
			    : strspn(typed,
				  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789.-") != host)
		return bad_address(cx, field, typed);
	return 0;
}

static int
check_sni(struct ctx *cx, const char *typed, const char **out)
{
	const char *unicode;

	*out = NULL;
	if (typed[0] == '\0')
		return 0;
	return name_check_dns(&cx->err, "sni", typed, cx->arena, out, &unicode);
}

/* One of the host's that nobody has. */
static int
check_target(struct ctx *cx, const char *name, const char **kind)
{
	struct host_target *all;
	size_t n;

	if (op_target_list(cx, &all, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i].name, name) != 0)
			continue;
		*kind = all[i].kind;
		if (!all[i].taken)
			return 0;
		err_set(&cx->err, R_TARGET_TAKEN, "target",
		    "another component has the target %s already", name);
		return err_hint(&cx->err, "remove that one first, or choose another target");
	}
	err_set(&cx->err, R_TARGET_NONE, "target", "this host has no target \"%.64s\"", name);
	return err_hint(&cx->err,
	    "targets are in the list that certwrightd was started with (--targets): "
	    "certwright-targets(5)");
}

static const char *
or_null(const char *text)
{
	return text[0] == '\0' ? NULL : text;
}

/* Where it is looked at. What is NULL is left as it is, and "" is none. */
static int
take_place(struct ctx *cx, const struct component_wish *w, struct component_row *c)
{
	if (w->address != NULL && w->address[0] != '\0' &&
	    component_check_address(cx, "address", w->address) < 0)
		return -1;
	if (w->sni != NULL && check_sni(cx, w->sni, &c->sni) < 0)
		return -1;
	if (w->address != NULL)
		c->address = or_null(w->address);
	if (w->starttls != NULL)
		c->starttls = or_null(w->starttls);
	return 0;
}

int
op_component_add(struct ctx *cx, const struct component_wish *w, struct component_row *c)
{
	struct identity i;

	memset(c, 0, sizeof(*c));
	id_new(c->id);
	memcpy(c->tenant, cx->tenant, sizeof(c->tenant));
	c->name = w->name;
	c->target = w->target;
	c->created_by = cx->actor.name;
	c->created_at = cx->now;
	if (component_check_name(cx, w->name) < 0 || take_place(cx, w, c) < 0 || db_begin(cx) < 0 ||
	    license_allows_component(cx) < 0 || check_target(cx, w->target, &c->kind) < 0 ||
	    store_identity_load(cx, w->identity, &i) < 0)
		return -1;
	memcpy(c->identity, i.id, ID_SIZE);
	c->delivery = i.active[0] == '\0' ? "none" : "pending";
	if (store_component_insert(cx, c) < 0 ||
	    audit(cx, "component.add", c->name,
		arena_printf(cx->arena, "{\"target\":\"%s\",\"kind\":\"%s\",\"identity\":\"%s\"}",
		    c->target, c->kind, i.name)) < 0 ||
	    db_commit(cx) < 0)
		return -1;
	op_deliver_wake(cx->house);
	return 0;
}

static int
record_place(struct ctx *cx, const struct component_row *c)
{
	return audit(cx, "component.set", c->name,
	    json_text(cx,
		json_pack("{ss*,ss*,ss*}", "address", c->address, "sni", c->sni, "starttls",
		    c->starttls)));
}

int
op_component_set(
    struct ctx *cx, const char *id_or_name, const struct component_wish *w, struct component_row *c)
{
	if (db_begin(cx) < 0 || store_component_load(cx, id_or_name, c) < 0)
		return -1;
	if (c->target == NULL)
		return component_pulls(cx, c);
	if (take_place(cx, w, c) < 0 || store_component_set_place(cx, c) < 0 ||
	    op_check_delivered(cx, c, true) < 0 || record_place(cx, c) < 0 || db_commit(cx) < 0)
		return -1;
	op_check_wake(cx->house);
	return 0;
}

int
op_component_remove(struct ctx *cx, const char *id_or_name)
{
	struct component_row c;

	if (db_begin(cx) < 0 || store_component_load(cx, id_or_name, &c) < 0 ||
	    store_component_delete(cx, c.id) < 0 || audit(cx, "component.remove", c.name, NULL) < 0)
		return -1;
	return db_commit(cx);
}
