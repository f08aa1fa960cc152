/*
 * op_custodian.h - who the custodians are (P15)
 *
 * The keeper knows it, and judges. A custodian's one-time codes stay on.
 */
#pragma once

#include "op/op_approval.h"
#include "store/store.h"

struct custodian_row {
	char		 id[ID_SIZE];
	const char	*name;		/* of the account; "" when it is gone */
};
int	op_custodian_list(struct ctx *, struct custodian_row **, size_t *);
/*
 * With fewer than two custodians at once, else with a code of each of two: the
 * first call waits, the same of a second custodian does it. R_TOTP_NONE: it
 * has no one-time codes; R_CUSTODIAN_IS, R_CUSTODIAN_NOT, those of approval_gather.
 */
int	op_custodian_add(struct ctx *, const char *user, const char *code, struct consent *);
int	op_custodian_remove(struct ctx *, const char *user, const char *code, struct consent *);
/* R_CUSTODIAN_STAYS: this account is one, so its codes and itself stay. */
int	custodian_not(struct ctx *, const struct account *);
