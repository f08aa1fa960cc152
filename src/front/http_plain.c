/*
 * http_plain.c - connections without TLS: CRLs, OCSP, certificates
 *
 * Anybody may come, so they are counted apart: when all are taken, what comes
 * over TLS does not notice. Small questions and small answers: nobody holds such
 * a connection for long. In each PLAIN_PATIENCE_S an answer goes out, or the
 * connection ends; a long answer goes out with SLOWEST_READER at least.
 */
#include <sys/socket.h>

#include "base/log.h"
#include "front/http_loop.h"

struct plain {
	struct loop *loop;
	struct bufferevent *bev;
	struct evhttp_connection *conn; /* NULL: evhttp has not made it yet */
	struct evbuffer_cb_entry *counter;
	struct event *timer;
	struct source *source; /* NULL: it has none yet */
	bool waited;	       /* SOURCES_MOMENT_MS */
	size_t sent;	       /* since the timer was set */
};

static const struct timeval patience = { PLAIN_PATIENCE_S, 0 };

static void
bytes_go(struct evbuffer *out, const struct evbuffer_cb_info *info, void *arg)
{
	struct plain *c = arg;

	c->sent += info->n_deleted;
}

static void
plain_free(struct plain *c)
{
	struct http *h = c->loop->http;

	evbuffer_remove_cb_entry(bufferevent_get_output(c->bev), c->counter);
	event_free(c->timer);
	if (c->source != NULL)
		sources_give(h->plain_sources, c->source);
	if (atomic_fetch_sub(&h->plain, 1) == h->plain_limit)
		for (size_t i = 0; i < h->nloops; i++)
			event_active(h->loops[i].resume, EV_READ, 0);
	free(c);
}

static void
plain_ends(struct evhttp_connection *conn, void *arg)
{
	plain_free(arg);
}

/* One of its source's, if that has not its share already. */
static void
join(struct plain *c)
{
	static const struct timeval moment = { 0, SOURCES_MOMENT_MS * 1000 };
	int fd = bufferevent_getfd(c->bev);

	c->source = sources_take_fd(c->loop->http->plain_sources, fd, c->waited);
	if (c->source != NULL)
		event_add(c->timer, &patience);
	else if (!c->waited) {
		c->waited = true;
		event_add(c->timer, &moment);
	} else
		shutdown(fd, SHUT_RDWR);
}

/* evhttp tells when it ends a connection, but not when it has made one: it is
 * what the callbacks of its bufferevent are given. */
static void
begin(struct plain *c)
{
	struct bufferevent *bev = c->bev;
	void *conn = NULL;

	bufferevent_getcb(bev, NULL, NULL, NULL, &conn);
	if (conn != NULL) {
		c->conn = conn;
		evhttp_connection_set_closecb(c->conn, plain_ends, c);
		join(c);
	} else
		plain_free(c);
	bufferevent_decref(bev);
}

static void
look(evutil_socket_t fd, short what, void *arg)
{
	struct plain *c = arg;
	bool more = evbuffer_get_length(bufferevent_get_output(c->bev)) > 0;

	if (c->conn == NULL) {
		begin(c);
		return;
	}
	if (c->source == NULL) {
		join(c);
		return;
	}
	if (c->sent < (more ? (size_t)PLAIN_PATIENCE_S * SLOWEST_READER : 1)) {
		shutdown(bufferevent_getfd(c->bev), SHUT_RDWR);
		return;
	}
	c->sent = 0;
	event_add(c->timer, &patience);
}

struct bufferevent *
plain_accept(struct event_base *base, void *arg)
{
	struct loop *loop = arg;
	struct http *h = loop->http;
	struct plain *c = calloc(1, sizeof(*c));

	if (c == NULL ||
	    (c->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE)) == NULL ||
	    (c->counter = evbuffer_add_cb(bufferevent_get_output(c->bev), bytes_go, c)) == NULL ||
	    (c->timer = event_new(base, -1, 0, look, c)) == NULL) {
		log_error("out of memory for a connection; ending");
		abort();
	}
	c->loop = loop;
	bufferevent_incref(c->bev); /* until begin() */
	event_active(c->timer, EV_TIMEOUT, 0);
	if (atomic_fetch_add(&h->plain, 1) + 1 >= h->plain_limit)
		for (size_t i = 0; i < loop->nplain_listeners; i++)
			evconnlistener_disable(loop->plain_listeners[i]);
	return c->bev;
}
