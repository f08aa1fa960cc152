/*
 * http.c - the loops: TLS and HTTP
 *
 * libevent is seen in this file and its parts (http_*.c) only. Each loop is a thread
 * with its own event base; all accept on the same sockets. A handshake's
 * signature waits for the loop's own keeper thread.
 */
#include <sys/resource.h>

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/place.h"
#include "base/wipe.h"
#include "front/http_loop.h"
#include "keys/keys.h"

#define RESERVE 1024 /* descriptors for databases, keeper, readers */

static void *
ssl_malloc(size_t n, const char *file, int line)
{
	return wipe_malloc(n);
}
static void *
ssl_realloc(void *p, size_t n, const char *file, int line)
{
	return wipe_realloc(p, n);
}
static void
ssl_free(void *p, const char *file, int line)
{
	wipe_free(p);
}

void
http_memory(void)
{
	uint32_t seed;

	CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free);
	event_set_mem_functions(wipe_malloc, wipe_realloc, wipe_free);
	json_set_alloc_funcs(wipe_malloc, wipe_free);
	/* behind the sandbox jansson would find no randomness and take the time */
	random_bytes(&seed, sizeof(seed));
	json_object_seed(seed | 1);
}

/* There is room again, whichever loop made it: each accepts anew. */
static void
resume_comes(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	struct http *h = loop->http;

	if (h->stopping)
		return;
	for (size_t i = 0; h->connections < h->limit && i < loop->nlisteners; i++)
		evconnlistener_enable(loop->listeners[i]);
	for (size_t i = 0; h->plain < h->plain_limit && i < loop->nplain_listeners; i++)
		evconnlistener_enable(loop->plain_listeners[i]);
}

static struct evhttp *
evhttp_make(struct loop *loop)
{
	struct evhttp *e = evhttp_new(loop->base);

	if (e == NULL)
		return NULL;
	evhttp_set_max_headers_size(e, LIMIT_HEADER_BYTES);
	evhttp_set_max_body_size(e, LIMIT_BODY);
	evhttp_set_timeout(e, CONNECTION_PATIENCE_S);
	evhttp_set_allowed_methods(e,
	    EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
		EVHTTP_REQ_DELETE);
	evhttp_set_default_content_type(e, NULL);
	return e;
}

/* Everything that workers finished since. */
static void
answers_come(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	struct job *j, *next;

	pthread_mutex_lock(&loop->lock);
	j = loop->done;
	loop->done = NULL;
	pthread_mutex_unlock(&loop->lock);
	for (; j != NULL; j = next) {
		next = j->next;
		request_answer(j);
		job_free(j);
	}
}

void
http_done(struct job *j)
{
	struct loop *loop = j->loop;
	bool first;

	pthread_mutex_lock(&loop->lock);
	first = loop->done == NULL;
	j->next = loop->done;
	loop->done = j;
	pthread_mutex_unlock(&loop->lock);
	if (first)
		event_active(loop->answers, EV_READ, 0);
}

static void
stop_comes(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;

	for (size_t i = 0; i < loop->nlisteners; i++)
		evconnlistener_disable(loop->listeners[i]);
	for (size_t i = 0; i < loop->nplain_listeners; i++)
		evconnlistener_disable(loop->plain_listeners[i]);
}

/* NULL: it could not be made */
static struct evconnlistener *
loop_listen(struct loop *loop, struct evhttp *e, int fd)
{
	struct evconnlistener *l = evconnlistener_new(
	    loop->base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC, 0, fd);

	if (l == NULL || evhttp_bind_listener(e, l) == NULL)
		return NULL;
	return l;
}

/*
 * Interest in a descriptor changes several times a request; only what it is
 * when the loop waits goes to the kernel (no descriptor of ours is a dup).
 */
static struct event_base *
base_new(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base;

	if (c == NULL || event_config_set_flag(c, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) < 0)
		return NULL;
	base = event_base_new_with_config(c);
	event_config_free(c);
	return base;
}

static int
plain_init(struct loop *loop, const struct http_options *o)
{
	if ((loop->plain = evhttp_make(loop)) == NULL)
		return -1;
	evhttp_set_max_body_size(loop->plain, LIMIT_OCSP);
	evhttp_set_bevcb(loop->plain, plain_accept, loop);
	evhttp_set_gencb(loop->plain, request_take_plain, loop);
	for (size_t n = 0; n < o->nplain; n++)
		if ((loop->plain_listeners[loop->nplain_listeners++] = loop_listen(
			 loop, loop->plain, o->plain[n])) == NULL)
			return -1;
	return 0;
}

