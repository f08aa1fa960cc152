/*
 * ops_custodian.h - inside of the table of operations: custodians
 */
#pragma once

#include "keeper/ops.h"

int	answer_code(struct keeper_house *, const struct message *, struct answer *);
int	answer_approve(struct keeper_house *, const struct message *, struct answer *);
int	answer_custodian_add(struct keeper_house *, const struct message *, struct answer *);
int	answer_custodian_remove(struct keeper_house *, const struct message *, struct answer *);
int	answer_custodians(struct keeper_house *, const struct message *, struct answer *);
