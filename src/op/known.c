/*
 * known.c - bearer tokens that were recognised lately
 */
#include <pthread.h>

#include "op/house.h"
#include "op/known.h"
#include "store/db.h"

#define SLOTS 64 /* one for each first byte's six low bits: the newest has it */

struct known_token {
	uint64_t rights;	/* db_rights before it was looked up */
	unsigned char hash[32]; /* of its secret */
	int64_t expires_at;
	struct actor actor; /* what it stands for; source is another's */
	char tenant[ID_SIZE];
};

struct known {
	pthread_mutex_t lock;
	struct known_token slot[SLOTS];
};

struct known *
known_new(void)
{
	struct known *k = calloc(1, sizeof(*k));

	if (k == NULL)
		abort();
	pthread_mutex_init(&k->lock, NULL);
	return k;
}

void
known_free(struct known *k)
{
	if (k == NULL)
		return;
	pthread_mutex_destroy(&k->lock);
	free(k);
}

bool
known_take(struct ctx *cx, const unsigned char hash[32])
{
	struct known *k = cx->house->known;
	uint64_t rights = db_rights(cx);
	struct known_token t;

	if (k == NULL)
		return false;
	pthread_mutex_lock(&k->lock);
	t = k->slot[hash[0] % SLOTS];
	pthread_mutex_unlock(&k->lock);
	if (t.rights != rights || memcmp(t.hash, hash, sizeof(t.hash)) != 0 ||
	    cx->now >= t.expires_at)
		return false;
	memcpy(t.actor.source, cx->actor.source, sizeof(t.actor.source));
	memcpy(cx->tenant, t.tenant, sizeof(cx->tenant));
	cx->actor = t.actor;
	return true;
}

void
known_keep(struct ctx *cx, const unsigned char hash[32], uint64_t rights, int64_t expires_at)
{
	struct known *k = cx->house->known;
	struct known_token t = { .rights = rights, .expires_at = expires_at, .actor = cx->actor };

	if (k == NULL)
		return;
	memcpy(t.hash, hash, sizeof(t.hash));
	memcpy(t.tenant, cx->tenant, sizeof(t.tenant));
	pthread_mutex_lock(&k->lock);
	k->slot[hash[0] % SLOTS] = t;
	pthread_mutex_unlock(&k->lock);
}
