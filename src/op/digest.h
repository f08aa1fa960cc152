/*
 * digest.h - several notices as one message
 */
#pragma once

#include "op/notice.h"

#define DIGEST_LINES	100	/* notices that are spelled out; others are counted */

struct digest_words {
	const char	*id;			/* of the digest */
	const char	*tenant;		/* its name, or NULL: the system's */
	const struct notice *v;			/* worst first */
	size_t		 n;
	const struct revoked_row *revoked;	/* the newest of them */
	size_t		 nrevoked;
	int64_t		 all_revoked;
};
/* Into subject and body: text for mail, JSON for a webhook (by row->channel). */
void	digest_compose(struct ctx *, const struct digest_words *, struct digest_row *);
/* A message that says only that it came. */
void	digest_test(struct ctx *, const char *tenant, struct digest_row *);
/* Seconds until the next try after so many that failed: a minute, doubled up to an hour. */
int64_t	digest_delay(int64_t tries);
/*
 * "t=TIME,v1=HEX": HMAC-SHA256 of "TIME.BODY" under the secret, with which a receiver
 * can tell that the message is ours, whole, and new.
 */
const char *digest_signature(struct arena *, const void *secret, size_t len, int64_t now,
	    const char *body);
