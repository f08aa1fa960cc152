/*
 * notify.h - whom a tenant has told of what happens, and what was told
 * (store_notify.c)
 *
 * All through the tenant of cx, but for the walks, which are for the thread that
 * sends.
 */
#pragma once

#include "store/store.h"

#define CHANNEL_MAIL	"mail:"		/* and the address */
#define CHANNEL_WEBHOOK	"webhook"

struct notify_row {
	char		 tenant[ID_SIZE];
	const char	*addresses;		/* one a line; "" none */
	const char	*webhook;		/* https URL, or NULL */
	const char	*webhook_ca;		/* PEM, or NULL: what the system trusts */
	const unsigned char *secret;		/* sealed at notify/TENANT/secret, or NULL */
	size_t		 secret_len;
	const char	*parts;			/* of a life, "2/3,9/10"; "" none */
	const char	*days;			/* before its end, "7,1"; "" none */
	int64_t		 minutes;		/* between two digests of a channel */
	int64_t		 since;			/* what happened before is not told */
};
int	store_notify_load(struct ctx *, struct notify_row *);		/* 1, 0, -1 */
int	store_notify_save(struct ctx *, const struct notify_row *);
/* Of tenants that are not deleted: by id, behind `after`. */
int	store_notify_walk(struct ctx *, const char *after, size_t limit, struct notify_row **,
	    size_t *);

struct digest_row {
	char		 tenant[ID_SIZE];
	char		 id[ID_SIZE];
	const char	*channel, *subject, *body;
	int64_t		 created_at;
	int64_t		 tries, next_at;
	int64_t		 ended_at;		/* 0: on its way */
	const char	*failure;		/* of the last try, or NULL */
};
int	store_digest_insert(struct ctx *, const struct digest_row *);
/* tries, next_at, ended_at, failure */
int	store_digest_update(struct ctx *, const struct digest_row *);
/* The newest of a channel: 1, 0, -1 */
int	store_digest_newest(struct ctx *, const char *channel, struct digest_row *);
int	store_digest_list(struct ctx *, size_t limit, struct digest_row **, size_t *); /* newest first */
/* On its way and due at cx->now, of whatever tenant: the one that waits longest. 1, 0, -1
 * So is one that was put off for longer than any is: the clock was set back since. */
#define DIGEST_DELAY_MAX_S	3600
int	store_digest_due(struct ctx *, struct digest_row *);
/* What is on its way in this channel is forgotten, and what it would have told. */
int	store_digest_drop(struct ctx *, const char *channel);
/* Ended before: forgotten. What they told stays told. */
int	store_digest_forget(struct ctx *, int64_t before);

struct told_row {
	const char	*channel, *kind, *object, *threshold;
	const char	*digest;
	int64_t		 gone_at;
};
int	store_told_insert(struct ctx *, const struct told_row *);
int	store_told_list(struct ctx *, const char *channel, struct told_row **, size_t *);
int	store_told_gone(struct ctx *, const struct told_row *, int64_t gone_at);
int	store_told_delete(struct ctx *, const struct told_row *);

/*
 * What our own authorities revoked after `since` and this channel was not told of: the
 * newest `limit`, and how many in all. store_revoked_told notes them all.
 */
struct revoked_row { const char *serial, *name; int64_t revoked_at; bool held; };
int	store_revoked_untold(struct ctx *, const char *channel, int64_t since, size_t limit,
	    struct revoked_row **, size_t *n, int64_t *all);
int	store_revoked_told(struct ctx *, const char *channel, int64_t since, const char *digest);
