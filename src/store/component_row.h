/*
 * component_row.h - servers that present an identity's certificate elsewhere
 * (store_component.c)
 */
#pragma once

#include "store/store.h"

struct component_row {
	char		 id[ID_SIZE];
	char		 tenant[ID_SIZE];	/* whose it is */
	const char	*name;			/* unique in the tenant */
	const char	*kind;			/* "files" "haproxy" "pull" */
	const char	*target;		/* of the host's list; NULL: pull */
	char		 identity[ID_SIZE];	/* "": pull */
	const char	*address;		/* HOST:PORT to look at, or NULL */
	const char	*sni;			/* name to ask for there, or NULL */
	const char	*starttls;		/* "smtp", or NULL */
	const char	*delivery;		/* "none" "pending" "delivered" "failed" */
	int64_t		 delivered_at;		/* when that was found out; 0: never */
	bool		 has_sha256;
	unsigned char	 sha256[32];		/* of the certificate that was delivered last */
	const char	*message;		/* why it failed, or NULL */
	const char	*served;		/* "same" "other" "unreachable"; NULL: not checked */
	int64_t		 checked_at;
	const char	*check_note;		/* what was found, in words; or why it is not checked */
	int64_t		 check_at;		/* when it is looked at next; 0: never by itself */
	int64_t		 check_tries;		/* in a row that were not "same" */
	/* of pull: what its token may ask for (op_pull.h) */
	const char	*authority, *profile;	/* profile NULL: the authority's default */
	int64_t		 days;			/* 0: the profile's */
	const char	*names;			/* one a line */
	const unsigned char *token_hash;	/* 32 bytes; to insert, else NULL */
	char		 submission[ID_SIZE];	/* the newest that came; or "" */
	const char	*created_by;
	int64_t		 created_at;
};

int	store_component_list(struct ctx *, struct component_row **, size_t *);	/* by name */
int	store_component_load(struct ctx *, const char *id_or_name, struct component_row *);
/* Of all tenants, each target that is taken. */
int	store_component_targets(struct ctx *, struct component_row **, size_t *);
int	store_component_count(struct ctx *, const char *identity, int64_t *);
int	store_component_total(struct ctx *, int64_t *);	/* of all tenants */
int	store_component_insert(struct ctx *, const struct component_row *); /* R_COMPONENT_EXISTS */
/* Of whatever tenant, whose token this is: 1, 0, -1. */
int	store_component_of_token(struct ctx *, const unsigned char hash[32], struct component_row *);
int	store_component_set_submission(struct ctx *, const struct component_row *);
int	store_component_delete(struct ctx *, const char *id);
/* address, sni, starttls */
int	store_component_set_place(struct ctx *, const struct component_row *);
/* delivery, delivered_at, sha256, message */
int	store_component_set_delivery(struct ctx *, const struct component_row *);
/* served, checked_at, check_note, check_at, check_tries */
int	store_component_set_check(struct ctx *, const struct component_row *);
/* Of whatever tenant, the one that is looked at first: 1, 0, -1. One whose look is further
 * ahead than CHECK_AHEAD_S was put off before the clock was set back: it is first, at
 * cx->now. */
#define CHECK_AHEAD_S	(2 * 86400)
int	store_component_next_check(struct ctx *, struct component_row *);
/* Of this identity, all that are delivered to from here: pending. */
int	store_component_due(struct ctx *, const char *identity);
/* Of whatever tenant, the first that is pending, behind the id `after`: 1, 0, -1. */
int	store_component_pending(struct ctx *, const char *after, struct component_row *);
