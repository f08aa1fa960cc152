/*
 * fuzz_fetch.c - any bytes as a job of certwright-fetch, and as each of its answers
 */
#include "fetch/message.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
there_and_back(const struct fetch_job *j)
{
	struct buf b = { 0 }, c = { 0 };
	struct fetch_job again;
	struct err e = { 0 };

	if (job_put(&b, j, &e) < 0 || job_read(view_of(b.data, b.len), &again) < 0 ||
	    job_put(&c, &again, &e) < 0 || b.len != c.len || memcmp(b.data, c.data, b.len) != 0)
		abort();
	buf_free(&b);
	buf_free(&c);
}

static void
said(int r, const struct err *e)
{
	if ((r < 0) != err_is_set(e) ||
	    (r < 0 && strncmp(refusal_id(e->refusal), "fetch.", 6) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct err tls = { 0 }, http = { 0 }, txt = { 0 }, mail = { 0 }, post = { 0 };
	struct arena *a = arena_new();
	struct fetch_bytes *records;
	struct fetch_presented p;
	struct fetch_answer answer;
	struct fetch_job j;
	unsigned status;
	size_t n;

	if (job_read(view_of(data, len), &j) == 0)
		there_and_back(&j);
	said(answer_read_tls(view_of(data, len), a, &p, &tls), &tls);
	said(answer_read_http(view_of(data, len), a, &answer, &http), &http);
	said(answer_read_txt(view_of(data, len), a, &records, &n, &txt), &txt);
	said(answer_read_mail(view_of(data, len), &mail), &mail);
	said(answer_read_post(view_of(data, len), &status, &post), &post);
	arena_free(a);
	return 0;
}
