/*
 * audit_chain.c - the audit's hash chain: one link, for store and verifier
 */
#include <openssl/evp.h>

#include "base/audit_chain.h"
#include "base/buf.h"
#include "base/log.h"

void
audit_event_hash(const unsigned char previous[AUDIT_HASH_SIZE], const struct audit_event *e,
    unsigned char out[AUDIT_HASH_SIZE])
{
	AUTO_BUF struct buf b = { 0 };

	buf_put(&b, previous, AUDIT_HASH_SIZE);
	buf_put_u64(&b, (uint64_t)e->sequence);
	buf_put_u64(&b, (uint64_t)e->at_ms);
	buf_put_cstring(&b, e->tenant);
	buf_put_cstring(&b, e->actor);
	buf_put_cstring(&b, e->role);
	buf_put_cstring(&b, e->source);
	buf_put_cstring(&b, e->action);
	buf_put_cstring(&b, e->object);
	buf_put_cstring(&b, e->outcome);
	buf_put_cstring(&b, e->detail);
	if (!EVP_Digest(b.data, b.len, out, NULL, EVP_sha256(), NULL)) {
		log_error("SHA-256 is not available");
		abort(); /* no chain, no record: do not go on */
	}
}

void
audit_head_message(
    int64_t sequence, const unsigned char hash[AUDIT_HASH_SIZE], unsigned char out[AUDIT_HEAD_SIZE])
{
	size_t at = sizeof(AUDIT_HEAD_LABEL) - 1;

	memcpy(out, AUDIT_HEAD_LABEL, at);
	for (int i = 0; i < 8; i++)
		out[at++] = (unsigned char)((uint64_t)sequence >> (56 - 8 * i));
	memcpy(out + at, hash, AUDIT_HASH_SIZE);
}
