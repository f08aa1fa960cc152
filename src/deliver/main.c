/*
 * main.c - certwright-deliver: writes the files of the targets, runs their programs
 *
 * It keeps the rights that certwrightd was started with, and nothing else uses
 * them: it listens to two sockets, one from the front, one from the keeper. Each
 * delivery is a process of its own, so that a target that hangs keeps no other waiting.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "deliver/deliver.h"
#include "wire/channel.h"

#define KEY_LIFE_MS 30000 /* then a key that nobody asks for is wiped */
#define LOOK_MS	    1000  /* while deliveries are under way */
#define REAP_MS	    5	  /* while one is about to end */
#define USAGE                                                               \
	"usage: certwright-deliver --targets FILE --front FD --keeper FD\n" \
	"certwrightd starts it; it is of no use by itself\n"

struct options {
	const char *targets;
	long front, keeper;
};

/* The last key that came, until it is used. */
struct waiting {
	struct incoming in;
	struct delivery_key key;
	int64_t came_ms; /* 0: there is none */
};

struct under_way {
	pid_t pid; /* 0: a free place */
	char target[DELIVERY_NAME_SIZE];
};

struct deliverer {
	struct options o;
	struct arena *arena; /* of the list */
	struct targets targets;
	struct incoming in;
	struct waiting waiting;
	struct under_way under_way[DELIVERY_AT_ONCE];
	struct buf out;
};

/* Keys pass through. Where it may not be locked, it is not. */
static void
lock_memory(void)
{
	mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

static int
read_options(int argc, char **argv, struct options *o)
{
	char *end = NULL;

	*o = (struct options){ NULL, -1, -1 };
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--targets") == 0)
			o->targets = argv[i + 1];
		else if (strcmp(argv[i], "--front") == 0)
			o->front = strtol(argv[i + 1], &end, 10);
		else if (strcmp(argv[i], "--keeper") == 0)
			o->keeper = strtol(argv[i + 1], &end, 10);
		else
			return -1;
		if (end != NULL && *end != '\0')
			return -1;
	}
	return argc % 2 == 1 && o->targets != NULL && o->front >= 3 && o->keeper >= 3 ? 0 : -1;
}

/* ---- a key waits for its certificates ----------------------------------------------- */

static void
forget_key(struct waiting *w)
{
	channel_drop(&w->in);
	memset(&w->key, 0, sizeof(w->key));
	w->came_ms = 0;
}

/* 0, or -1 when the keeper is gone. */
static int
take_key(struct deliverer *d)
{
	struct waiting *w = &d->waiting;

	forget_key(w);
	if (channel_recv((int)d->o.keeper, &w->in) < 0)
		return -1;
	if (delivery_unpack_key(&w->key, w->in.data, w->in.len) < 0) {
		log_error("malformed message of the keeper; ending");
		return -1;
	}
	w->came_ms = clock_monotonic_ms();
	return 0;
}

/* Keys that the keeper sent before the front asked are here already. */
static int
take_keys(struct deliverer *d)
{
	struct pollfd p = { .fd = (int)d->o.keeper, .events = POLLIN };

	while (poll(&p, 1, 0) > 0)
		if (take_key(d) < 0)
			return -1;
	return 0;
}

/* ---- deliveries under way ----------------------------------------------------------- */

/* Those that have ended make room. */
static size_t
reap(struct deliverer *d, int options)
{
	size_t n = 0;

	for (size_t i = 0; i < nitems(d->under_way); i++) {
		struct under_way *u = &d->under_way[i];

		if (u->pid != 0 && waitpid(u->pid, NULL, options) == u->pid)
			u->pid = 0;
		n += u->pid != 0;
	}
	return n;
}

static struct under_way *
find_under_way(struct deliverer *d, const char *target)
{
	for (size_t i = 0; i < nitems(d->under_way); i++)
		if (d->under_way[i].pid != 0 && strcmp(d->under_way[i].target, target) == 0)
			return &d->under_way[i];
	return NULL;
}

static bool
is_under_way(struct deliverer *d, const char *target)
{
	reap(d, WNOHANG);
	return find_under_way(d, target) != NULL;
}

static struct under_way *
free_place(struct deliverer *d)
{
	for (size_t i = 0; i < nitems(d->under_way); i++)
		if (d->under_way[i].pid == 0)
			return &d->under_way[i];
	return NULL;
}

/* The front asks for so many only, and once for each target: one that is in the way here
 * has answered, and is about to end. */
static struct under_way *
take_place(struct deliverer *d, const char *target)
{
	struct under_way *u = find_under_way(d, target);

	if (u != NULL)
		waitpid(u->pid, NULL, 0);
	while (u == NULL && (u = free_place(d)) == NULL) {
		usleep(REAP_MS * 1000);
		reap(d, WNOHANG);
	}
	u->pid = 0;
	snprintf(u->target, sizeof(u->target), "%s", target);
	return u;
}

/* ---- questions ------------------------------------------------------------------------- */

