/*
 * http_request.c - a request out of libevent, an answer back into it
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#include "base/limits.h"
#include "front/http_loop.h"
#include "front/pki.h"

#define MISDIRECTED 421 /* RFC 9110 15.5.20: to be asked over another connection */

static const char *
method_of(struct evhttp_request *req)
{
	switch (evhttp_request_get_command(req)) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_HEAD:
		return "HEAD";
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_PUT:
		return "PUT";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	default:
		return "?";
	}
}

static void
send_answer(struct evhttp_request *req, int status, const char *type)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(req);
	struct evbuffer *body = evhttp_request_get_output_buffer(req);
	struct evhttp_connection *conn = evhttp_request_get_connection(req);
	char text[24];
	size_t length;

	if (type != NULL)
		evhttp_add_header(out, "Content-Type", type);
	if (status == 400 || status == 413 || status == MISDIRECTED)
		evhttp_add_header(out, "Connection", "close");
	length = evbuffer_get_length(body);
	if (evhttp_request_get_command(req) == EVHTTP_REQ_HEAD && length > 0) {
		/* evhttp would send it after all */
		snprintf(text, sizeof(text), "%zu", length);
		evhttp_add_header(out, "Content-Length", text);
		evbuffer_drain(body, length);
	}
	if (conn != NULL)
		conn_answered(evhttp_connection_get_bufferevent(conn), length);
	evhttp_send_reply(req, status, NULL, NULL);
}

static void
refuse(struct evhttp_request *req, int status, const char *title, const struct err *e)
{
	struct evbuffer *out = evhttp_request_get_output_buffer(req);

	evbuffer_add_printf(out,
	    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,"
	    "\"detail\":\"%s\",\"id\":\"%s\"}\n",
	    title, status, e->message, refusal_id(e->refusal));
	evhttp_add_header(
	    evhttp_request_get_output_headers(req), "X-Content-Type-Options", "nosniff");
	send_answer(req, status, "application/problem+json");
}

/* Static files go out from the loop itself. */
static bool
send_static(struct http *h, struct evhttp_request *req, const struct job *j)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(req);
	const struct asset *a;
	const char *known;

	if (strncmp(j->target, "/static/", 8) != 0 ||
	    (strcmp(j->method, "GET") != 0 && strcmp(j->method, "HEAD") != 0) ||
	    (a = assets_find(h->assets, j->target, strcspn(j->target, "?"))) == NULL)
		return false;
	evhttp_add_header(out, "ETag", a->etag);
	evhttp_add_header(out, "Cache-Control", "public, max-age=3600");
	evhttp_add_header(out, "X-Content-Type-Options", "nosniff");
	known = job_header(j, "If-None-Match");
	if (known != NULL && strcmp(known, a->etag) == 0) {
		send_answer(req, 304, NULL);
		return true;
	}
	evbuffer_add_reference(evhttp_request_get_output_buffer(req), a->data, a->len, NULL, NULL);
	send_answer(req, 200, a->type);
	return true;
}

/* Headers as they are, strictly; the rest of the work is the worker's. */
static int
take_headers(struct job *j, struct evhttp_request *req, struct err *e)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(req);
	struct evkeyvalq *in = evhttp_request_get_input_headers(req);
	struct evkeyval *h;
	size_t n = 0;

	if (conn != NULL && !conn_asked(evhttp_connection_get_bufferevent(conn)))
		return err_set(e, R_HTTP_HEADERS, NULL,
		    "the request is malformed: its lines are not what they seem");
	for (h = in->tqh_first; h != NULL; h = h->next.tqe_next)
		n++;
	if (n > LIMIT_HEADERS)
		return err_set(
		    e, R_HTTP_HEADERS, NULL, "the request has more than %d headers", LIMIT_HEADERS);
	j->headers = arena_new_array(j->arena, n + 1, struct header);
	for (h = in->tqh_first; h != NULL; h = h->next.tqe_next)
		j->headers[j->nheaders++] = (struct header){ arena_strdup(j->arena, h->key),
			arena_strdup(j->arena, h->value) };
	return filter_headers(j->method, j->headers, j->nheaders,
	    evbuffer_get_length(evhttp_request_get_input_buffer(req)) > 0, e);
}

static void
take_body(struct job *j, struct evhttp_request *req)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(req);

	j->body_len = evbuffer_get_length(in);
	if (j->body_len == 0)
		return;
	if ((j->body = malloc(j->body_len)) == NULL)
		abort();
	evbuffer_remove(in, j->body, j->body_len);
}

static void
take(struct loop *loop, struct evhttp_request *req, struct job *j)
{
	struct err e = { 0 };

	j->method = method_of(req);
	j->target = arena_strdup(j->arena, evhttp_request_get_uri(req));
	j->loop = loop;
	j->request = req;
	if (take_headers(j, req, &e) < 0) {
		refuse(req, 400, "Invalid input", &e);
		job_free(j);
		return;
	}
	if (!j->plain && send_static(loop->http, req, j)) {
		job_free(j);
		return;
	}
	take_body(j, req);
	if (j->plain && pki_cached(j)) {
		request_answer(j);
		job_free(j);
		return;
	}
	workers_give(loop->http->workers, j);
}

static struct job *
remote_job(struct evhttp_request *req, int listener)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(req);
	struct job *j = job_new();
	char *address = NULL;
	ev_uint16_t port;

	if (conn != NULL)
		evhttp_connection_get_peer(conn, &address, &port);
	snprintf(j->source, sizeof(j->source), "%s", address == NULL ? "?" : address);
	j->listener = listener;
	return j;
}

void
request_take(struct evhttp_request *req, void *arg)
{
	const struct entry *entry = arg;
	struct evhttp_connection *conn = evhttp_request_get_connection(req);
	struct err e = { 0 };

	if (conn != NULL && conn_outlived(evhttp_connection_get_bufferevent(conn))) {
		err_set(&e, R_CLIENT_DUE, NULL,
		    "this address takes nobody without a client certificate now: connect again");
		refuse(req, MISDIRECTED, err_kind_title(e.kind), &e);
		return;
	}
	take(entry->loop, req, remote_job(req, entry->listener));
}

void
request_take_plain(struct evhttp_request *req, void *arg)
{
	struct job *j = remote_job(req, -1);

	j->plain = true;
	take(arg, req, j);
}

/* Over the Unix socket: who is at the other end decides. */
void
request_take_local(struct evhttp_request *req, void *arg)
{
	struct loop *loop = arg;
	struct evhttp_connection *conn = evhttp_request_get_connection(req);
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(peer);
	struct job *j = job_new();

	if (conn != NULL &&
	    getsockopt(bufferevent_getfd(evhttp_connection_get_bufferevent(conn)), SOL_SOCKET,
		SO_PEERCRED, &peer, &len) == 0)
		j->local = peer.uid == 0 || peer.uid == loop->http->own_uid;
	snprintf(j->source, sizeof(j->source), "local");
	j->listener = -1;
	take(loop, req, j);
}

void
request_answer(struct job *j)
{
	struct evhttp_request *req = j->request;
	struct evkeyvalq *out = evhttp_request_get_output_headers(req);

	for (size_t i = 0; i < j->nextra; i++)
		evhttp_add_header(out, j->extra[i].name, j->extra[i].value);
	evbuffer_add(evhttp_request_get_output_buffer(req), j->out.data, j->out.len);
	send_answer(req, j->status == 0 ? 500 : j->status, j->out.len == 0 ? NULL : j->type);
}
