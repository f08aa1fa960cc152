/*
 * main.c - certwright-reader: hostile files, parsed elsewhere
 */
#include <sys/socket.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "reader/reader.h"
#include "reader/sandbox.h"
#include "wire/spawner.h"

#define LIFE_MS 10000		       /* then a reader is killed */
#define SHARE	(SPAWNER_LIVE_MAX / 2) /* half for each door */
#define USAGE                                                        \
	"usage: certwright-reader --spawner --front FD --keeper FD " \
	"[--uid N] [--gid N] [--no-sandbox]\n"                       \
	"certwrightd starts it; it is of no use by itself\n"

struct options {
	bool spawner, sandbox;
	int front, keeper;
	long uid, gid;
};

static int
read_options(int argc, char **argv, struct options *o)
{
	long front = -1, keeper = -1;

	*o = (struct options){ .sandbox = true, .uid = -1, .gid = -1 };
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		long *into = NULL;

		if (strcmp(argv[i], "--spawner") == 0)
			o->spawner = true;
		else if (strcmp(argv[i], "--no-sandbox") == 0)
			o->sandbox = false;
		else if (strcmp(argv[i], "--front") == 0)
			into = &front;
		else if (strcmp(argv[i], "--keeper") == 0)
			into = &keeper;
		else if (strcmp(argv[i], "--uid") == 0)
			into = &o->uid;
		else if (strcmp(argv[i], "--gid") == 0)
			into = &o->gid;
		else
			return -1;
		if (into != NULL && spawner_number(value, into) < 0)
			return -1;
		i += into != NULL;
	}
	o->front = (int)front;
	o->keeper = (int)keeper;
	return o->spawner && front >= 0 && keeper >= 0 ? 0 : -1;
}

/* Tests do not wait for ten seconds. */
static int64_t
life_ms(void)
{
#ifdef CERTWRIGHT_TEST
	const char *text = getenv("CERTWRIGHT_TEST_READER_LIFE_MS");

	if (text != NULL)
		return strtol(text, NULL, 10);
#endif
	return LIFE_MS;
}

static void
child(int fd, char kind, void *arg)
{
	const struct options *o = arg;

	reader_run(fd, kind, o->sandbox);
}

static int
serve(struct options *o, struct err *e)
{
	const struct spawner_plan plan = { .doors = { { o->front, READER_BUNDLE, SHARE },
					       { o->keeper, READER_KEY, SHARE } },
		.ndoors = 2,
		.type = SOCK_STREAM,
		.life_ms = life_ms(),
		.child = child,
		.arg = o };

	if (o->sandbox && (spawner_drop(o->uid, o->gid, e) < 0 || sandbox_spawner(e) < 0))
		return -1;
	return spawner_run(&plan, e);
}

int
main(int argc, char **argv)
{
	struct options o;
	struct err e = { 0 };

	log_name("certwright-reader");
	if (log_asked(argc, argv, USAGE))
		return 0;
	if (read_options(argc, argv, &o) < 0) {
		fputs(USAGE, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	/* tests note each refusal in a file; behind the filter nothing writes to one */
	unsetenv("CERTWRIGHT_REFUSALS_REACHED");
	if (reader_prepare(&e) < 0 || serve(&o, &e) < 0) {
		log_err("certwright-reader", &e);
		return 1;
	}
	_exit(0); /* behind the filter: nothing is left to tidy up */
}
