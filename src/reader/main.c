/*
 * main.c - certwright-reader: hostile files, parsed elsewhere
 */
#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "reader/reader.h"
#include "reader/spawner.h"

#define NOBODY 65534
#define USAGE                                                        \
	"usage: certwright-reader --spawner --front FD --keeper FD " \
	"[--uid N] [--gid N] [--no-sandbox]\n"                       \
	"certwrightd starts it; it is of no use by itself\n"

struct options {
	struct spawner_doors doors;
	bool spawner;
	long uid, gid;
};

static int
number(const char *text, long *out)
{
	char *end;

	if (text == NULL)
		return -1;
	errno = 0;
	*out = strtol(text, &end, 10);
	return errno != 0 || *end != '\0' || end == text || *out < 0 ? -1 : 0;
}

static int
read_options(int argc, char **argv, struct options *o)
{
	long front = -1, keeper = -1;

	*o = (struct options){ .doors = { -1, -1, true }, .uid = -1, .gid = -1 };
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		long *into = NULL;

		if (strcmp(argv[i], "--spawner") == 0)
			o->spawner = true;
		else if (strcmp(argv[i], "--no-sandbox") == 0)
			o->doors.sandbox = false;
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
		if (into != NULL && number(value, into) < 0)
			return -1;
		i += into != NULL;
	}
	o->doors.front = (int)front;
	o->doors.keeper = (int)keeper;
	return o->spawner && front >= 0 && keeper >= 0 ? 0 : -1;
}

/* Started as root: an own uid, nobody's unless one is named. */
static int
drop_privileges(const struct options *o, struct err *e)
{
	uid_t uid = o->uid >= 0 ? (uid_t)o->uid : NOBODY;
	gid_t gid = o->gid >= 0 ? (gid_t)o->gid : NOBODY;

	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return err_errno(e, "become uid %u", (unsigned)uid);
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct err e = { 0 };

	log_name("certwright-reader");
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(USAGE, stdout);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("certwright-reader %s\n", CERTWRIGHT_VERSION);
		return 0;
	}
	if (read_options(argc, argv, &o) < 0) {
		fputs(USAGE, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	/* tests note each refusal in a file; behind the filter nothing writes to one */
	unsetenv("CERTWRIGHT_REFUSALS_REACHED");
	if (reader_prepare(&e) < 0 || (o.doors.sandbox && drop_privileges(&o, &e) < 0) ||
	    spawner_run(&o.doors, &e) < 0) {
		log_err("certwright-reader", &e);
		return 1;
	}
	_exit(0); /* behind the filter: nothing is left to tidy up */
}
