/*
 * totp.h - one-time codes (RFC 6238): SHA-1, 30 seconds, six digits
 */
#pragma once

#include "wire/message.h"

#define TOTP_STEP_S 30

/*
 * Is it the code of `now`, or of one step before or after? *step is the newest
 * of them. Takes as long for a wrong code as for a right one.
 */
bool	totp_fits(const struct bytes *seed, uint32_t code, int64_t now, int64_t *step);
