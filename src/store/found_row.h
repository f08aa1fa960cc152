/*
 * found_row.h - certificates that are out there (store_found.c)
 */
#pragma once

#include "store/store.h"

struct found_row {
	char		 id[ID_SIZE];
	char		 tenant[ID_SIZE];	/* whose list it is in */
	const char	*place;			/* HOST:PORT, or the name of a file; unique */
	const char	*origin;		/* "server" "file" */
	const char	*starttls;		/* "smtp", or NULL */
	bool		 due;			/* it is still to be asked */
	const char	*message;		/* why nothing was seen, or NULL */
	bool		 has_sha256;		/* of what was seen last, as all below */
	unsigned char	 sha256[32];
	const char	*subject, *issuer;	/* or NULL */
	const char	*names;			/* one a line, or NULL */
	int64_t		 not_before, not_after;
	int64_t		 seen_at;		/* when that was found out; 0: never */
	const char	*created_by;
	int64_t		 created_at;
	const char	*identity;		/* of this tenant, whose certificate it is; read only */
};

/* What ends first comes first, what was not seen last. */
int	store_found_list(struct ctx *, struct found_row **, size_t *);
int	store_found_count(struct ctx *, int64_t *);
/* A place that is there keeps its id, and what was seen. */
int	store_found_save(struct ctx *, const struct found_row *);
/* What was seen, or why not; it is due no more. R_NOT_FOUND */
int	store_found_update(struct ctx *, const struct found_row *);
int	store_found_delete(struct ctx *, const char *id);
/* Of whatever tenant, the first that is due: 1, 0, -1. */
int	store_found_due(struct ctx *, struct found_row *);
