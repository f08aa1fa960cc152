/*
 * sources.c - connections counted by where they come from
 */
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "front/sources.h"

#define CHAINS 1024 /* a power of two */

struct source {
	struct source *next;
	uint64_t place;
	size_t n;
	bool refused;
};

struct sources {
	pthread_mutex_t lock;
	size_t most;
	uint64_t seed; /* nobody knows whose are in one chain */
	struct source *chains[CHAINS];
};

struct sources *
sources_new(size_t most)
{
	struct sources *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	pthread_mutex_init(&all->lock, NULL);
	all->most = most;
	random_bytes(&all->seed, sizeof(all->seed));
	all->seed |= 1;
	return all;
}

void
sources_free(struct sources *all)
{
	pthread_mutex_destroy(&all->lock);
	free(all);
}

/* The addresses of IPv4 are where IPv6 has no site. */
static uint64_t
place_of(const struct sockaddr *peer)
{
	const unsigned char *a;
	uint64_t place = 0;

	if (peer->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)peer)->sin_addr.s_addr);
	if (peer->sa_family != AF_INET6)
		return 0;
	a = ((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr.s6_addr;
	for (size_t i = 0; i < 8; i++)
		place = place << 8 | a[i];
	return place;
}

static struct source **
chain_of(struct sources *all, uint64_t place)
{
	uint64_t mixed = (place ^ place >> 29) * all->seed;

	mixed = (mixed ^ mixed >> 32) * all->seed;
	return &all->chains[mixed >> 54 & (CHAINS - 1)];
}

/* Lock held. */
static struct source *
find(struct sources *all, uint64_t place)
{
	struct source **chain = chain_of(all, place), *s = *chain;

	while (s != NULL && s->place != place)
		s = s->next;
	if (s != NULL)
		return s;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		log_error("out of memory for a connection; ending");
		abort();
	}
	s->place = place;
	s->next = *chain;
	return *chain = s;
}

struct source *
sources_take(struct sources *all, const struct sockaddr *peer, bool *first)
{
	struct source *s;

	if (first != NULL)
		*first = false;
	pthread_mutex_lock(&all->lock);
	s = find(all, place_of(peer));
	if (s->n < all->most)
		s->n++;
	else {
		if (first != NULL) {
			*first = !s->refused;
			s->refused = true;
		}
		s = NULL;
	}
	pthread_mutex_unlock(&all->lock);
	return s;
}

struct source *
sources_take_fd(struct sources *all, int fd, bool last)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof(peer);
	char name[64];
	struct source *s;
	bool first = false;

	if (getpeername(fd, (struct sockaddr *)&peer, &len) < 0)
		return NULL;
	s = sources_take(all, (struct sockaddr *)&peer, last ? &first : NULL);
	if (first &&
	    getnameinfo(
		(struct sockaddr *)&peer, len, name, sizeof(name), NULL, 0, NI_NUMERICHOST) == 0)
		log_warn("%s has %zu connections, all that one source may have: more are ended",
		    name, all->most);
	return s;
}

void
sources_give(struct sources *all, struct source *s)
{
	pthread_mutex_lock(&all->lock);
	if (--s->n == 0) {
		struct source **at = chain_of(all, s->place);

		while (*at != s)
			at = &(*at)->next;
		*at = s->next;
		free(s);
	}
	pthread_mutex_unlock(&all->lock);
}
