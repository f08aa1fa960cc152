/*
 * op_doors.c - which of the listeners serves which application
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "op/doors_setting.h"
#include "op/house.h"
#include "store/db.h"

struct doors {
	pthread_mutex_t change; /* one change at a time; before the database's */
	pthread_mutex_t lock;	/* of what is below */
	pthread_cond_t wake;
	struct setting kept, tried;
	int64_t until_ms;    /* monotonic; 0: nothing is on trial */
	unsigned generation; /* of what is in force */
};

struct doors *
doors_new(void)
{
	struct doors *d = calloc(1, sizeof(*d));
	pthread_condattr_t attr;

	if (d == NULL)
		abort();
	setting_first(&d->kept);
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

static const struct setting *
in_force(const struct doors *d)
{
	return on_trial(d) ? &d->tried : &d->kept;
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
	s = in_force(d);
	if ((s->v[SUPER].on >> listener & 1) == 0)
		hidden |= APP_SUPER;
	if ((s->v[ADMIN].on >> listener & 1) == 0)
		hidden |= APP_ADMIN;
	pthread_mutex_unlock(&d->lock);
	return hidden;
}

enum client_wish
doors_client(struct house *h, int listener, unsigned *generation)
{
	struct doors *d = h->doors;
	enum client_wish wish = CLIENT_NO;
	const struct setting *s;

	*generation = 0;
	if (d == NULL || listener < 0)
		return wish;
	pthread_mutex_lock(&d->lock);
	s = in_force(d);
	if (s->v[REQUIRED].on >> listener & 1)
		wish = CLIENT_REQUIRED;
	else if (s->v[ASKED].on >> listener & 1)
		wish = CLIENT_ASKED;
	*generation = d->generation + (d->until_ms != 0 && !on_trial(d));
	pthread_mutex_unlock(&d->lock);
	return wish;
}

bool
doors_client_ca(struct house *h, const char *authority)
{
	struct doors *d = h->doors;
	bool is;

	pthread_mutex_lock(&d->lock);
	is = setting_has_ca(in_force(d), authority);
	pthread_mutex_unlock(&d->lock);
	return is;
}

bool
doors_shut(const struct ctx *cx, const char *tenant)
{
	unsigned of = strcmp(tenant, TENANT_SYSTEM) == 0 ? APP_SUPER : APP_ADMIN;

	return (cx->hidden & of) != 0;
}

void
op_doors_state(struct ctx *cx, struct doors_state *s)
{
	struct doors *d = cx->house->doors;
	const struct setting *now;

	if (d == NULL) {
		*s = (struct doors_state){ .super = ALL,
			.admin = ALL,
			.kept_super = ALL,
			.kept_admin = ALL,
			.client_cas = "",
			.gone = "" };
		return;
	}
	pthread_mutex_lock(&d->lock);
	now = in_force(d);
	*s = (struct doors_state){ .super = now->v[SUPER].on,
		.admin = now->v[ADMIN].on,
		.client_asked = now->v[ASKED].on,
		.client_required = now->v[REQUIRED].on,
		.client_cas = arena_strdup(cx->arena, now->cas),
		.kept_super = d->kept.v[SUPER].on,
		.kept_admin = d->kept.v[ADMIN].on };
	if (on_trial(d))
		s->until = clock_wall() + (d->until_ms - clock_monotonic_ms() + 999) / 1000;
	s->gone = setting_gone(cx, &d->kept);
	pthread_mutex_unlock(&d->lock);
}

const char *
doors_address(struct house *h, enum application app)
{
	unsigned on = ALL;

	if (h->doors != NULL) {
		pthread_mutex_lock(&h->doors->lock);
		on = h->doors->kept.v[app == APP_SUPER ? SUPER : ADMIN].on;
		pthread_mutex_unlock(&h->doors->lock);
	}
	for (size_t i = 0; i < h->naddresses; i++)
		if (on >> i & 1)
			return h->addresses[i];
	return h->naddresses > 0 ? h->addresses[0] : NULL;
}

int
op_doors_start(struct ctx *cx)
{
	return setting_load(cx, &cx->house->doors->kept);
}

/* ---- a change ------------------------------------------------------------------- */

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
	if (!keep)
		d->generation++; /* as doors_client had it since the time ran out */
	else if (!on_trial(d))
		d->generation += 2; /* it ran out while it was kept: who came then came before */
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
		setting_note(cx, "applications.revert", &d->kept, ",\"why\":\"nobody kept it\"") <
		    0 ||
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
	if (setting_take(cx, w, &s) < 0)
		return -1;
	if (setting_same(&s, &d->kept))
		return 0;
	if (db_begin(cx) < 0 || setting_note(cx, "applications.try", &s, "") < 0 ||
	    db_commit(cx) < 0)
		return -1;
	pthread_mutex_lock(&d->lock);
	d->tried = s;
	d->generation++;
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
	if (db_begin(cx) < 0 || setting_write(cx, &d->tried) < 0 ||
	    setting_note(cx, "applications.keep", &d->tried, "") < 0 || db_commit(cx) < 0)
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
	if (db_begin(cx) < 0 || setting_note(cx, "applications.revert", &d->kept, "") < 0 ||
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
