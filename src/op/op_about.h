/*
 * op_about.h - what this system is: facts for status and System License
 */
#pragma once

#include "base/ctx.h"
#include "keys/keys.h"

struct about_names {			/* of one identity */
	const char	*identity;
	const char	*names;			/* "a.example.com, b.example.com" */
	const char	*covered_by;		/* the certificate served, NULL = none */
	bool		 self_signed;
	int64_t		 not_after;
};
struct about {
	const char	*version, *instance, *openssl, *database, *sandbox;
	int64_t		 started_at, accounts, identities;
	int64_t		 audit_sequence;
	const char	*audit_key;		/* SHA-256 of the heads' public key */
	struct keeper_state keeper;
	struct about_names *names;
	size_t		 nnames;
};
int	op_about(struct ctx *, struct about *);

/* The libraries that Certwright is linked with, and their licences. */
struct notice {
	const char	*name, *licence, *use;
};
extern const struct notice notices[];
extern const size_t nnotices;
