/*
 * http_loop.h - inside of the HTTP loops
 */
#pragma once

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <event2/thread.h>

#include <stdatomic.h>

#include "base/config.h"
#include "front/http.h"
#include "front/sources.h"

/*
 * A connection's time: one deadline, set when it starts, when a request is
 * whole, and when its answer goes out. Nothing that trickles in moves it.
 */
#define CONNECTION_PATIENCE_S	30
#define PLAIN_PATIENCE_S	15		/* http_plain.c */
#define SLOWEST_READER		(16 * 1024)	/* bytes in a second, of an answer */

struct http;

/* A listener with TLS, as a loop has it. */
struct entry {
	struct loop	*loop;
	int		 listener;	/* its place in the option listen */
};

struct loop {
	struct http	*http;
	struct entry	 entries[LISTEN_MAX];
	struct event_base *base;
	struct evhttp	*local, *plain;
	struct evconnlistener *listeners[LISTEN_MAX + 1], *plain_listeners[LISTEN_MAX];
	size_t		 nlisteners, nplain_listeners;
	struct event	*answers, *stop, *resume;
	struct keeper	*keeper;
	struct ctx	*cx;		/* client.h; or NULL */
	pthread_mutex_t	 lock;
	struct job	*done;
};

struct conn {
	struct loop	*loop;
	int		 listener;
	unsigned	 generation;	/* client.h */
	struct bufferevent *bev;
	struct event	*timer;
	struct source	*source;	/* NULL: not asked yet, or it has its share */
	bool		 waited;	/* SOURCES_MOMENT_MS */
	struct filter_head head;	/* of the request that comes in */
	size_t		 received;	/* bytes behind that head */
	size_t		 counted;	/* of these, in http->bodies */
};

struct http {
	struct loop	*loops;
	size_t		 nloops;
	struct tls_slot	*tls;
	const struct assets *assets;
	struct workers	*workers;
	unsigned	 own_uid;
	atomic_size_t	 connections;
	size_t		 limit;		/* of connections */
	struct sources	*sources;	/* of connections, and of those without TLS */
	struct sources	*plain_sources;
	atomic_size_t	 plain;		/* connections without TLS: a few of their own */
	size_t		 plain_limit;
	atomic_size_t	 bodies;	/* LIMIT_BODIES */
	atomic_bool	 stopping;
};

/* http_conn.c; nothing happens on the Unix socket, whose other side is ours. */
/* Once, before the first connection. */
void	conn_prepare(void);
/* For evhttp_set_bevcb of the listeners with TLS. */
struct bufferevent *conn_accept(struct event_base *, void *entry);
/* A request is whole; false: its head was not written as it should be. */
bool	conn_asked(struct bufferevent *);
/* It came before its listener took nobody without a certificate of his. */
bool	conn_outlived(struct bufferevent *);
/* Its answer of so many bytes goes out; the next request may follow. */
void	conn_answered(struct bufferevent *, size_t bytes);
/* http_plain.c; for evhttp_set_bevcb of the listeners without TLS */
struct bufferevent *plain_accept(struct event_base *, void *loop);
/* http_request.c */
void	request_take(struct evhttp_request *, void *entry);
void	request_take_local(struct evhttp_request *, void *loop);
void	request_take_plain(struct evhttp_request *, void *loop);
void	request_answer(struct job *);
