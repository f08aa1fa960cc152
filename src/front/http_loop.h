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

#include "front/http.h"

#define CONNECTION_PATIENCE_S	30	/* a handshake, a request, or idle between */

struct http;

struct loop {
	struct http	*http;
	struct event_base *base;
	struct evhttp	*local;
	struct evconnlistener *listeners[20];
	size_t		 nlisteners;
	struct event	*answers, *stop;
	struct keeper	*keeper;
	pthread_mutex_t	 lock;
	struct job	*done;
};

struct conn {
	struct loop	*loop;
	struct bufferevent *bev;
	struct event	*timer;
};

struct http {
	struct loop	*loops;
	size_t		 nloops;
	struct tls_slot	*tls;
	const struct assets *assets;
	struct workers	*workers;
	unsigned	 own_uid;
	atomic_size_t	 connections;
	atomic_bool	 stopping;
};

/* http.c: the connection's time starts anew. */
void	conn_patience(struct bufferevent *);
/* http_request.c */
void	request_take(struct evhttp_request *, void *loop);
void	request_take_local(struct evhttp_request *, void *loop);
void	request_answer(struct job *);
