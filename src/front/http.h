/*
 * http.h - the loops: TLS and HTTP, nothing of what the product does
 */
#pragma once

#include "front/assets.h"
#include "front/tls.h"
#include "front/worker.h"

struct http;

struct http_options {
	const int	*listeners;	/* bound and listening TCP sockets */
	size_t		 nlisteners;
	const int	*plain;		/* the same, without TLS: pki.h */
	size_t		 nplain;
	int		 unix_listener;
	unsigned	 own_uid;	/* besides root: who is local */
	size_t		 loops;
	const int	*keeper_fds;	/* one for each loop: handshakes */
	struct ctx	**contexts;	/* the same: client certificates; NULL: none is wanted */
	struct tls_slot	*tls;
	const struct assets *assets;
};

void	http_memory(void);		/* first of all: allocators that wipe */
/* As many open files as we may have: LIMIT_CONNECTIONS want more than 1024. */
void	http_descriptors(void);
int	http_new(struct http **, const struct http_options *, struct err *);
void	http_done(struct job *);	/* a worker's answer goes back to its loop */
int	http_start(struct http *, struct workers *, struct err *);	/* threads */
void	http_stop_accepting(struct http *);
size_t	http_connections(const struct http *);