static void
answer_list(struct deliverer *d)
{
	struct arena *arena = arena_new();
	struct delivery_target *list;
	struct targets all = { 0 };
	struct err e = { 0 };

	if (targets_load(&all, d->o.targets, arena, &e) < 0) {
		arena_free(arena);
		delivery_pack_answer(&d->out, DELIVERY_LIST, NULL, 0, &e);
		return;
	}
	arena_free(d->arena);
	d->arena = arena;
	d->targets = all;
	list = arena_new_array(arena, all.n, struct delivery_target);
	for (size_t i = 0; i < all.n; i++) {
		const struct target *t = &all.v[i];

		if (!is_under_way(d, t->name))
			deliver_recover(t);
		snprintf(list[i].name, sizeof(list[i].name), "%s", t->name);
		snprintf(list[i].kind, sizeof(list[i].kind), "%s",
		    t->kind == TARGET_FILES ? "files" : "haproxy");
		snprintf(list[i].place, sizeof(list[i].place), "%s",
		    t->nfiles > 0 ? t->files[t->nfiles - 1].path : t->socket);
	}
	delivery_pack_answer(&d->out, DELIVERY_LIST, list, all.n, NULL);
}

static int
put(struct deliverer *d, const struct delivery_question *q, struct err *e)
{
	const struct target *t = targets_find(&d->targets, q->target);
	const struct delivery_key *k = &d->waiting.key;

	if (t == NULL) {
		err_set(e, R_DELIVER_TARGET, NULL, "there is no target %s any more", q->target);
		return err_hint(e, "put it back into the list of targets");
	}
	if (d->waiting.came_ms == 0 || memcmp(k->ticket, q->ticket, sizeof(k->ticket)) != 0 ||
	    strcmp(k->target, q->target) != 0)
		return err_set(e, R_DELIVER_GONE, NULL, "no key came for this delivery");
	return deliver(t, &q->certificates, k, e);
}

/* In a process of its own, which ends with this one: what it was about is taken back at
 * the next start. */
static void
put_and_answer(struct deliverer *d, const struct delivery_question *q, int answer, pid_t parent)
{
	struct err e = { 0 };
	int r;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	close((int)d->o.front);
	close((int)d->o.keeper);
	lock_memory();
	r = put(d, q, &e);
	delivery_pack_answer(&d->out, DELIVERY_PUT, NULL, 0, r < 0 ? &e : NULL);
	channel_send(answer, d->out.data, d->out.len);
	_exit(0);
}

/* The answer is that process's, by a descriptor of its own. */
static int
answer_put(struct deliverer *d, const struct delivery_question *q)
{
	struct under_way *place = take_place(d, q->target);
	pid_t parent = getpid();
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	if ((place->pid = fork()) == 0) {
		close(pair[0]);
		put_and_answer(d, q, pair[1], parent);
	}
	forget_key(&d->waiting);
	close(pair[1]); /* who could not be started says nothing */
	if (place->pid < 0) {
		log_error("a delivery cannot be started: %s", strerror(errno));
		place->pid = 0;
	}
	r = channel_send_fd((int)d->o.front, pair[0]);
	close(pair[0]);
	return r;
}

/* 0, or -1: it is time to end. */
static int
answer(struct deliverer *d)
{
	struct delivery_question q;

	if (channel_recv((int)d->o.front, &d->in) < 0 || take_keys(d) < 0)
		return -1;
	if (delivery_unpack_question(&q, d->in.data, d->in.len) < 0) {
		log_error("malformed message of the front; ending");
		return -1;
	}
	if (q.kind == DELIVERY_PUT)
		return answer_put(d, &q);
	answer_list(d);
	return channel_send((int)d->o.front, d->out.data, d->out.len);
}

/* Until a key is too old, or children are to be looked after. */
static int
patience(struct deliverer *d)
{
	int64_t left = d->waiting.came_ms + KEY_LIFE_MS - clock_monotonic_ms();

	if (reap(d, WNOHANG) > 0)
		return LOOK_MS;
	return d->waiting.came_ms == 0 ? -1 : left > 0 ? (int)left : 0;
}

static void
serve(struct deliverer *d)
{
	struct pollfd p[2] = { { .fd = (int)d->o.front, .events = POLLIN },
		{ .fd = (int)d->o.keeper, .events = POLLIN } };
	int r;

	for (;;) {
		r = poll(p, 2, patience(d));
		if (clock_monotonic_ms() - d->waiting.came_ms >= KEY_LIFE_MS)
			forget_key(&d->waiting);
		if (r < 0 && errno != EINTR)
			return;
		if (r > 0 && p[1].revents != 0 && take_key(d) < 0)
			return;
		if (r > 0 && p[0].revents != 0 && answer(d) < 0)
			return;
	}
}

int
main(int argc, char **argv)
{
	static struct deliverer d;
	struct rlimit none = { 0, 0 };

	log_name("certwright-deliver");
	if (log_asked(argc, argv, USAGE))
		return 0;
	if (read_options(argc, argv, &d.o) < 0) {
		fputs(USAGE, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_IGN); /* it ends with the front, after what is under way */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
		return 1;
	lock_memory();
	serve(&d);
	reap(&d, 0);
	return 0;
}
