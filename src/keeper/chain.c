/*
 * chain.c - records that each vouch for all before them
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "keeper/chain.h"

void
chain_mac(const unsigned char key[32], const unsigned char before[CHAIN_MAC], const void *body,
    size_t len, unsigned char out[CHAIN_MAC])
{
	AUTO_BUF struct buf in = { 0 };
	unsigned char full[32];
	unsigned n = sizeof(full);

	buf_put(&in, before, CHAIN_MAC);
	buf_put(&in, body, len);
	if (HMAC(EVP_sha256(), key, 32, in.data, in.len, full, &n) == NULL)
		abort();
	memcpy(out, full, CHAIN_MAC);
}

bool
chain_unwritten(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}
