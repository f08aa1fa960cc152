/*
 * main.c - certwright-deliver: writes the files of the targets, runs their programs
 *
 * It keeps the rights that certwrightd was started with, and nothing else uses
 * them: it listens to two sockets, one from the front, one from the keeper.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

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

struct deliverer {
	struct options o;
	struct arena *arena; /* of the list */
	struct targets targets;
	struct incoming in;
	struct waiting waiting;
	struct buf out;
};

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

static void
answer_put(struct deliverer *d, const struct delivery_question *q)
{
	struct err e = { 0 };
	int r = put(d, q, &e);

	forget_key(&d->waiting);
	delivery_pack_answer(&d->out, DELIVERY_PUT, NULL, 0, r < 0 ? &e : NULL);
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
	if (q.kind == DELIVERY_LIST)
		answer_list(d);
	else
		answer_put(d, &q);
	return channel_send((int)d->o.front, d->out.data, d->out.len);
}

static void
serve(struct deliverer *d)
{
	struct pollfd p[2] = { { .fd = (int)d->o.front, .events = POLLIN },
		{ .fd = (int)d->o.keeper, .events = POLLIN } };
	int64_t left;
	int r;

	for (;;) {
		left = d->waiting.came_ms + KEY_LIFE_MS - clock_monotonic_ms();
		r = poll(p, 2, d->waiting.came_ms == 0 ? -1 : left > 0 ? (int)left : 0);
		if (r == 0)
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
	mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT); /* keys pass through, if it may */
	serve(&d);
	return 0;
}
