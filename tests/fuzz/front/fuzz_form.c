/*
 * fuzz_form.c - any body as a form: the first line is its content type
 */
#include "base/text.h"
#include "front/form.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
judge(const struct request *rq, const unsigned char *body, size_t len)
{
	if (rq->nform > LIMIT_FORM_FIELDS || rq->nfiles > LIMIT_FILES)
		abort();
	for (size_t i = 0; i < rq->nform; i++)
		if (!utf8_valid(rq->form[i].name, strlen(rq->form[i].name)) ||
		    !utf8_valid(rq->form[i].value, strlen(rq->form[i].value)) ||
		    request_field(rq, rq->form[i].name) == NULL)
			abort();
	for (size_t i = 0; i < rq->nfiles; i++) {
		const unsigned char *at = rq->files[i].data;

		if (at < body || at + rq->files[i].len > body + len ||
		    !utf8_valid(rq->files[i].name, strlen(rq->files[i].name)))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const unsigned char *eol = memchr(data, '\n', len);
	AUTO(arena) struct arena *a = arena_new();
	struct request rq = { 0 };
	struct err e = { 0 };
	size_t used;

	if (eol == NULL)
		return 0;
	rq.content_type = arena_dup(a, data, (size_t)(eol - data));
	rq.body = eol + 1;
	rq.body_len = len - (size_t)(eol + 1 - data);
	used = arena_used(a);
	if (form_read(a, &rq, &e) == 0)
		judge(&rq, rq.body, rq.body_len);
	else if (e.message[0] == '\0')
		abort();
	if (arena_used(a) - used > 16 * len + 65536)
		abort(); /* P31 */
	json_decref(rq.json);
	return 0;
}
