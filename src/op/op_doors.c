/*
 * op_doors.c - which of the listeners serves which application
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "op/house.h"
#include "op/op_doors.h"
#include "store/store.h"

#define SETTING_SUPER "applications.super"
#define SETTING_ADMIN "applications.admin"
#define LINES_MAX     (LISTEN_MAX * 80)
#define ALL	      UINT_MAX

/* Of one application: where it is served, and how that is written down. */
struct served {
	unsigned on;	       /* a bit a listener */
	char lines[LINES_MAX]; /* addresses; "": all */
};
struct setting {
	struct served super, admin;
};

struct doors {
	pthread_mutex_t change; /* one change at a time; before the database's */
	pthread_mutex_t lock;	/* of what is below */
	pthread_cond_t wake;
	struct setting kept, tried;
	int64_t until_ms; /* monotonic; 0: nothing is on trial */
};

struct doors *
doors_new(void)
{
	struct doors *d = calloc(1, sizeof(*d));
	pthread_condattr_t attr;

	if (d == NULL)
		abort();
	d->kept.super.on = d->kept.admin.on = ALL;
	pthread_mutex_init(&d->change, NULL);
	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&d->wake, &attr);
	pthread_condattr_destroy(&attr);
	return d;
}

void
doors_free(struct doors *d)
{
	pthread_cond_destroy(&d->wake);
	pthread_mutex_destroy(&d->lock);
	pthread_mutex_destroy(&d->change);
	free(d);
}

static int64_t
trial_ms(void)
{
#ifdef CERTWRIGHT_TEST
	const char *ms = getenv("CERTWRIGHT_TEST_TRIAL_MS");

	if (ms != NULL)
		return strtoll(ms, NULL, 10);
#endif
	return TRIAL_S * 1000;
}

/* ---- what is in force --------------------------------------------------------- */

/* With the lock: is a trial under way, at this moment? */
static bool
on_trial(const struct doors *d)
{
	return d->until_ms != 0 && clock_monotonic_ms() < d->until_ms;
}

unsigned
doors_hidden(struct house *h, int listener)
{
	struct doors *d = h->doors;
	const struct setting *s;
	unsigned hidden = 0;

	if (d == NULL || listener < 0)
		return 0;
	pthread_mutex_lock(&d->lock);
	s = on_trial(d) ? &d->tried : &d->kept;
	if ((s->super.on >> listener & 1) == 0)
		hidden |= APP_SUPER;
	if ((s->admin.on >> listener & 1) == 0)
		hidden |= APP_ADMIN;
	pthread_mutex_unlock(&d->lock);
	return hidden;
}

bool
doors_shut(const struct ctx *cx, const char *tenant)
{
	unsigned of = strcmp(tenant, TENANT_SYSTEM) == 0 ? APP_SUPER : APP_ADMIN;

	return (cx->hidden & of) != 0;
}

/* The listener of this address; 0: there is none. */
static unsigned
bit_of(const struct config *c, const char *address)
{
	for (size_t i = 0; i < c->nlisten; i++)
		if (strcmp(c->listen[i], address) == 0)
			return 1u << i;
	return 0;
}

/* The listeners that the lines name. `gone`: where nothing listens any more. */
static unsigned
read_lines(struct ctx *cx, const char *lines, const char *between, struct buf *gone)
{
	char *rest = arena_strdup(cx->arena, lines), *one;
	unsigned on = 0, bit;

	while ((one = strsep(&rest, "\n")) != NULL) {
		on |= bit = bit_of(cx->config, one);
		if (bit == 0 && one[0] != '\0')
			buf_printf(gone, "%s%s", gone->len > 0 ? between : "", one);
	}
	return on;
}

void
op_doors_state(struct ctx *cx, struct doors_state *s)
{
	struct doors *d = cx->house->doors;
	AUTO_BUF struct buf gone = { 0 };
	const struct setting *now;

	if (d == NULL) {
		*s = (struct doors_state){ ALL, ALL, ALL, ALL, 0, "" };
		return;
	}
	pthread_mutex_lock(&d->lock);
	now = on_trial(d) ? &d->tried : &d->kept;
	*s = (struct doors_state){ .super = now->super.on,
		.admin = now->admin.on,
		.kept_super = d->kept.super.on,
		.kept_admin = d->kept.admin.on };
	if (on_trial(d))
		s->until = clock_wall() + (d->until_ms - clock_monotonic_ms() + 999) / 1000;
	read_lines(cx, d->kept.super.lines, "\n", &gone);
	read_lines(cx, d->kept.admin.lines, "\n", &gone);
	pthread_mutex_unlock(&d->lock);
	s->gone = arena_strdup(cx->arena, buf_text(&gone));
}

