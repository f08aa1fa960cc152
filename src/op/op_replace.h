/*
 * op_replace.h - a key that others have is replaced, and service goes on
 *
 * The key is marked at once: no path takes it any more. A new key is made; its
 * request is made, sent and installed; only then are the certificates of the
 * old key revoked, so that what is served is good at every moment. Where it
 * stands is read from keys, requests and certificates: each step may as well be
 * done on its own page, and a crash loses none.
 */
#pragma once

#include "op/op_submit.h"

enum replace_step {			/* what comes next */
	REPLACE_REQUEST,		/* make the CSR of the new key */
	REPLACE_SEND,			/* give it to an authority */
	REPLACE_ANSWER,			/* others have to answer or approve */
	REPLACE_INSTALL,
	REPLACE_REVOKE,
	REPLACE_DONE,
};

struct old_cert {			/* of the old key, and not ended */
	const char	*serial, *issuer;
	int64_t		 not_after;
	bool		 here;			/* issued by an authority of our own */
	bool		 revoked;		/* for keyCompromise; not here: its authority was told */
	const struct issued_row *issued;	/* here */
};
struct replacement {
	struct replacement_row row;
	struct identity	 identity;
	struct key_row	 old, next;
	enum replace_step step;
	bool		 has_request, has_submission;
	struct request_row request;
	struct submission_row submission;
	struct old_cert	*certs;
	size_t		 ncerts;
	bool		 served_elsewhere;	/* not by a listener of this daemon */
};

struct replace_wish {
	const char	*key;			/* NULL: the one that is active */
	const char	*type;			/* of the new key; NULL: as the old one */
	const char	*note;			/* what happened; NULL: none */
	const char	*authority, *profile, *days; /* NULL: as before */
	bool		 in_use;		/* the server presents the new certificate */
	bool		 told;			/* other authorities were asked to revoke */
	bool		 one;			/* one step only */
};

/* The newest of the identity. 1, 0 there was none, -1. */
int	op_replace_load(struct ctx *, const struct identity *, struct replacement *);
/*
 * Begin, or go on: all that can be done now. R_REPLACE_NOTHING: the identity has
 * no key; and the errors of each step, those before it stay done.
 */
int	op_replace(struct ctx *, const struct identity *, const struct replace_wish *,
	    struct replacement *);
/* Where the old key's newest request went; *authority NULL: nowhere. */
int	op_replace_authority(struct ctx *, const struct replacement *, const char **authority,
	    const char **profile);
bool	replace_all_revoked(const struct replacement *);	/* for op_replace_steps.c */