/* Each listener has an evhttp of its own, so that a request says where it came in. */
static int
tls_init(struct loop *loop, const struct http_options *o)
{
	for (size_t n = 0; n < o->nlisteners; n++) {
		struct entry *entry = &loop->entries[n];
		struct evhttp *e = evhttp_make(loop);

		if (e == NULL)
			return -1;
		*entry = (struct entry){ loop, (int)n };
		evhttp_set_gencb(e, request_take, entry);
		evhttp_set_bevcb(e, conn_accept, entry);
		if ((loop->listeners[loop->nlisteners++] = loop_listen(loop, e, o->listeners[n])) ==
		    NULL)
			return -1;
	}
	return 0;
}

static int
loop_init(struct http *h, struct loop *loop, const struct http_options *o, size_t i)
{
	loop->http = h;
	loop->keeper = keeper_attach(o->keeper_fds[i]);
	loop->cx = o->contexts == NULL ? NULL : o->contexts[i];
	pthread_mutex_init(&loop->lock, NULL);
	if ((loop->base = base_new()) == NULL ||
	    (loop->answers = event_new(loop->base, -1, EV_PERSIST, answers_come, loop)) == NULL ||
	    (loop->stop = event_new(loop->base, -1, EV_PERSIST, stop_comes, loop)) == NULL ||
	    (loop->resume = event_new(loop->base, -1, EV_PERSIST, resume_comes, loop)) == NULL)
		return -1;
	if (tls_init(loop, o) < 0)
		return -1;
	if (o->nplain > 0 && plain_init(loop, o) < 0)
		return -1;
	if (i == 0 && o->unix_listener >= 0) {
		if ((loop->local = evhttp_make(loop)) == NULL ||
		    (loop->listeners[loop->nlisteners++] = loop_listen(
			 loop, loop->local, o->unix_listener)) == NULL)
			return -1;
		evhttp_set_gencb(loop->local, request_take_local, loop);
	}
	return 0;
}

void
http_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

/* As many as there are descriptors for; a part is left to the rest of us. */
static void
connections_limit(struct http *h, bool plain)
{
	size_t reserve = RESERVE + (plain ? LIMIT_PLAIN : 0);
	struct rlimit l;

	h->limit = LIMIT_CONNECTIONS;
	h->plain_limit = LIMIT_PLAIN;
	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= LIMIT_CONNECTIONS + reserve)
		return;
	log_warn("only %lu open files are allowed: fewer connections are taken",
	    (unsigned long)l.rlim_cur);
	h->limit = l.rlim_cur > 2 * reserve ? l.rlim_cur - reserve : l.rlim_cur / 2;
	if (l.rlim_cur <= 2 * reserve)
		h->plain_limit = l.rlim_cur / 4;
}

/* The share of a source is what it is of the numbers in base/limits.h. */
static int
sources_limit(struct http *h)
{
	h->sources = sources_new(h->limit * LIMIT_SOURCE / LIMIT_CONNECTIONS);
	h->plain_sources = sources_new(h->plain_limit * LIMIT_PLAIN_SOURCE / LIMIT_PLAIN);
	return h->sources == NULL || h->plain_sources == NULL ? -1 : 0;
}

int
http_new(struct http **out, const struct http_options *o, struct err *e)
{
	struct http *h = calloc(1, sizeof(*h));

	*out = h;
	if (h == NULL || evthread_use_pthreads() < 0 ||
	    (h->loops = calloc(o->loops, sizeof(*h->loops))) == NULL)
		return err_nomem(e);
	conn_prepare();
	h->nloops = o->loops;
	h->tls = o->tls;
	h->assets = o->assets;
	h->own_uid = o->own_uid;
	connections_limit(h, o->nplain > 0);
	if (sources_limit(h) < 0)
		return err_nomem(e);
	for (size_t i = 0; i < o->loops; i++)
		if (loop_init(h, &h->loops[i], o, i) < 0)
			return err_set(e, R_INTERNAL, NULL, "could not make the HTTP loops");
	return 0;
}

static void *
loop_run(void *arg)
{
	struct loop *loop = arg;

	keys_thread(loop->keeper);
	event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
	log_error("an HTTP loop ended; ending");
	_exit(1);
}

int
http_start(struct http *h, struct workers *workers, struct err *e)
{
	pthread_attr_t attr;
	pthread_t thread;

	h->workers = workers;
	pthread_attr_init(&attr);
	for (size_t i = 0; i < h->nloops; i++) {
		place_nth(&attr, i);
		if ((errno = pthread_create(&thread, &attr, loop_run, &h->loops[i])) != 0)
			return err_errno(e, "start an HTTP loop");
		pthread_detach(thread);
	}
	pthread_attr_destroy(&attr);
	return 0;
}

void
http_stop_accepting(struct http *h)
{
	h->stopping = true;
	for (size_t i = 0; i < h->nloops; i++)
		event_active(h->loops[i].stop, EV_READ, 0);
}

size_t
http_connections(const struct http *h)
{
	return h->connections;
}
