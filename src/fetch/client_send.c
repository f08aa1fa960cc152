/*
 * client_send.c - what is sent through certwright-fetch
 */
#include <stdio.h>

#include "fetch/message.h"

static struct fetch_bytes
bytes_of(const char *text)
{
	return text == NULL ? (struct fetch_bytes){ (const unsigned char *)"", 0 }
			    : (struct fetch_bytes){ (const unsigned char *)text, strlen(text) };
}

int
fetch_mail(struct fetcher *f, const struct fetch_mail *m, struct arena *a, struct err *e)
{
	struct fetch_job j = { .kind = JOB_MAIL,
		.time_ms = m->time_ms,
		.port = m->port,
		.start = (uint8_t)m->security,
		.ca = bytes_of(m->ca),
		.message = { m->message->data, m->message->len } };
	struct view answer;
	int r = -1;

	if (job_text(j.host, sizeof(j.host), m->host, "host", e) == 0 &&
	    job_text(j.user, sizeof(j.user), m->user, "user name", e) == 0 &&
	    job_text(j.password, sizeof(j.password), m->password, "password", e) == 0 &&
	    job_text(j.from, sizeof(j.from), m->from, "sender", e) == 0 &&
	    job_text(j.to, sizeof(j.to), m->to, "address", e) == 0)
		r = fetch_ask(f, &j, a, &answer, e);
	explicit_bzero(j.password, sizeof(j.password));
	return r < 0 ? -1 : answer_read_mail(answer, e);
}

int
fetch_post(
    struct fetcher *f, const struct fetch_post *p, struct arena *a, unsigned *status, struct err *e)
{
	struct fetch_job j = { .kind = JOB_POST,
		.time_ms = p->time_ms,
		.ca = bytes_of(p->ca),
		.message = bytes_of(p->body) };
	struct view answer;

	*status = 0;
	if (job_text(j.url, sizeof(j.url), p->url, "address", e) < 0 ||
	    job_text(j.signature, sizeof(j.signature), p->signature, "signature", e) < 0 ||
	    fetch_ask(f, &j, a, &answer, e) < 0)
		return -1;
	return answer_read_post(answer, status, e);
}
