/*
 * get.c - HTTP GET of one URL: what is pinned, and at most 64 KiB
 */
#include "fetch/pinned.h"

struct get {
	struct pinned to;
	struct buf body;
	bool large;
};

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

static CURLcode
perform(struct get *g, uint16_t port, long *status)
{
	AUTO(curl) CURL *c = pinned_open(&g->to, "http", port);
	CURLcode r;

	if (c == NULL)
		return CURLE_OUT_OF_MEMORY;
	curl_easy_setopt(c, CURLOPT_URL, g->to.job->asked.url);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, g);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "certwright");
	if ((r = pinned_perform(&g->to, c)) == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, status);
	return r;
}

static int
failed(struct get *g, CURLcode r)
{
	struct err *e = &g->to.job->err;

	if (g->large) {
		err_set(e, R_FETCH_HTTP, NULL, "the answer of %.200s is longer than %d KiB",
		    g->to.job->asked.url, FETCH_BODY_MAX / 1024);
		return err_hint(e, "no such file is that long: see what is published there");
	}
	if (r == CURLE_OPERATION_TIMEDOUT) {
		err_set(e, R_FETCH_LATE, NULL, "%.200s did not answer within %.1f s",
		    g->to.job->asked.url, (double)g->to.job->asked.time_ms / 1000);
		return err_hint(e, "see that the server is up and reached from here");
	}
	err_set(e, r == CURLE_COULDNT_CONNECT ? R_FETCH_CONNECT : R_FETCH_HTTP, NULL,
	    "%.200s gave no answer: %s", g->to.job->asked.url, curl_easy_strerror(r));
	return err_hint(e, "see that the server is up and reached from here");
}

int
do_http(struct job *j, struct buf *answer)
{
	struct target targets[TARGETS_MAX];
	struct get g = { .to = { .job = j } };
	CURLcode r = CURLE_COULDNT_CONNECT;
	struct fetch_answer got = { 0 };
	long status = 0;
	char host[256] = "";
	uint16_t port = 0;
	size_t n = 0;

	if (pinned_url(j, "http", host, &port) < 0 || resolve(j, host, port, targets, &n) < 0)
		return -1;
	for (size_t i = 0; i < n && r == CURLE_COULDNT_CONNECT; i++) {
		job_stage(j, "asking %.200s", j->asked.url);
		g.to.target = &targets[i];
		g.to.others = n - i - 1;
		r = perform(&g, port, &status);
		curl_slist_free_all(g.to.list);
		g.to.list = NULL;
	}
	if (r != CURLE_OK || g.to.other)
		return failed(&g, r);
	got = (struct fetch_answer){ (unsigned)status, { g.body.data, g.body.len } };
	answer_http(answer, &got);
	return 0;
}
