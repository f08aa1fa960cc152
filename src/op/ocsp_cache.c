/*
 * ocsp_cache.c - signed OCSP answers, to be given again
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "op/ocsp_cache.h"
#include "op/op_pki.h"

struct slot {
	char ca[ID_SIZE], serial[42];
	int64_t until;
	size_t request_len, answer_len;
	unsigned char data[]; /* request, answer */
};

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct slot *slots[OCSP_CACHE_SLOTS];
static uint64_t drops, seed;

static void
make_seed(void)
{
	random_bytes(&seed, sizeof(seed));
}

/* Nobody can aim at a slot; whoever falls into it replaces what was there. */
static size_t
place(const char *ca, const unsigned char *p, size_t n)
{
	uint64_t h;

	pthread_once(&once, make_seed);
	h = seed ^ 0xcbf29ce484222325;
	for (; *ca != '\0'; ca++)
		h = (h ^ (unsigned char)*ca) * 0x100000001b3;
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	return (h ^ h >> 29) % OCSP_CACHE_SLOTS;
}

static bool
is_of(const struct slot *s, const char *ca, const void *request, size_t len)
{
	return s != NULL && s->request_len == len && strcmp(s->ca, ca) == 0 &&
	    memcmp(s->data, request, len) == 0;
}

bool
ocsp_cache_find(const char *ca, const void *request, size_t len, int64_t now, struct buf *out)
{
	size_t at = place(ca, request, len);
	const struct slot *s;
	bool found;

	pthread_rwlock_rdlock(&lock);
	s = slots[at];
	found = is_of(s, ca, request, len) && now < s->until && now >= s->until - OCSP_FRESH;
	if (found) {
		buf_reset(out);
		buf_put(out, s->data + s->request_len, s->answer_len);
	}
	pthread_rwlock_unlock(&lock);
	return found;
}

uint64_t
ocsp_cache_begin(void)
{
	uint64_t n;

	pthread_rwlock_rdlock(&lock);
	n = drops;
	pthread_rwlock_unlock(&lock);
	return n;
}

void
ocsp_cache_put(uint64_t begun, const char *ca, const void *request, size_t len, const char *serial,
    const struct buf *answer, int64_t until)
{
	size_t at = place(ca, request, len);
	struct slot *s = malloc(sizeof(*s) + len + answer->len), *old = s;

	if (s == NULL)
		return;
	snprintf(s->ca, sizeof(s->ca), "%s", ca);
	snprintf(s->serial, sizeof(s->serial), "%s", serial);
	s->until = until;
	s->request_len = len;
	s->answer_len = answer->len;
	memcpy(s->data, request, len);
	memcpy(s->data + len, answer->data, answer->len);
	pthread_rwlock_wrlock(&lock);
	if (begun == drops) {
		old = slots[at];
		slots[at] = s;
	}
	pthread_rwlock_unlock(&lock);
	free(old);
}

void
ocsp_cache_drop(const char *ca, const char *serial)
{
	pthread_rwlock_wrlock(&lock);
	drops++;
	for (size_t i = 0; i < OCSP_CACHE_SLOTS; i++) {
		struct slot *s = slots[i];

		if (s == NULL || strcmp(s->serial, serial) != 0 || strcmp(s->ca, ca) != 0)
			continue;
		slots[i] = NULL;
		free(s);
	}
	pthread_rwlock_unlock(&lock);
}
