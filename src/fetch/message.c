/*
 * message.c - jobs and answers of certwright-fetch, packed and unpacked
 */
#include <stdio.h>

#include "base/text.h"
#include "fetch/message.h"

/* ---- jobs ------------------------------------------------------------------------ */

static bool
fits(const char *text, size_t size)
{
	return text[0] != '\0' && strlen(text) < size;
}

static bool
sends(const struct fetch_job *j)
{
	return j->ca.len <= FETCH_CA_MAX && j->message.len > 0 &&
	    j->message.len <= FETCH_MESSAGE_MAX;
}

static bool
job_fits(const struct fetch_job *j)
{
	if (j->time_ms == 0 || j->time_ms > FETCH_TIME_MAX_MS)
		return false;
	switch (j->kind) {
	case JOB_TLS:
		return fits(j->host, sizeof(j->host)) && j->port > 0 && j->start <= FETCH_SMTP;
	case JOB_HTTP:
		return fits(j->url, sizeof(j->url));
	case JOB_TXT:
		return fits(j->name, sizeof(j->name));
	case JOB_MAIL:
		return fits(j->host, sizeof(j->host)) && j->port > 0 && j->start <= FETCH_PLAIN &&
		    fits(j->from, sizeof(j->from)) && fits(j->to, sizeof(j->to)) && sends(j);
	case JOB_POST:
		return fits(j->url, sizeof(j->url)) && sends(j);
	default:
		return false;
	}
}

static void
put_sent(struct buf *b, const struct fetch_job *j)
{
	if (j->kind == JOB_MAIL) {
		buf_put_cstring(b, j->host);
		buf_put_u16(b, j->port);
		buf_put_u8(b, j->start);
		buf_put_cstring(b, j->user);
		buf_put_cstring(b, j->password);
		buf_put_cstring(b, j->from);
		buf_put_cstring(b, j->to);
	} else {
		buf_put_cstring(b, j->url);
		buf_put_cstring(b, j->signature);
	}
	buf_put_string(b, j->ca.data, j->ca.len);
	buf_put_string(b, j->message.data, j->message.len);
}

static void
read_sent(struct view *v, struct fetch_job *j)
{
	if (j->kind == JOB_MAIL) {
		view_cstring(v, j->host, sizeof(j->host));
		view_u16(v, &j->port);
		view_u8(v, &j->start);
		view_cstring(v, j->user, sizeof(j->user));
		view_cstring(v, j->password, sizeof(j->password));
		view_cstring(v, j->from, sizeof(j->from));
		view_cstring(v, j->to, sizeof(j->to));
	} else {
		view_cstring(v, j->url, sizeof(j->url));
		view_cstring(v, j->signature, sizeof(j->signature));
	}
	view_string(v, &j->ca.data, &j->ca.len, FETCH_CA_MAX);
	view_string(v, &j->message.data, &j->message.len, FETCH_MESSAGE_MAX);
}

int
job_text(char *to, size_t size, const char *from, const char *what, struct err *e)
{
	if ((size_t)snprintf(to, size, "%s", from == NULL ? "" : from) < size)
		return 0;
	err_set(e, R_FETCH_TARGET, NULL, "the %s is too long", what);
	return err_hint(e, "it has at most %zu characters", size - 1);
}

int
job_put(struct buf *b, const struct fetch_job *j, struct err *e)
{
	if (!job_fits(j)) {
		err_set(e, R_FETCH_TARGET, NULL, "there can be no such server");
		return err_hint(e, "give a name or an address, and a port of 1 to 65535");
	}
	buf_put_u8(b, (uint8_t)j->kind);
	buf_put_u32(b, j->time_ms);
	if (j->kind == JOB_TLS) {
		buf_put_cstring(b, j->host);
		buf_put_u16(b, j->port);
		buf_put_cstring(b, j->name);
		buf_put_u8(b, j->start);
	} else if (j->kind == JOB_MAIL || j->kind == JOB_POST) {
		put_sent(b, j);
	} else {
		buf_put_cstring(b, j->kind == JOB_HTTP ? j->url : j->name);
	}
	return 0;
}

int
job_read(struct view v, struct fetch_job *j)
{
	uint8_t kind;

	memset(j, 0, sizeof(*j));
	view_u8(&v, &kind);
	view_u32(&v, &j->time_ms);
	j->kind = v.failed ? 0 : (char)kind;
	if (j->kind == JOB_TLS) {
		view_cstring(&v, j->host, sizeof(j->host));
		view_u16(&v, &j->port);
		view_cstring(&v, j->name, sizeof(j->name));
		view_u8(&v, &j->start);
	} else if (j->kind == JOB_HTTP) {
		view_cstring(&v, j->url, sizeof(j->url));
	} else if (j->kind == JOB_MAIL || j->kind == JOB_POST) {
		read_sent(&v, j);
	} else {
		view_cstring(&v, j->name, sizeof(j->name));
	}
	return view_end(&v) < 0 || !job_fits(j) ? -1 : 0;
}

/* ---- answers ----------------------------------------------------------------------- */

static void
put_list(struct buf *b, const struct fetch_bytes *list, size_t n)
{
	buf_put_u8(b, (uint8_t)n);
	for (size_t i = 0; i < n; i++)
		buf_put_string(b, list[i].data, list[i].len);
}

