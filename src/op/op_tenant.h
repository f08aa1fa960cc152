/*
 * op_tenant.h - tenants: who has keys, names and people of their own here
 */
#pragma once

#include "store/tenant.h"

#define TENANT_PAGE	50
#define TENANT_PAGE_MAX	500

/* A member that is NULL or -1 stays as it is; of a new one it is none. */
struct tenant_wish {
	const char	*contact;
	int64_t		 max_identities, max_certificates, max_requests;	/* 0: no limit */
};
#define TENANT_WISH_NONE	((struct tenant_wish){ NULL, -1, -1, -1 })

/* By name; limit 0: TENANT_PAGE. */
int	op_tenant_list(struct ctx *, const struct tenant_query *, struct tenant **, size_t *,
	    bool *more);
int	op_tenant_load(struct ctx *, const char *id_or_name, struct tenant *);
int	op_tenant_use(struct ctx *, const struct tenant *, struct tenant_use *);
/*
 * With an identity "portal" of its own. R_TENANT_NAME, R_TENANT_EXISTS,
 * R_ACCOUNT_EMAIL, R_TENANT_LIMIT.
 */
int	op_tenant_create(struct ctx *, const char *name, const struct tenant_wish *, struct tenant *);
int	op_tenant_change(struct ctx *, const char *id_or_name, const struct tenant_wish *,
	    struct tenant *);
/*
 * Suspended: its people and tokens are refused at once, a Super Admin may still
 * act in it, and what is served stays served. R_TENANT_STATE.
 */
int	op_tenant_suspend(struct ctx *, const char *id_or_name, const char *reason, struct tenant *);
int	op_tenant_resume(struct ctx *, const char *id_or_name, struct tenant *);
/*
 * A tombstone: accounts, tokens and links of requesters are gone, the name is
 * free again; audit, requests and certificates stay, and the keys stay wrapped.
 * `name` is typed again as a confirmation: R_TENANT_CONFIRM.
 */
int	op_tenant_delete(struct ctx *, const char *id_or_name, const char *confirm);

/* How the tenant that cx acts in is called, for people; "" when it cannot be read. */
const char *op_tenant_name(struct ctx *);
/*
 * From now on cx acts in the tenant of this name. A Super Admin may in each;
 * all others in their own: R_NOT_FOUND for any other, there or not (P22).
 */
int	op_tenant_enter(struct ctx *, const char *name);
/* May its people and tokens do anything? R_TENANT_SUSPENDED. Of the system: yes. */
int	op_tenant_open(struct ctx *, const char *id);

enum quota { QUOTA_IDENTITIES, QUOTA_CERTIFICATES, QUOTA_REQUESTS };
/* In the open transaction, before one more is added: R_QUOTA. */
int	tenant_quota(struct ctx *, enum quota);
