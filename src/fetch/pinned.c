/*
 * pinned.c - libcurl, held to one address that was judged
 */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/pinned.h"

DEFINE_AUTO(curlu, CURLU, curl_url_cleanup)

static int
no_url(struct job *j, const char *scheme, const char *why)
{
	err_set(&j->err, R_FETCH_TARGET, NULL, "\"%.200s\" is not asked: %s", j->asked.url, why);
	return err_hint(&j->err, "like %s://www.example.com/file", scheme);
}

int
pinned_url(struct job *j, const char *scheme, char host[256], uint16_t *port)
{
	AUTO(curlu) CURLU *u = curl_url();
	char *part = NULL;
	size_t n;

	if (u == NULL)
		return err_nomem(&j->err);
	if (curl_url_set(u, CURLUPART_URL, j->asked.url, 0) != CURLUE_OK)
		return no_url(j, scheme, "it is no URL");
	if (curl_url_get(u, CURLUPART_SCHEME, &part, 0) != CURLUE_OK || strcmp(part, scheme) != 0) {
		curl_free(part);
		return no_url(j, scheme, "it is of another scheme");
	}
	curl_free(part);
	part = NULL;
	if (curl_url_get(u, CURLUPART_USER, &part, 0) == CURLUE_OK) {
		curl_free(part);
		return no_url(j, scheme, "it has a user name");
	}
	if (curl_url_get(u, CURLUPART_HOST, &part, 0) != CURLUE_OK)
		return no_url(j, scheme, "it has no host");
	n = (size_t)snprintf(
	    host, 256, "%.*s", (int)strcspn(part + (part[0] == '['), "]"), part + (part[0] == '['));
	curl_free(part);
	part = NULL;
	if (n == 0 || n >= 256 ||
	    curl_url_get(u, CURLUPART_PORT, &part, CURLU_DEFAULT_PORT) != CURLUE_OK)
		return no_url(j, scheme, "it has no host");
	*port = (uint16_t)strtoul(part, NULL, 10);
	curl_free(part);
	return 0;
}

/* libcurl may connect to what was judged, and to nothing else. */
static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct pinned *p = arg;

	if (!target_is(p->job, p->target, &to->addr)) {
		p->other = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

CURL *
pinned_open(struct pinned *p, const char *protocol, uint16_t port)
{
	int64_t left = p->job->deadline_ms - clock_monotonic_ms();
	bool six = p->target->addr.ss_family == AF_INET6;
	CURL *c = curl_easy_init();
	char to[96];

	if (c == NULL)
		return NULL;
	snprintf(
	    to, sizeof(to), "::%s%s%s:%u", six ? "[" : "", p->target->text, six ? "]" : "", port);
	p->list = curl_slist_append(p->list, to);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocol);
	curl_easy_setopt(c, CURLOPT_CONNECT_TO, p->list);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, p);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	left = left > 1 ? left : 1;
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)left);
	left /= (int64_t)p->others + 1;
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)(left > 1 ? left : 1));
	return c;
}

CURLcode
pinned_perform(struct pinned *p, CURL *c)
{
	CURLcode r = curl_easy_perform(c);
	curl_off_t connected = 0;

	if (r == CURLE_OPERATION_TIMEDOUT && p->others > 0 &&
	    curl_easy_getinfo(c, CURLINFO_CONNECT_TIME_T, &connected) == CURLE_OK && connected == 0)
		return CURLE_COULDNT_CONNECT;
	return r;
}

void
pinned_verify(CURL *c, const struct job *j)
{
	bool own = j->asked.ca.len > 0;
	struct curl_blob cas = { .data = own ? (void *)(uintptr_t)j->asked.ca.data
					     : (void *)j->outside->trusted.data,
		.len = own ? j->asked.ca.len : j->outside->trusted.len,
		.flags = CURL_BLOB_NOCOPY };

	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(c, CURLOPT_CAINFO, NULL);
	if (cas.len > 0)
		curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &cas);
}
