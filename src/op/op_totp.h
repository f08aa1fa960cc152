/*
 * op_totp.h - judge a one-time code (RFC 6238)
 */
#pragma once

#include "keys/custodians.h"
#include "store/store.h"

/* The keeper opens the seed and compares; *step is what store_account_use_step takes,
 * which refuses a second use. R_CODE_WRONG. */
int	totp_check(struct ctx *, const struct account *, const char *code, int64_t *step);
/* Six digits as a number; spaces in between do no harm. R_CODE_WRONG. */
int	totp_code(struct ctx *, const char *text, uint32_t *code);
/* Who it is for the keeper. */
struct key_person totp_person(struct ctx *, const struct account *);
