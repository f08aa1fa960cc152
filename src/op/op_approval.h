/*
 * op_approval.h - what waits for a second custodian (P15)
 *
 * From two custodians on some acts take a code of each of two. The keeper
 * judges that; here is only who asked for what, with the keeper's tickets. It
 * lives in memory, as the tickets do: a restart ends both.
 */
#pragma once

#include "base/ctx.h"
#include "keys/custodians.h"

#define APPROVAL_LIFE_S	(15 * 60)	/* of the keeper's tickets */
#define APPROVAL_TWO	2		/* custodians, from whom on it takes two */
#define ACT_SIZE	160

struct approvals;
struct approvals *approvals_new(void);
void	approvals_free(struct approvals *);	/* NULL is fine */

struct approval {
	char		 tenant[ID_SIZE];
	char		 act[ACT_SIZE];		/* as the keeper knows it: "export KEY" */
	char		 about[65];		/* for people: the key, the account */
	char		 wish[16];		/* format of an export, or "" */
	char		 account[ID_SIZE], name[65];
	bool		 asked;			/* it began with this one */
	unsigned char	 ticket[KEYS_TICKET_SIZE];
	int64_t		 until;
};

/* Something that may take two. `action`: of the audit, "key.export". */
struct act {
	const char	*action, *about;
	const char	*text;			/* for the keeper */
	const char	*wish;
	const char	*code;			/* the caller's, or "" */
	bool		 join;			/* the same wish of another one approves it */
};
struct consent {
	bool		 waiting;		/* for a second custodian, until then */
	int64_t		 until;
	unsigned char	 tickets[APPROVAL_TWO * KEYS_TICKET_SIZE];
	size_t		 len;			/* 0: nobody needs to approve */
	const char	*by[APPROVAL_TWO];	/* names, or NULL */
};
/*
 * May the caller do it now, or does it wait? Own write when an approval is
 * given. R_APPROVAL_CODE: a code is needed; R_APPROVAL_OTHER: another one
 * asked for it; those of keys_approve.
 */
int	approval_gather(struct ctx *, const struct act *, struct consent *);
/* The caller approves what another one asked for. R_APPROVAL_NONE, R_APPROVAL_OWN. */
int	approval_give(struct ctx *, const struct act *, struct approval *asked);
/* It was done, or cannot be any more. */
void	approval_end(struct ctx *, const char *text);

/* Who asked for it; false: nobody. `second`: account is "" as long as nobody approved. */
bool	approval_find(struct ctx *, const char *text, struct approval *asked,
	    struct approval *second);
/* All that wait, the oldest first. */
void	approval_list(struct ctx *, struct approval **, size_t *);
/* `,"approved_by":["a","b"]` for a detail, or "". */
const char *approval_names(struct ctx *, const struct consent *);