void
answer_tls(struct buf *b, const struct fetch_presented *p)
{
	buf_put_u8(b, 0);
	buf_put_cstring(b, p->version);
	buf_put_cstring(b, p->address);
	put_list(b, p->certs, p->n);
}

void
answer_http(struct buf *b, const struct fetch_answer *a)
{
	buf_put_u8(b, 0);
	buf_put_u16(b, (uint16_t)a->status);
	buf_put_string(b, a->body.data, a->body.len);
}

void
answer_txt(struct buf *b, const struct fetch_bytes *records, size_t n)
{
	buf_put_u8(b, 0);
	put_list(b, records, n);
}

void
answer_mail(struct buf *b)
{
	buf_put_u8(b, 0);
}

void
answer_post(struct buf *b, unsigned status)
{
	buf_put_u8(b, 0);
	buf_put_u16(b, (uint16_t)status);
}

void
answer_refusal(struct buf *b, const struct err *e)
{
	buf_put_u8(b, 1);
	buf_put_cstring(b, refusal_id(e->refusal));
	buf_put_cstring(b, e->message);
	buf_put_cstring(b, e->hint);
}

static int
stopped(struct err *e)
{
	err_set(e, R_FETCH_STOPPED, NULL, "the question was not answered: its process ended");
	return err_hint(e, "try again; what the other side sent may be damaged");
}

/* Only what is its own to refuse, and one line. */
static int
carry_refusal(struct view *v, struct err *e)
{
	struct err got = { 0 };
	char id[64];

	if (view_cstring(v, id, sizeof(id)) < 0 ||
	    view_cstring(v, got.message, sizeof(got.message)) < 0 ||
	    view_cstring(v, got.hint, sizeof(got.hint)) < 0 || view_end(v) < 0 ||
	    !text_starts(id, "fetch.") || (got.refusal = refusal_by_id(id)) == REFUSAL_NONE)
		return stopped(e);
	utf8_mend(got.message);
	utf8_mend(got.hint);
	for (char *s = got.message; *s != '\0'; s++)
		if ((unsigned char)*s < ' ')
			*s = ' ';
	err_set(e, got.refusal, NULL, "%s", got.message);
	return got.hint[0] == '\0' ? -1 : err_hint(e, "%s", got.hint);
}

/* 0: what was asked for follows. */
static int
open_answer(struct view *v, struct err *e)
{
	uint8_t status;

	if (view_u8(v, &status) < 0 || status > 1)
		return stopped(e);
	return status == 0 ? 0 : carry_refusal(v, e);
}

static struct fetch_bytes *
read_list(struct view *v, struct arena *a, size_t most, size_t *count)
{
	struct fetch_bytes *list;
	uint8_t n;

	*count = 0;
	if (view_u8(v, &n) < 0 || n > most) {
		v->failed = true;
		return NULL;
	}
	list = arena_new_array(a, (size_t)n + 1, struct fetch_bytes);
	for (size_t i = 0; i < n; i++)
		if (view_string(v, &list[i].data, &list[i].len, FETCH_ANSWER_MAX) == 0)
			list[i].data = arena_dup(a, list[i].data, list[i].len);
	*count = n;
	return list;
}

static const char *
read_text(struct view *v, struct arena *a)
{
	char text[64] = "";

	view_cstring(v, text, sizeof(text));
	utf8_mend(text);
	return arena_strdup(a, text);
}

int
answer_read_tls(struct view v, struct arena *a, struct fetch_presented *p, struct err *e)
{
	*p = (struct fetch_presented){ 0 };
	if (open_answer(&v, e) < 0)
		return -1;
	p->version = read_text(&v, a);
	p->address = read_text(&v, a);
	p->certs = read_list(&v, a, FETCH_CERTS_MAX, &p->n);
	return view_end(&v) < 0 || p->n == 0 ? stopped(e) : 0;
}

int
answer_read_http(struct view v, struct arena *a, struct fetch_answer *answer, struct err *e)
{
	uint16_t status;

	*answer = (struct fetch_answer){ 0 };
	if (open_answer(&v, e) < 0)
		return -1;
	if (view_u16(&v, &status) < 0 ||
	    view_string(&v, &answer->body.data, &answer->body.len, FETCH_BODY_MAX) < 0 ||
	    view_end(&v) < 0 || status < 100 || status > 999)
		return stopped(e);
	answer->status = status;
	answer->body.data = arena_dup(a, answer->body.data, answer->body.len);
	return 0;
}

int
answer_read_txt(
    struct view v, struct arena *a, struct fetch_bytes **records, size_t *n, struct err *e)
{
	*n = 0;
	if (open_answer(&v, e) < 0)
		return -1;
	*records = read_list(&v, a, FETCH_TXT_MAX, n);
	return view_end(&v) < 0 ? stopped(e) : 0;
}

int
answer_read_mail(struct view v, struct err *e)
{
	if (open_answer(&v, e) < 0)
		return -1;
	return view_end(&v) < 0 ? stopped(e) : 0;
}

int
answer_read_post(struct view v, unsigned *status, struct err *e)
{
	uint16_t got;

	if (open_answer(&v, e) < 0)
		return -1;
	if (view_u16(&v, &got) < 0 || view_end(&v) < 0 || got < 100 || got > 999)
		return stopped(e);
	*status = got;
	return 0;
}
