/*
 * get.c - HTTP GET of one URL: what is pinned, and at most 64 KiB
 */
#include <curl/curl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/outside.h"

DEFINE_AUTO(curlu, CURLU, curl_url_cleanup)
DEFINE_AUTO(curl, CURL, curl_easy_cleanup)
DEFINE_AUTO(slist, struct curl_slist, curl_slist_free_all)

struct get {
	struct job *job;
	const struct target *target;
	struct buf body;
	bool large, other;
};

static int
no_url(struct job *j, const char *why)
{
	err_set(&j->err, R_FETCH_TARGET, NULL, "\"%.200s\" is not asked: %s", j->asked.url, why);
	return err_hint(&j->err, "like http://www.example.com/file");
}

/* Host and port of the URL, as libcurl will read it. */
static int
take_apart(struct job *j, char host[256], uint16_t *port)
{
	AUTO(curlu) CURLU *u = curl_url();
	char *part = NULL;
	size_t n;

	if (u == NULL)
		return err_nomem(&j->err);
	if (curl_url_set(u, CURLUPART_URL, j->asked.url, 0) != CURLUE_OK)
		return no_url(j, "it is no URL");
	if (curl_url_get(u, CURLUPART_SCHEME, &part, 0) != CURLUE_OK || strcmp(part, "http") != 0) {
		curl_free(part);
		return no_url(j, "it is not http://");
	}
	curl_free(part);
	part = NULL;
	if (curl_url_get(u, CURLUPART_USER, &part, 0) == CURLUE_OK) {
		curl_free(part);
		return no_url(j, "it has a user name");
	}
	if (curl_url_get(u, CURLUPART_HOST, &part, 0) != CURLUE_OK)
		return no_url(j, "it has no host");
	n = (size_t)snprintf(
	    host, 256, "%.*s", (int)strcspn(part + (part[0] == '['), "]"), part + (part[0] == '['));
	curl_free(part);
	part = NULL;
	if (n == 0 || n >= 256 ||
	    curl_url_get(u, CURLUPART_PORT, &part, CURLU_DEFAULT_PORT) != CURLUE_OK)
		return no_url(j, "it has no host");
	*port = (uint16_t)strtoul(part, NULL, 10);
	curl_free(part);
	return 0;
}

static size_t
take_body(char *data, size_t one, size_t n, void *arg)
{
	struct get *g = arg;

	if (n > FETCH_BODY_MAX - g->body.len) {
		g->large = true;
		return 0;
	}
	buf_put(&g->body, data, n);
	return n;
}

/* libcurl may connect to what was judged, and to nothing else. */
static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct get *g = arg;

	if (!target_is(g->job, g->target, &to->addr)) {
		g->other = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static CURLcode
perform(struct get *g, uint16_t port, long *status)
{
	AUTO(curl) CURL *c = curl_easy_init();
	AUTO(slist) struct curl_slist *pin = NULL;
	int64_t left = g->job->deadline_ms - clock_monotonic_ms();
	bool six = g->target->addr.ss_family == AF_INET6;
	CURLcode r;
	char to[96];

	if (c == NULL)
		return CURLE_OUT_OF_MEMORY;
	snprintf(
	    to, sizeof(to), "::%s%s%s:%u", six ? "[" : "", g->target->text, six ? "]" : "", port);
	pin = curl_slist_append(NULL, to);
	curl_easy_setopt(c, CURLOPT_URL, g->job->asked.url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(c, CURLOPT_CONNECT_TO, pin);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, g);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, g);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "certwright");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(left > 1 ? left : 1));
	if ((r = curl_easy_perform(c)) == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, status);
	return r;
}

static int
failed(struct get *g, CURLcode r)
{
	struct err *e = &g->job->err;

	if (g->large) {
		err_set(e, R_FETCH_HTTP, NULL, "the answer of %.200s is longer than %d KiB",
		    g->job->asked.url, FETCH_BODY_MAX / 1024);
		return err_hint(e, "no such file is that long: see what is published there");
	}
	if (r == CURLE_OPERATION_TIMEDOUT) {
		err_set(e, R_FETCH_LATE, NULL, "%.200s did not answer within %.1f s",
		    g->job->asked.url, (double)g->job->asked.time_ms / 1000);
		return err_hint(e, "see that the server is up and reached from here");
	}
	err_set(e, r == CURLE_COULDNT_CONNECT ? R_FETCH_CONNECT : R_FETCH_HTTP, NULL,
	    "%.200s gave no answer: %s", g->job->asked.url, curl_easy_strerror(r));
	return err_hint(e, "see that the server is up and reached from here");
}

int
do_http(struct job *j, struct buf *answer)
{
	struct target targets[TARGETS_MAX];
	struct get g = { .job = j };
	CURLcode r = CURLE_COULDNT_CONNECT;
	struct fetch_answer got = { 0 };
	long status = 0;
	char host[256] = "";
	uint16_t port = 0;
	size_t n = 0;

	if (take_apart(j, host, &port) < 0 || resolve(j, host, port, targets, &n) < 0)
		return -1;
	for (size_t i = 0; i < n && r == CURLE_COULDNT_CONNECT; i++) {
		job_stage(j, "asking %.200s", j->asked.url);
		g.target = &targets[i];
		r = perform(&g, port, &status);
	}
	if (r != CURLE_OK || g.other)
		return failed(&g, r);
	got = (struct fetch_answer){ (unsigned)status, { g.body.data, g.body.len } };
	answer_http(answer, &got);
	return 0;
}
