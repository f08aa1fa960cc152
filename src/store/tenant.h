/*
 * tenant.h - who has objects here (store_tenant.c)
 *
 * The tenants themselves belong to nobody: they are found by id or name, for
 * the system and for whoever enters one (op_tenant.h).
 */
#pragma once

#include "store/store.h"

struct tenant {
	char		 id[ID_SIZE];
	const char	*name;			/* a DNS label, lower case; of a tombstone: its id */
	const char	*state;			/* "active" "suspended" "deleted" */
	const char	*former;		/* the name that a tombstone had, or NULL */
	const char	*contact;		/* e-mail address, or NULL */
	const char	*reason;		/* why it is suspended, or NULL */
	const char	*created_by;
	int64_t		 created_at, ended_at;	/* ended_at 0: it is not deleted */
	int64_t		 max_identities;	/* these three: 0 is no limit */
	int64_t		 max_certificates;	/* in use: one an identity */
	int64_t		 max_requests;		/* CSRs made in 24 hours */
};
/* The system is none of them. R_NOT_FOUND "no such tenant", of a tombstone too. */
int	store_tenant_load(struct ctx *, const char *id_or_name, struct tenant *);
/* The same where it is not this one; own NULL: whichever (P22). */
int	store_tenant_of(struct ctx *, const char *id_or_name, const char *own, struct tenant *);
int	store_tenant_by_id(struct ctx *, const char *id, struct tenant *); /* a tombstone, too */
struct tenant_query {
	const char	*text;			/* in name or contact; NULL: any */
	const char	*after;			/* behind this name; NULL: from the first on */
	bool		 ended;			/* tombstones instead */
	size_t		 limit;
};
/* By name. */
int	store_tenant_list(struct ctx *, const struct tenant_query *, struct tenant **, size_t *,
	    bool *more);
int	store_tenant_insert(struct ctx *, const struct tenant *);	/* R_TENANT_EXISTS */
int	store_tenant_update(struct ctx *, const struct tenant *);
/* What a tenant has now. */
struct tenant_use {
	int64_t		 people;		/* accounts */
	int64_t		 identities;
	int64_t		 certificates;		/* in use: one an identity */
	int64_t		 requests;		/* CSRs of the last 24 hours, from elsewhere too */
};
int	store_tenant_use(struct ctx *, const char *id, struct tenant_use *);
/* Its accounts with their sessions and tokens and what was tried of them, its names,
 * the links to its sheets, and whom it has told; before it loses its name. */
int	store_tenant_close(struct ctx *, const struct tenant *);
/* Is there an account of the system that would sign in as somebody@name? 1, 0, -1 */
int	store_tenant_count(struct ctx *, int64_t *);	/* without the system and tombstones */
int	store_tenant_shadowed(struct ctx *, const char *name);

/* ---- name: it and all below it belong to a tenant ------------------------------ */
struct name_row {
	char		 tenant[ID_SIZE];
	const char	*name;			/* lower case, no wildcard */
	const char	*added_by;
	int64_t		 added_at;
};
/* Of this tenant, by name. */
int	store_name_list(struct ctx *, struct name_row **, size_t *);
/* Of whatever tenant: this one, one above it, or one below it: 1, 0, -1. */
int	store_name_near(struct ctx *, const char *name, struct name_row *);
int	store_name_insert(struct ctx *, const struct name_row *);
int	store_name_delete(struct ctx *, const char *name);	/* R_NOT_FOUND */
/* Has another tenant one that this one is at or below, or with `below` above? 1, 0, -1 */
int	store_name_rival(struct ctx *, const char *name, bool below);

/* ---- name_claim: a tenant says that a name is its own ---------------------------- */
struct name_claim {
	char		 tenant[ID_SIZE];
	const char	*name;			/* lower case, no wildcard */
	const char	*token;			/* is to be published */
	const char	*claimed_by;
	int64_t		 claimed_at;
	const char	*method;		/* "dns": and all below; "http"; NULL: not proved */
	int64_t		 proved_at;
};
/* Of this tenant, by name. */
int	store_claim_list(struct ctx *, struct name_claim **, size_t *);
int	store_claim_load(struct ctx *, const char *name, struct name_claim *);	/* R_NOT_FOUND */
int	store_claim_insert(struct ctx *, const struct name_claim *);
int	store_claim_prove(struct ctx *, const char *name, const char *method, int64_t at);
int	store_claim_delete(struct ctx *, const char *name);	/* 1, 0: there was none, -1 */
/* Those of other tenants that were proved, however long ago, and cover the name, or with
 * `below` something below it. */
int	store_claim_rivals(struct ctx *, const char *name, bool below, struct name_claim **,
	    size_t *);
/* Of whatever tenant: not proved any more. */
int	store_claim_lose(struct ctx *, const struct name_claim *);

/* Whose identity is it? 1, 0, -1 */
int	store_identity_tenant(struct ctx *, const char *id, char tenant[ID_SIZE]);
/* Identities of all tenants but the system that have something active: by id, behind
 * `after`. */
struct served_row { char tenant[ID_SIZE]; char identity[ID_SIZE]; };
int	store_served_walk(struct ctx *, const char *after, size_t limit, struct served_row **,
	    size_t *);
