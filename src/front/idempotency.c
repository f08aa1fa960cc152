/*
 * idempotency.c - a write with an Idempotency-Key is done once
 */
#include <openssl/evp.h>

#include "base/log.h"
#include "front/idempotency.h"
#include "keys/keys.h"
#include "store/store.h"

#define KEY_MAX 128

/*
 * What was asked, so that a key is not used for something else. A body may
 * hold a password, so it is the keeper's HMAC that is stored (P14).
 */
static int
fingerprint(struct ctx *cx, const struct job *j, unsigned char out[32])
{
	unsigned char digest[32];
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	if (md == NULL || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestUpdate(md, j->method, strlen(j->method) + 1) != 1 ||
	    EVP_DigestUpdate(md, j->target, strlen(j->target) + 1) != 1 ||
	    EVP_DigestUpdate(md, j->body, j->body_len) != 1 ||
	    EVP_DigestFinal_ex(md, digest, NULL) != 1)
		abort();
	EVP_MD_CTX_free(md);
	return keys_hmac(cx->keeper, digest, sizeof(digest), out, &cx->err);
}

static int
no_answer(struct ctx *cx, int status)
{
	if (status == 0) {
		err_set(&cx->err, R_IDEMPOTENCY_CLAIMED, NULL,
		    "a request with this Idempotency-Key was done; its answer is not there");
		return err_hint(&cx->err,
		    "it may be under way: ask again in a moment; else list what there is");
	}
	err_set(&cx->err, R_IDEMPOTENCY_SECRET, NULL,
	    "this was done before; its answer held a secret and is not kept");
	return err_hint(&cx->err, "list what there is, and ask with a new Idempotency-Key");
}

int
idempotency_begin(struct ctx *cx, struct job *j, const char *key)
{
	struct claim *c = &cx->claim;
	const char *body;
	int status, r;

	if (strlen(key) > KEY_MAX || text_check(&cx->err, "Idempotency-Key", key) < 0)
		return err_set(&cx->err, R_IDEMPOTENCY_KEY, NULL,
		    "the Idempotency-Key is longer than %d characters", KEY_MAX);
	c->key = key;
	/* each account's keys are its own; the local administrator has no account */
	c->actor = cx->actor.id[0] != '\0' ? cx->actor.id : "local";
	if (fingerprint(cx, j, c->hash) < 0)
		return -1;
	r = store_idempotency_find(cx, &status, &body);
	if (r <= 0)
		return r;
	if (body[0] == '\0')
		return no_answer(cx, status);
	j->status = status;
	j->type = "application/json";
	buf_put_text(&j->out, body);
	return 1;
}

void
idempotency_end(struct ctx *cx, struct job *j, bool secret)
{
	if (db_begin(cx) == 0 &&
	    store_idempotency_save(cx, j->status, secret ? "" : buf_text(&j->out)) == 0 &&
	    db_commit(cx) == 0)
		return;
	log_err("an Idempotency-Key could not be stored", &cx->err);
	db_rollback(cx);
	err_clear(&cx->err);
}
