/*
 * pull_token.c - who comes with the token of a component, and what came of it
 */
#include <stdio.h>

#include "op/op_pull.h"
#include "op/op_tenant.h"

int
op_pull_recognise(struct ctx *cx, const unsigned char hash[32])
{
	struct component_row c;
	int r = store_component_of_token(cx, hash, &c);

	if (r < 0)
		return -1;
	if (r == 0) {
		err_set(&cx->err, R_TOKEN_UNKNOWN, NULL,
		    "the token of a component is not known here; it ends with its component");
		return err_hint(&cx->err, "make a new one: certwright component add-pull");
	}
	memcpy(cx->tenant, c.tenant, sizeof(cx->tenant));
	if (op_tenant_open(cx, c.tenant) < 0)
		return -1;
	cx->actor.kind = ACTOR_HOST;
	cx->actor.role = ROLE_NONE;
	memcpy(cx->actor.tenant, c.tenant, sizeof(cx->actor.tenant));
	memcpy(cx->actor.id, c.id, sizeof(cx->actor.id));
	snprintf(cx->actor.name, sizeof(cx->actor.name), "pull:%.*s", PULL_NAME_MAX, c.name);
	return 0;
}

int
op_pull_owns(struct ctx *cx, const struct submission_row *s)
{
	if (strcmp(s->created_by, cx->actor.name) == 0)
		return 0;
	err_set(&cx->err, R_NOT_FOUND, NULL, "no such submission");
	return err_hint(&cx->err, "list what there is and use an id or a name from there");
}

/* ---- where it stands ----------------------------------------------------------------------- */

int
op_pull_state(
    struct ctx *cx, const struct component_row *c, const char **state, struct issued_row *issued)
{
	struct submission_row s;

	*state = "";
	if (c->submission[0] == '\0')
		return 0;
	if (store_submission_load(cx, c->submission, &s) < 0)
		return -1;
	*state = s.state;
	if (s.serial == NULL)
		return 0;
	return store_issued_find(cx, s.serial, issued) < 0 ? -1 : 1;
}