const char *
doors_address(struct house *h, enum application app)
{
	unsigned on = ALL;

	if (h->doors != NULL) {
		pthread_mutex_lock(&h->doors->lock);
		on = app == APP_SUPER ? h->doors->kept.super.on : h->doors->kept.admin.on;
		pthread_mutex_unlock(&h->doors->lock);
	}
	for (size_t i = 0; i < h->naddresses; i++)
		if (on >> i & 1)
			return h->addresses[i];
	return h->naddresses > 0 ? h->addresses[0] : NULL;
}

/* ---- what was written down ------------------------------------------------------ */

static int
start_one(struct ctx *cx, const char *setting, const char *what, struct served *s)
{
	AUTO_BUF struct buf gone = { 0 };
	const char *lines;

	if (store_setting_load(cx, setting, &lines) < 0)
		return -1;
	if (lines == NULL || strlen(lines) >= sizeof(s->lines))
		return 0;
	strcpy(s->lines, lines);
	if ((s->on = read_lines(cx, lines, ", ", &gone)) == 0)
		s->on = ALL;
	if (gone.len > 0)
		log_warn("%s was to be served on %s, where nothing listens any more: it is "
			 "served on %s",
		    what, buf_text(&gone),
		    s->on == ALL ? "all addresses" : "the others that were named");
	return 0;
}

int
op_doors_start(struct ctx *cx)
{
	struct doors *d = cx->house->doors;

	return start_one(cx, SETTING_SUPER, "the Super Admin's application", &d->kept.super) < 0
	    ? -1
	    : start_one(cx, SETTING_ADMIN, "the tenants' application", &d->kept.admin);
}

/* ---- a change ------------------------------------------------------------------- */

static int
no_address(struct ctx *cx, const char *field, const char *typed)
{
	AUTO_BUF struct buf all = { 0 };

	for (size_t i = 0; i < cx->config->nlisten; i++)
		buf_printf(&all, "%s%s", i > 0 ? ", " : "", cx->config->listen[i]);
	if (typed[0] == '\0')
		err_set(&cx->err, R_DOORS_ADDRESS, field, "it would be served nowhere");
	else
		err_set(&cx->err, R_DOORS_ADDRESS, field, "nothing listens on \"%.80s\"", typed);
	return err_hint(&cx->err,
	    "all, or some of %s; the option listen, certwrightd(8), says where there are "
	    "listeners",
	    buf_text(&all));
}

/* All that there are is "all": one that is added later is among them, too. */
static int
take_one(struct ctx *cx, const char *field, const char *typed, struct served *s)
{
	const struct config *c = cx->config;
	char *rest, *one;
	unsigned on = 0, bit;
	size_t n = 0;

	if (typed == NULL)
		return 0;
	rest = arena_strdup(cx->arena, typed);
	while ((one = strsep(&rest, ", \t\r\n")) != NULL) {
		on |= bit = strcmp(one, "all") == 0 ? ALL : bit_of(c, one);
		if (bit == 0 && one[0] != '\0')
			return no_address(cx, field, one);
	}
	if (on == 0)
		return no_address(cx, field, "");
	memset(s, 0, sizeof(*s));
	s->on = (on | ~((1u << c->nlisten) - 1)) == ALL ? ALL : on;
	for (size_t i = 0; s->on != ALL && i < c->nlisten; i++)
		if (on >> i & 1)
			n += (size_t)snprintf(s->lines + n, sizeof(s->lines) - n, "%s%s",
			    n > 0 ? "\n" : "", c->listen[i]);
	return 0;
}

static bool
is_same(const struct setting *a, const struct setting *b)
{
	return strcmp(a->super.lines, b->super.lines) == 0 &&
	    strcmp(a->admin.lines, b->admin.lines) == 0;
}

static const char *
said(struct ctx *cx, const struct served *s)
{
	char *text = arena_strdup(cx->arena, s->lines[0] == '\0' ? "all" : s->lines);

	for (char *p = text; (p = strchr(p, '\n')) != NULL;)
		*p = ' ';
	return text;
}

/* What is in force from then on, and why: in the open transaction. */
static int
note(struct ctx *cx, const char *action, const struct setting *s, const char *more)
{
	return audit(cx, action, "",
	    arena_printf(cx->arena, "{\"super\":\"%s\",\"admin\":\"%s\"%s}", said(cx, &s->super),
		said(cx, &s->admin), more));
}

static void
lock_change(struct doors *d)
{
	pthread_mutex_lock(&d->change);
}

/* The trial is over, one way or the other. */
static void
end_trial(struct doors *d, bool keep)
{
	pthread_mutex_lock(&d->lock);
	if (keep)
		d->kept = d->tried;
	d->until_ms = 0;
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
}

static bool
is_on_trial(struct doors *d)
{
	bool is;

	pthread_mutex_lock(&d->lock);
	is = on_trial(d);
	pthread_mutex_unlock(&d->lock);
	return is;
}

