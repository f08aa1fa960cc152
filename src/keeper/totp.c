/*
 * totp.c - one-time codes (RFC 6238): SHA-1, 30 seconds, six digits
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "keeper/totp.h"

#define WINDOW 1 /* steps either way */

/* RFC 4226 section 5.3 */
static uint32_t
code_of(const struct bytes *seed, uint64_t counter)
{
	unsigned char text[8], mac[20];
	unsigned n = sizeof(mac), at;
	uint32_t value;

	for (int i = 7; i >= 0; i--, counter >>= 8)
		text[i] = (unsigned char)counter;
	if (HMAC(EVP_sha1(), seed->data, (int)seed->len, text, sizeof(text), mac, &n) == NULL)
		abort();
	at = mac[19] & 15;
	value = (uint32_t)(mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 |
	    (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	return value % 1000000;
}

bool
totp_fits(const struct bytes *seed, uint32_t code, int64_t now, int64_t *step)
{
	bool found = false;

	for (int64_t s = now / TOTP_STEP_S - WINDOW; s <= now / TOTP_STEP_S + WINDOW; s++)
		if ((code_of(seed, (uint64_t)s) ^ code) == 0) {
			found = true;
			*step = s;
		}
	return found;
}
