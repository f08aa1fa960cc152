/*
 * job.c - one request on its way
 */
#include <strings.h>

#include "front/job.h"

struct job *
job_new(void)
{
	struct arena *a = arena_new();
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		abort();
	j->arena = a;
	j->type = "text/plain; charset=utf-8";
	return j;
}

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	if (j->body != NULL)
		explicit_bzero(j->body, j->body_len);
	free(j->body);
	buf_free(&j->out);
	arena_free(j->arena);
	free(j);
}

const char *
job_header(const struct job *j, const char *name)
{
	for (size_t i = 0; i < j->nheaders; i++)
		if (strcasecmp(j->headers[i].name, name) == 0)
			return j->headers[i].value;
	return NULL;
}

void
job_add(struct job *j, const char *name, const char *value)
{
	if (j->nextra < JOB_HEADERS)
		j->extra[j->nextra++] = (struct header){ name, value };
}