/* Its time ran out: it is not in force any more, and that goes on record. */
static int
expire(struct ctx *cx, struct doors *d)
{
	struct actor asking = cx->actor;
	struct claim claim = cx->claim;
	int r;

	if (d->until_ms == 0 || is_on_trial(d))
		return 0;
	memset(&cx->actor, 0, sizeof(cx->actor));
	memset(&cx->claim, 0, sizeof(cx->claim)); /* it is of what comes after */
	cx->actor.kind = ACTOR_SYSTEM;
	memcpy(cx->actor.name, "system", sizeof("system"));
	memcpy(cx->actor.source, "local", sizeof("local"));
	r = db_begin(cx) < 0 ||
		note(cx, "applications.revert", &d->kept, ",\"why\":\"nobody kept it\"") < 0 ||
		db_commit(cx) < 0
	    ? -1
	    : 0;
	cx->actor = asking;
	cx->claim = claim;
	if (r == 0) {
		end_trial(d, false);
		log_info("the applications are served where they were: nobody kept the trial");
	}
	return r;
}

static int
no_trial(struct ctx *cx)
{
	err_set(&cx->err, R_TRIAL_NONE, NULL, "nothing is on trial");
	return err_hint(&cx->err,
	    "a trial that nobody keeps is over after %d seconds: make the change again", TRIAL_S);
}

static int
change(struct ctx *cx, struct doors *d, const struct doors_wish *w)
{
	struct setting s;

	if (expire(cx, d) < 0)
		return -1;
	if (is_on_trial(d)) {
		err_set(&cx->err, R_TRIAL_ON, NULL, "another change is on trial");
		return err_hint(&cx->err, "keep it, take it back, or wait until it is over");
	}
	s = d->kept;
	if (take_one(cx, "super", w->super, &s.super) < 0 ||
	    take_one(cx, "admin", w->admin, &s.admin) < 0)
		return -1;
	if (is_same(&s, &d->kept))
		return 0;
	if (db_begin(cx) < 0 || note(cx, "applications.try", &s, "") < 0 || db_commit(cx) < 0)
		return -1;
	pthread_mutex_lock(&d->lock);
	d->tried = s;
	d->until_ms = clock_monotonic_ms() + trial_ms();
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
	return 0;
}

int
op_doors_try(struct ctx *cx, const struct doors_wish *w)
{
	struct doors *d = cx->house->doors;
	int r;

	lock_change(d);
	r = change(cx, d, w);
	pthread_mutex_unlock(&d->change);
	return r;
}

static const char *
written(const struct served *s)
{
	return s->lines[0] == '\0' ? NULL : s->lines;
}

static int
keep(struct ctx *cx, struct doors *d)
{
	if (expire(cx, d) < 0)
		return -1;
	if (!is_on_trial(d))
		return no_trial(cx);
	if (doors_hidden(cx->house, cx->listener) & APP_SUPER) {
		err_set(&cx->err, R_TRIAL_ELSEWHERE, NULL,
		    "the Super Admin's application would not be served where this comes from");
		return err_hint(&cx->err, "keep it over one of the addresses that serve it");
	}
	if (db_begin(cx) < 0 ||
	    store_setting_save(cx, SETTING_SUPER, written(&d->tried.super)) < 0 ||
	    store_setting_save(cx, SETTING_ADMIN, written(&d->tried.admin)) < 0 ||
	    note(cx, "applications.keep", &d->tried, "") < 0 || db_commit(cx) < 0)
		return -1;
	end_trial(d, true);
	return 0;
}

int
op_doors_keep(struct ctx *cx)
{
	struct doors *d = cx->house->doors;
	int r;

	lock_change(d);
	r = keep(cx, d);
	pthread_mutex_unlock(&d->change);
	return r;
}

static int
take_back(struct ctx *cx, struct doors *d)
{
	if (expire(cx, d) < 0)
		return -1;
	if (!is_on_trial(d))
		return no_trial(cx);
	if (db_begin(cx) < 0 || note(cx, "applications.revert", &d->kept, "") < 0 ||
	    db_commit(cx) < 0)
		return -1;
	end_trial(d, false);
	return 0;
}

int
op_doors_revert(struct ctx *cx)
{
	struct doors *d = cx->house->doors;
	int r;

	lock_change(d);
	r = take_back(cx, d);
	pthread_mutex_unlock(&d->change);
	return r;
}

/* ---- the end of a trial ---------------------------------------------------------- */

void
op_doors_wait(struct house *h)
{
	struct doors *d = h->doors;

	pthread_mutex_lock(&d->lock);
	while (d->until_ms == 0 || on_trial(d)) {
		struct timespec t = { d->until_ms / 1000, d->until_ms % 1000 * 1000000L };

		if (d->until_ms == 0)
			pthread_cond_wait(&d->wake, &d->lock);
		else
			pthread_cond_timedwait(&d->wake, &d->lock, &t);
	}
	pthread_mutex_unlock(&d->lock);
}

int
op_doors_step(struct ctx *cx)
{
	struct doors *d = cx->house->doors;
	int r;

	lock_change(d);
	r = expire(cx, d);
	pthread_mutex_unlock(&d->change);
	return r;
}
