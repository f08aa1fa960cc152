/*
 * send.c - a mail to its server, and JSON to a webhook
 */
#include <stdio.h>

#include "fetch/pinned.h"

struct sending {
	struct pinned to;
	const char *what; /* "mail.example.com:587" or the URL */
	size_t at;	  /* of the message, so far */
	char said[CURL_ERROR_SIZE];
	long status; /* what the server answered last */
};

/* ---- what became of it ------------------------------------------------------------ */

static bool
is_tls(CURLcode r)
{
	return r == CURLE_PEER_FAILED_VERIFICATION || r == CURLE_SSL_CONNECT_ERROR ||
	    r == CURLE_USE_SSL_FAILED || r == CURLE_SSL_CACERT_BADFILE || r == CURLE_SSL_CIPHER;
}

static int
failed(struct sending *s, CURLcode r)
{
	const char *why = s->said[0] != '\0' ? s->said : curl_easy_strerror(r);
	struct err *e = &s->to.job->err;

	if (r == CURLE_OPERATION_TIMEDOUT) {
		err_set(e, R_FETCH_LATE, NULL, "%.200s did not answer within %.1f s", s->what,
		    (double)s->to.job->asked.time_ms / 1000);
		return err_hint(e, "see that the server is up and reached from here");
	}
	if (is_tls(r)) {
		err_set(e, R_FETCH_TLS, NULL, "%.200s is not trusted: %.200s", s->what, why);
		return err_hint(e,
		    "its certificate must have its name, and be of a CA that the system trusts "
		    "or that was given");
	}
	if (r == CURLE_LOGIN_DENIED) {
		err_set(e, R_FETCH_HTTP, NULL, "%.200s refused user name or password", s->what);
		return err_hint(e, "set them again");
	}
	err_set(e, r == CURLE_COULDNT_CONNECT ? R_FETCH_CONNECT : R_FETCH_HTTP, NULL,
	    "%.200s did not take it: %.200s", s->what, why);
	return err_hint(e, "see that the server is up and reached from here; its log says more");
}

/* Each target in turn, until one can be connected to. */
static int
to_any(struct sending *s, const char *host, uint16_t port,
    CURLcode (*one)(struct sending *, uint16_t port))
{
	struct target targets[TARGETS_MAX];
	CURLcode r = CURLE_COULDNT_CONNECT;
	struct job *j = s->to.job;
	size_t n;

	if (resolve(j, host, port, targets, &n) < 0)
		return -1;
	for (size_t i = 0; i < n && r == CURLE_COULDNT_CONNECT; i++) {
		job_stage(j, "sending to %.200s", s->what);
		s->to.target = &targets[i];
		s->to.others = n - i - 1;
		s->at = 0;
		r = one(s, port);
		curl_slist_free_all(s->to.list);
		s->to.list = NULL;
	}
	return r != CURLE_OK || s->to.other ? failed(s, r) : 0;
}

static size_t
take_nothing(char *data, size_t one, size_t n, void *arg)
{
	return one * n;
}

static void
set_common(CURL *c, struct sending *s)
{
	s->said[0] = '\0';
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->said);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_nothing);
}

/* ---- mail ---------------------------------------------------------------------------- */

static size_t
give_message(char *to, size_t one, size_t n, void *arg)
{
	struct sending *s = arg;
	const struct fetch_bytes *m = &s->to.job->asked.message;
	size_t left = m->len - s->at, give = one * n < left ? one * n : left;

	memcpy(to, m->data + s->at, give);
	s->at += give;
	return give;
}

/* Without TLS nothing leaves this host. */
static bool
is_here(const struct target *t)
{
	return strncmp(t->text, "127.", 4) == 0 || strcmp(t->text, "::1") == 0;
}

static void
set_mail(CURL *c, struct sending *s, uint16_t port, struct curl_slist *to)
{
	const struct fetch_job *asked = &s->to.job->asked;
	bool six = strchr(asked->host, ':') != NULL;
	char text[400];

	snprintf(text, sizeof(text), "%s://%s%s%s:%u",
	    asked->start == FETCH_IMPLICIT ? "smtps" : "smtp", six ? "[" : "", asked->host,
	    six ? "]" : "", port);
	curl_easy_setopt(c, CURLOPT_URL, text);
	snprintf(text, sizeof(text), "<%s>", asked->from);
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, text);
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
	if (asked->start != FETCH_PLAIN) {
		curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
		pinned_verify(c, s->to.job);
	}
	if (asked->user[0] != '\0') {
		curl_easy_setopt(c, CURLOPT_USERNAME, asked->user);
		curl_easy_setopt(c, CURLOPT_PASSWORD, asked->password);
	}
	curl_easy_setopt(c, CURLOPT_READFUNCTION, give_message);
	curl_easy_setopt(c, CURLOPT_READDATA, s);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
}

static CURLcode
mail_one(struct sending *s, uint16_t port)
{
	const struct fetch_job *asked = &s->to.job->asked;
	AUTO(slist) struct curl_slist *to = NULL;
	AUTO(curl) CURL *c = NULL;
	char text[400];

	if (asked->start == FETCH_PLAIN && !is_here(s->to.target)) {
		snprintf(s->said, sizeof(s->said), "without TLS mail stays on this machine");
		return CURLE_USE_SSL_FAILED;
	}
	snprintf(text, sizeof(text), "<%s>", asked->to);
	to = curl_slist_append(NULL, text);
	c = pinned_open(&s->to, asked->start == FETCH_IMPLICIT ? "smtps" : "smtp", port);
	if (c == NULL || to == NULL)
		return CURLE_OUT_OF_MEMORY;
	set_common(c, s);
	set_mail(c, s, port, to);
	return pinned_perform(&s->to, c);
}

int
do_mail(struct job *j, struct buf *answer)
{
	char what[300];
	struct sending s = { .to = { .job = j }, .what = what };

	snprintf(what, sizeof(what), "%s:%u", j->asked.host, j->asked.port);
	if (to_any(&s, j->asked.host, j->asked.port, mail_one) < 0)
		return -1;
	answer_mail(answer);
	return 0;
}

/* ---- webhook ------------------------------------------------------------------------------ */

static CURLcode
post_one(struct sending *s, uint16_t port)
{
	const struct fetch_job *asked = &s->to.job->asked;
	AUTO(curl) CURL *c = pinned_open(&s->to, "https", port);
	AUTO(slist) struct curl_slist *headers = NULL;
	char text[200];
	CURLcode r;

	if (c == NULL)
		return CURLE_OUT_OF_MEMORY;
	snprintf(text, sizeof(text), "Certwright-Signature: %s", asked->signature);
	headers = curl_slist_append(headers, "Content-Type: application/json");
	headers = curl_slist_append(headers, "Expect:");
	headers = curl_slist_append(headers, text);
	set_common(c, s);
	pinned_verify(c, s->to.job);
	curl_easy_setopt(c, CURLOPT_URL, asked->url);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, (const char *)asked->message.data);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)asked->message.len);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "certwright");
	if ((r = pinned_perform(&s->to, c)) == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &s->status);
	return r;
}

int
do_post(struct job *j, struct buf *answer)
{
	struct sending s = { .to = { .job = j }, .what = j->asked.url };
	char host[256];
	uint16_t port;

	if (pinned_url(j, "https", host, &port) < 0 || to_any(&s, host, port, post_one) < 0)
		return -1;
	answer_post(answer, (unsigned)s.status);
	return 0;
}
