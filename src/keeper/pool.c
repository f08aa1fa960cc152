/*
 * pool.c - RSA keys made ahead, in time that nobody else wants
 */
#include <sys/resource.h>

#include <pthread.h>
#include <sched.h>

#include <openssl/rsa.h>

#include "keeper/pool.h"

#define SIZES 3
#define DEEP  4

static const unsigned bits_of[SIZES] = { 2048, 3072, 4096 };
static const unsigned want[SIZES] = { 4, 2, 4 };

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t wanted, ready;
	bool started;
	EVP_PKEY *key[SIZES][DEEP];
	unsigned have[SIZES];
};

/* The size that lacks most; -1: all are full. Lock held. */
static int
most_wanted(const struct pool *p)
{
	int best = -1;
	unsigned lack = 0;

	for (int i = 0; i < SIZES; i++)
		if (want[i] - p->have[i] > lack) {
			lack = want[i] - p->have[i];
			best = i;
		}
	return best;
}

static void *
fill(void *arg)
{
	struct pool *p = arg;
	struct sched_param none = { 0 };
	EVP_PKEY *key;
	int i;

	pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
	pthread_mutex_lock(&p->lock);
	p->started = true;
	pthread_cond_signal(&p->ready);
	pthread_mutex_unlock(&p->lock);
	for (;;) {
		pthread_mutex_lock(&p->lock);
		while ((i = most_wanted(p)) < 0)
			pthread_cond_wait(&p->wanted, &p->lock);
		pthread_mutex_unlock(&p->lock);
		if ((key = EVP_RSA_gen(bits_of[i])) == NULL)
			return NULL; /* callers make their own */
		pthread_mutex_lock(&p->lock);
		p->key[i][p->have[i]++] = key;
		pthread_mutex_unlock(&p->lock);
	}
}

int
pool_start(struct pool **out, struct err *e)
{
	struct pool *p = calloc(1, sizeof(*p));
	pthread_t thread;

	if (p == NULL)
		return err_nomem(e);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wanted, NULL);
	pthread_cond_init(&p->ready, NULL);
	if (pthread_create(&thread, NULL, fill, p) != 0) {
		free(p);
		return err_errno(e, "start the pool's thread");
	}
	pthread_detach(thread);
	/* its priority is set before the filter closes */
	pthread_mutex_lock(&p->lock);
	while (!p->started)
		pthread_cond_wait(&p->ready, &p->lock);
	pthread_mutex_unlock(&p->lock);
	*out = p;
	return 0;
}

EVP_PKEY *
pool_take(struct pool *p, unsigned bits)
{
	EVP_PKEY *key = NULL;

	if (p == NULL)
		return NULL;
	pthread_mutex_lock(&p->lock);
	for (int i = 0; i < SIZES; i++)
		if (bits_of[i] == bits && p->have[i] > 0) {
			key = p->key[i][--p->have[i]];
			p->key[i][p->have[i]] = NULL;
			pthread_cond_signal(&p->wanted);
		}
	pthread_mutex_unlock(&p->lock);
	return key;
}

void
pool_state(struct pool *p, uint16_t have[3], uint16_t wanted[3])
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	for (int i = 0; i < SIZES; i++) {
		have[i] = (uint16_t)p->have[i];
		wanted[i] = (uint16_t)want[i];
	}
	pthread_mutex_unlock(&p->lock);
}
