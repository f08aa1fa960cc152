/*
 * op_totp.h - judge a one-time code (RFC 6238); for op_access.c
 */
#pragma once

#include "store/store.h"

/* Opens the seed and compares; *step is what store_account_use_step takes,
 * which refuses a second use. R_CODE_WRONG. */
int	totp_check(struct ctx *, const struct account *, const char *code, int64_t *step);
