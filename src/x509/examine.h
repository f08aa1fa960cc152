/*
 * examine.h - a request against a policy, before anything is signed
 *
 * Says for each wish what the profile of an authority makes of it, and what
 * will be in the certificate unasked. Deterministic: the same request, profile
 * and day give the same sheet. What no line of the profile grants is dropped.
 */
#pragma once

#include "x509/authority.h"
#include "x509/constraints.h"
#include "x509/csr.h"

/* What the certificate of our own issuing CA allows; of another's CA: NULL. */
struct issuer_limits {
	int64_t		 not_after;
	const struct name_limits *names;	/* NULL: all names */
	bool		 for_servers, for_clients;	/* as in struct ca_facts */
	int		 path_length;	/* -1: none; 0: no CA may be below */
};

struct examine_input {
	const struct csr *request;	/* of csr_parse_unproved: faults are found here */
	const struct authority *authority;
	const struct profile *profile;
	const struct weak *weak;
	const struct issuer_limits *issuer;	/* NULL: it is not ours */
	int64_t		 when;		/* of signing; rules are judged by its day, UTC */
	int64_t		 days;		/* the life that is asked for; 0: none is */
	bool		 approved;	/* by as many people as the profile wants */
};

struct fate {
	enum effect	 effect;
	const char	*reason, *reference, *set_by;
};
/* What becomes of an attribute of the subject by its kind alone: "subject.OU". */
struct fate examine_attribute(struct arena *, const struct authority *,
	    const struct profile *, int64_t when, const char *item);
/* What becomes of a host, or a wildcard, by itself. issuer NULL: it is not ours. */
struct fate examine_name(struct arena *, const struct authority *, const struct profile *,
	    const struct issuer_limits *issuer, int64_t when, const char *name);
/* The longest life of what is issued then, in days; 0: none is. */
int64_t	examine_days(const struct profile *, const struct issuer_limits *, int64_t when);
/* Verdict issue, amend, hold or refuse; weights are NULL: there is no certificate. */
void	examine(const struct examine_input *, struct sheet *);
