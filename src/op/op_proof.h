/*
 * op_proof.h - a tenant says that a name is its own, and proves it
 *
 * Anybody may claim any name, and several the same: a claim gives nothing, and
 * tells nothing of others' (P22). It has a token. Published in the DNS it proves the
 * name and all below it; as a file on the web server of that name it proves this
 * name alone (BR 3.2.2.4.18). The first proof wins, as long as it is not too old
 * (x509/dated.h): then nothing new is asked for by it, what is installed stays.
 */
#pragma once

#include "store/tenant.h"

/* For the tenant that cx acts in. R_NAME_*, R_NAME_CLAIMED (by this tenant), R_NAME_TAKEN
 * (this tenant has it, or it is under the base domain), R_NAMES_SYSTEM, R_CLAIMS_MANY */
int	op_claim(struct ctx *, const char *name, struct name_claim *);
/*
 * Asks outside (fetch/fetch.h: R_FETCH_*), so it may take some seconds. method: "dns" or
 * "http". R_NOT_FOUND, R_PROOF_NONE, R_PROOF_OTHER; R_NAME_TAKEN: it is proved, but
 * somebody else has it.
 */
int	op_claim_verify(struct ctx *, const char *name, const char *method, struct name_claim *);

/* "claimed", "proved", "aged" */
const char *claim_state(const struct name_claim *, int64_t now);
int64_t	claim_ends(const struct name_claim *);		/* of a proof */
/* Where the token is to be: the owner of a TXT record, the address of a file. */
const char *claim_record(struct ctx *, const struct name_claim *);
const char *claim_url(struct ctx *, const struct name_claim *);
/* A proof of another tenant that is in force and stands in the way: 1, 0, -1 */
int	claim_rival(struct ctx *, const char *name, bool below, struct name_claim *);
