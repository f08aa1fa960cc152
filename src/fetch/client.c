/*
 * client.c - asking certwright-fetch, from any thread of the front
 */
#include <sys/socket.h>

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/message.h"
#include "wire/door.h"

struct fetcher {
	struct door *door;
};

struct fetcher *
fetcher_attach(int fd)
{
	struct fetcher *f = calloc(1, sizeof(*f));

	if (f == NULL)
		abort();
	f->door = door_new(fd);
	return f;
}

void
fetcher_detach(struct fetcher *f)
{
	if (f == NULL)
		return;
	door_free(f->door);
	free(f);
}

static int
gone(struct err *e)
{
	err_set(e, R_FETCH_GONE, NULL,
	    "nothing can be asked outside at the moment: certwright-fetch is gone");
	return err_hint(e, "the service restarts by itself; try again in a moment");
}

static int
busy(struct err *e)
{
	err_set(e, R_FETCH_BUSY, NULL, "%d questions to the outside are under way already",
	    FETCH_LIVE_MAX);
	return err_hint(e, "try again in a moment");
}

static int
late(const struct fetch_job *j, struct err *e)
{
	err_set(
	    e, R_FETCH_LATE, NULL, "there was no answer within %.1f s", (double)j->time_ms / 1000);
	return err_hint(e, "try again; see that it is up and reached from here");
}

/* A packet of nothing is the end of its process. */
int
fetch_ask(
    struct fetcher *f, struct fetch_job *j, struct arena *a, struct view *answer, struct err *e)
{
	AUTO_BUF struct buf packet = { 0 };
	AUTO_CLOSE int fd = -1;
	unsigned char *room;
	int64_t deadline;
	ssize_t n;

	if (j->time_ms == 0)
		j->time_ms = FETCH_TIME_MS;
	if (f == NULL)
		return gone(e);
	if (job_put(&packet, j, e) < 0)
		return -1;
	/* for a free place it waits as long as the job may take */
	if ((fd = door_ask(f->door, FETCH_KIND, clock_monotonic_ms() + j->time_ms)) < 0)
		return fd == DOOR_LATE ? busy(e) : gone(e);
	deadline = clock_monotonic_ms() + j->time_ms + 2 * FETCH_GRACE_MS;
	room = arena_alloc(a, FETCH_ANSWER_MAX);
	if (send(fd, packet.data, packet.len, MSG_NOSIGNAL) < 0)
		n = 0;
	else if (door_wait(fd, POLLIN, deadline) == 0)
		return late(j, e);
	else
		n = recv(fd, room, FETCH_ANSWER_MAX, MSG_DONTWAIT);
	*answer = view_of(room, n < 0 ? 0 : (size_t)n);
	return 0;
}

int
fetch_tls(struct fetcher *f, const struct fetch_server *s, struct arena *a,
    struct fetch_presented *out, struct err *e)
{
	struct fetch_job j = {
		.kind = JOB_TLS, .time_ms = s->time_ms, .port = s->port, .start = (uint8_t)s->start
	};
	struct view answer = { 0 };

	if (job_text(j.host, sizeof(j.host), s->host, "host", e) < 0 ||
	    job_text(j.name, sizeof(j.name), s->name, "name", e) < 0 ||
	    fetch_ask(f, &j, a, &answer, e) < 0)
		return -1;
	return answer_read_tls(answer, a, out, e);
}

int
fetch_http(struct fetcher *f, const char *url, unsigned time_ms, struct arena *a,
    struct fetch_answer *out, struct err *e)
{
	struct fetch_job j = { .kind = JOB_HTTP, .time_ms = time_ms };
	struct view answer = { 0 };

	if (job_text(j.url, sizeof(j.url), url, "address", e) < 0 ||
	    fetch_ask(f, &j, a, &answer, e) < 0)
		return -1;
	return answer_read_http(answer, a, out, e);
}

int
fetch_txt(struct fetcher *f, const char *name, unsigned time_ms, struct arena *a,
    struct fetch_bytes **out, size_t *n, struct err *e)
{
	struct fetch_job j = { .kind = JOB_TXT, .time_ms = time_ms };
	struct view answer = { 0 };

	if (job_text(j.name, sizeof(j.name), name, "name", e) < 0 ||
	    fetch_ask(f, &j, a, &answer, e) < 0)
		return -1;
	return answer_read_txt(answer, a, out, n, e);
}
