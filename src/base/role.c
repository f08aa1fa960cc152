/*
 * role.c - what people may do: its names, for scripts and for people
 */
#include "base/ctx.h"

static const struct {
	const char *name, *label;
} roles[] = { [ROLE_NONE] = { "", "" },
	[ROLE_AUDITOR] = { "auditor", "Auditor" },
	[ROLE_OPERATOR] = { "operator", "Operator" },
	[ROLE_TENANT_ADMIN] = { "tenant-admin", "Admin" },
	[ROLE_SUPER] = { "super", "Super Admin" } };

const char *
role_name(enum role r)
{
	return roles[r].name;
}

const char *
role_label(enum role r)
{
	return roles[r].label;
}

enum role
role_of(const char *name)
{
	enum role r = ROLE_SUPER;

	while (r > ROLE_NONE && strcmp(roles[r].name, name) != 0)
		r--;
	return r;
}
