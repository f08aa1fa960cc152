/*
 * http_conn.c - a connection with TLS: its time, its share, and what comes in on it
 */
#include <sys/socket.h>

#include "base/limits.h"
#include "base/log.h"
#include "front/client.h"
#include "front/http_loop.h"

static int conn_index = -1; /* SSL ex_data: struct conn */

/* Freed with its SSL, exactly when the connection ends. */
static void
conn_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long arg, void *more)
{
	struct conn *c = ptr;
	struct http *h;

	if (c == NULL)
		return;
	h = c->loop->http;
	event_free(c->timer);
	if (c->source != NULL)
		sources_give(h->sources, c->source);
	atomic_fetch_sub(&h->bodies, c->counted);
	if (atomic_fetch_sub(&h->connections, 1) == h->limit)
		for (size_t i = 0; i < h->nloops; i++)
			event_active(h->loops[i].resume, EV_READ, 0);
	free(c);
}

void
conn_prepare(void)
{
	conn_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, conn_free);
}

/* The connection's time is up: both sides see its end, evhttp cleans up. */
static void
conn_expired(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	shutdown(bufferevent_getfd(c->bev), SHUT_RDWR);
}

static void
conn_patience(struct conn *c, size_t bytes)
{
	const struct timeval patience = { CONNECTION_PATIENCE_S + (time_t)(bytes / SLOWEST_READER),
		0 };

	if (c->source != NULL) /* else conn_begins sets it */
		event_add(c->timer, &patience);
}

/* Right after the connection was accepted: not before does it have its socket. */
static void
conn_begins(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval moment = { 0, SOURCES_MOMENT_MS * 1000 };
	struct conn *c = arg;

	c->source = sources_take_fd(c->loop->http->sources, bufferevent_getfd(c->bev), c->waited);
	if (c->source == NULL && !c->waited) {
		c->waited = true;
		event_add(c->timer, &moment);
		return;
	}
	event_assign(c->timer, c->loop->base, -1, 0, conn_expired, c);
	if (c->source == NULL)
		conn_expired(-1, 0, c);
	else
		conn_patience(c, 0);
}

static struct conn *
conn_of(struct bufferevent *bev)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	return ssl == NULL ? NULL : SSL_get_ex_data(ssl, conn_index);
}

/* What came in from this place of the buffer on, before evhttp parses it. */
static void
head_take(struct conn *c, struct evbuffer *in, size_t from)
{
	struct evbuffer_iovec v[64];
	struct evbuffer_ptr at;
	int n;

	if (from >= evbuffer_get_length(in) ||
	    evbuffer_ptr_set(in, &at, from, EVBUFFER_PTR_SET) < 0)
		return;
	n = evbuffer_peek(in, -1, &at, v, nitems(v));
	if (n > (int)nitems(v)) {
		c->head.bad = true; /* no head comes in so many pieces */
		return;
	}
	for (int i = 0; i < n; i++)
		filter_head(&c->head, v[i].iov_base, v[i].iov_len);
}

/*
 * Large bodies that come slowly would fill the memory before anybody is asked
 * who sends them. Short ones, which are most, always find their place.
 */
static void
body_take(struct conn *c, size_t n)
{
	struct http *h = c->loop->http;
	size_t more;

	c->received += n;
	if (c->received <= LIMIT_CSR + c->counted)
		return;
	more = c->received - LIMIT_CSR - c->counted;
	c->counted += more;
	if (atomic_fetch_add(&h->bodies, more) + more > LIMIT_BODIES)
		conn_expired(-1, 0, c);
}

static void
bytes_come(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;

	if (info->n_added == 0)
		return;
	if (c->head.ended)
		body_take(c, info->n_added);
	else
		head_take(c, in, info->orig_size - info->n_deleted);
}

bool
conn_asked(struct bufferevent *bev)
{
	struct conn *c = conn_of(bev);

	if (c == NULL)
		return true;
	conn_patience(c, 0);
	return !c->head.bad;
}

bool
conn_outlived(struct bufferevent *bev)
{
	const struct conn *c = conn_of(bev);

	return c != NULL && client_is_due(c->loop->cx, c->listener, c->generation);
}

void
conn_answered(struct bufferevent *bev, size_t bytes)
{
	struct conn *c = conn_of(bev);

	if (c == NULL)
		return;
	conn_patience(c, bytes);
	atomic_fetch_sub(&c->loop->http->bodies, c->counted);
	c->received = c->counted = 0;
	c->head = (struct filter_head){ 0 };
	head_take(c, bufferevent_get_input(bev), 0); /* what was sent ahead */
}

/* Never NULL: evhttp would then speak plain HTTP on the TLS port. */
struct bufferevent *
conn_accept(struct event_base *base, void *arg)
{
	const struct entry *entry = arg;
	struct loop *loop = entry->loop;
	struct http *h = loop->http;
	SSL *ssl = tls_accept(h->tls);
	struct conn *c = calloc(1, sizeof(*c));
	struct bufferevent *bev;

	if (ssl == NULL || c == NULL ||
	    (bev = bufferevent_openssl_socket_new(
		 base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)) == NULL) {
		log_error("out of memory for a connection; ending");
		abort();
	}
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	c->loop = loop;
	c->listener = entry->listener;
	client_prepare(ssl, loop->cx, entry->listener, &c->generation);
	c->bev = bev;
	c->timer = event_new(base, -1, 0, conn_begins, c);
	if (c->timer == NULL || evbuffer_add_cb(bufferevent_get_input(bev), bytes_come, c) == NULL)
		abort();
	SSL_set_ex_data(ssl, conn_index, c);
	event_active(c->timer, EV_TIMEOUT, 0);
	if (atomic_fetch_add(&h->connections, 1) + 1 >= h->limit)
		for (size_t i = 0; i < loop->nlisteners; i++)
			evconnlistener_disable(loop->listeners[i]);
	return bev;
}
