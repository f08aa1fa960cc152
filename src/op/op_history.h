/*
 * op_history.h - what a CA issued and revoked before it came here
 *
 * So that people can move: its certificates and its index.txt become rows like
 * those of our own, searched, revoked, listed and answered for. They belong to
 * the CA certificate that signs for the authority now (`ca import`). Taken in
 * any order, any number of times: what is known changes nothing, and what was
 * revoked stays so.
 */
#pragma once

#include "keys/readers.h"
#include "store/store.h"

#define HISTORY_PROFILE	"imported"	/* of what came; that of a CA's certificate is "ca" */

struct history_order {
	const char	*authority;
	const struct reader_file *files;	/* certificates, PEM or DER, one in each */
	size_t		 n;			/* LIMIT_HISTORY_FILES */
	const char	*index;			/* lines of index.txt; NULL or "": none */
	int64_t		 first_line;		/* the number of its first one; 0: 1 */
	const char	*crl_number;		/* hex, of the next list there; NULL or "": not known */
	bool		 dry_run;		/* say what would be done, and do nothing */
};

enum history_act {
	HISTORY_IMPORTED,			/* it was not known here */
	HISTORY_COMPLETED,			/* its serial number was; its certificate came */
	HISTORY_REVOKED,			/* it was known, and is revoked now */
	HISTORY_KNOWN,				/* nothing is left to be done */
	HISTORY_SKIPPED,			/* `reason` says why */
	HISTORY_ACTS
};
extern const char *const history_acts[HISTORY_ACTS];	/* "imported" ... */

struct history_item {
	const char	*source;		/* name of the file, or "index.txt line 12" */
	const char	*serial, *subject;	/* NULL: could not be read */
	const char	*state;			/* it is now: "issued" "presumed" "revoked" "held" */
	int64_t		 revoked_at;
	int64_t		 reason_code;		/* enum crl_reason */
	enum history_act act;
	const char	*reason;		/* why it was skipped, or a remark; or NULL */
};
struct history {
	struct history_item *v;
	size_t		 n;
	size_t		 count[HISTORY_ACTS];
	int64_t		 crl_number;		/* of the newest list: ours or theirs */
};
/*
 * R_NOT_FOUND; R_CA_RETIRED: nothing signs for it; R_HISTORY_MANY: more than the
 * limits; R_HISTORY_NUMBER: of the CRL. What is wrong with one item is its
 * reason, and no error.
 */
int	op_history(struct ctx *, const struct history_order *, struct history *);
