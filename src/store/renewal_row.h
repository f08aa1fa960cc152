/*
 * renewal_row.h - what becomes of an identity's certificate before it ends
 * (store_renewal.c)
 */
#pragma once

#include "store/store.h"

struct renewal_row {
	char		 tenant[ID_SIZE];
	char		 identity[ID_SIZE];
	char		 certificate[ID_SIZE];	/* the active one that all of this is about, or "" */
	/* as somebody set it */
	bool		 by_itself;
	bool		 new_key;		/* for each certificate (M15) */
	int64_t		 days_left;		/* renew when so many are left, if that is earlier; 0 */
	const char	*hours;			/* "22:00-04:00", UTC: when it is installed; NULL: at once */
	/* where it stands */
	const char	*state;			/* "waiting" "held" "ready" "failed" "paused" "manual" */
	int64_t		 next_at;		/* 0: nothing happens by itself */
	enum renew_asked { RENEW_DUE, RENEW_NOW, RENEW_ALL } asked; /* before its time: at once,
						 * or as one of all that an authority issued */
	char		 request[ID_SIZE];	/* that was made for it, or "" */
	char		 submission[ID_SIZE];	/* where that went, or "" */
	int64_t		 tries;			/* that failed, one after another */
	const char	*message;		/* of the last one, or NULL */
	int64_t		 renewed_at;		/* last, by itself; 0: never */
};

/* A row as an identity has it of which nothing was said. */
void	renewal_init(struct ctx *, const char *identity, struct renewal_row *);
/* One that is not there is as renewal_init makes it. */
int	store_renewal_load(struct ctx *, const char *identity, struct renewal_row *);
/* What is set, and where it stands; made, if it was not there. */
int	store_renewal_save(struct ctx *, const struct renewal_row *);
/* Where it stands, unless another certificate became active since: 1, 0, -1 */
int	store_renewal_move(struct ctx *, const struct renewal_row *);
/* Those of this tenant with a certificate: failed ones first, then the next. */
struct renewal_query {
	const char	*text;			/* in the identity's name; NULL: any */
	size_t		 limit;
};
int	store_renewal_list(struct ctx *, const struct renewal_query *, struct renewal_row **, size_t *,
	    bool *more);
/* Of whatever tenant: due at cx->now, the first to be done first. */
int	store_renewal_due(struct ctx *, size_t limit, struct renewal_row **, size_t *);
/* Of whatever tenant, by an authority of our own: each within so many seconds. */
int	store_renewal_all(struct ctx *, const char *authority, int64_t seconds, int64_t *n);
/* Of whatever tenant: what waits for this submission is looked at now. */
int	store_renewal_decided(struct ctx *, const char *submission);
