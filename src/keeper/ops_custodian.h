/*
 * ops_custodian.h - inside of the table of operations: custodians
 */
#pragma once

#include <openssl/evp.h>

#include "keeper/ops.h"

/* A key of a CA comes in by two custodians, once there are two (P15): as
 * custodians_spend, for "import SHA-256 of its SPKI". Of other keys: 0. */
int	ops_admit_import(struct keeper_house *, const struct message *, EVP_PKEY *,
	    struct err *);

int	answer_code(struct keeper_house *, const struct message *, struct answer *);
int	answer_approve(struct keeper_house *, const struct message *, struct answer *);
int	answer_custodian_add(struct keeper_house *, const struct message *, struct answer *);
int	answer_custodian_remove(struct keeper_house *, const struct message *, struct answer *);
int	answer_custodians(struct keeper_house *, const struct message *, struct answer *);
