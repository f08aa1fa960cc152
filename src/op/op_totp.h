/*
 * op_totp.h - judge a one-time code (RFC 6238); for op_access.c
 */
#pragma once

#include "store/store.h"

/* Decrypts the seed and compares; *step is what store_account_use_step takes.
 * R_CODE_WRONG, R_TOTP_USED (this step or a later one was used). */
int	totp_check(struct ctx *, const struct account *, const char *code, int64_t *step);
