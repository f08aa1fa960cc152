/*
 * op_approval.c - what waits for a second custodian (P15)
 */
#include <pthread.h>
#include <stdio.h>

#include "op/house.h"
#include "op/op_approval.h"
#include "op/op_totp.h"

#define APPROVALS_MAX 64

struct approvals {
	pthread_mutex_t lock;
	struct approval v[APPROVALS_MAX];
	size_t n; /* the oldest first */
};

struct approvals *
approvals_new(void)
{
	struct approvals *a = calloc(1, sizeof(*a));

	if (a == NULL)
		abort();
	pthread_mutex_init(&a->lock, NULL);
	return a;
}

void
approvals_free(struct approvals *a)
{
	if (a == NULL)
		return;
	explicit_bzero(a, sizeof(*a));
	free(a);
}

/* ---- the list ------------------------------------------------------------------ */
static void
drop(struct approvals *all, size_t at)
{
	memmove(&all->v[at], &all->v[at + 1], (all->n - at - 1) * sizeof(all->v[0]));
	explicit_bzero(&all->v[--all->n], sizeof(all->v[0]));
}

/* Lock it, without those that are too old. */
static struct approvals *
list_open(struct ctx *cx)
{
	struct approvals *all = cx->house->approvals;

	pthread_mutex_lock(&all->lock);
	for (size_t i = all->n; i > 0; i--)
		if (all->v[i - 1].until <= cx->now)
			drop(all, i - 1);
	return all;
}

static bool
same(struct ctx *cx, const struct approval *a, const char *text)
{
	return strcmp(a->tenant, cx->tenant) == 0 && strcmp(a->act, text) == 0;
}

/* In place of the same one's for the same act. */
static void
put(struct ctx *cx, const struct approval *a)
{
	struct approvals *all = list_open(cx);

	for (size_t i = all->n; i > 0; i--)
		if (same(cx, &all->v[i - 1], a->act) &&
		    strcmp(all->v[i - 1].account, a->account) == 0)
			drop(all, i - 1);
	if (all->n == APPROVALS_MAX)
		drop(all, 0);
	all->v[all->n++] = *a;
	pthread_mutex_unlock(&all->lock);
}

bool
approval_find(struct ctx *cx, const char *text, struct approval *asked, struct approval *second)
{
	struct approvals *all = list_open(cx);

	memset(asked, 0, sizeof(*asked));
	memset(second, 0, sizeof(*second));
	for (size_t i = 0; i < all->n; i++)
		if (same(cx, &all->v[i], text))
			*(all->v[i].asked ? asked : second) = all->v[i];
	pthread_mutex_unlock(&all->lock);
	return asked->account[0] != '\0';
}

void
approval_list(struct ctx *cx, struct approval **out, size_t *n)
{
	struct approvals *all = list_open(cx);

	*n = 0;
	*out = arena_alloc(cx->arena, (all->n + 1) * sizeof(**out));
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].tenant, cx->tenant) == 0 && all->v[i].asked)
			(*out)[(*n)++] = all->v[i];
	pthread_mutex_unlock(&all->lock);
}

void
approval_end(struct ctx *cx, const char *text)
{
	struct approvals *all = list_open(cx);

	for (size_t i = all->n; i > 0; i--)
		if (same(cx, &all->v[i - 1], text))
			drop(all, i - 1);
	pthread_mutex_unlock(&all->lock);
}

/* ---- to approve ------------------------------------------------------------------ */
static int
own_account(struct ctx *cx, struct account *a)
{
	if (cx->actor.id[0] == '\0') {
		err_set(&cx->err, R_ACCOUNT_NONE, NULL,
		    "this takes two custodians, and the local administrator has no account");
		return err_hint(
		    &cx->err, "sign in at the portal, or use --server with your own token");
	}
	IN_TENANT(cx, cx->actor.tenant);
	return store_account_load(cx, cx->actor.id, a);
}

static int
use_step(struct ctx *cx, const struct account *a, int64_t step)
{
	IN_TENANT(cx, a->tenant);

	return store_account_use_step(cx, a->id, step);
}

/* The keeper's ticket for the caller's code, on record, and into the list. */
static int
approve(struct ctx *cx, const struct act *act, const struct approval *asked)
{
	struct approval own = { .asked = asked == NULL, .until = cx->now + APPROVAL_LIFE_S };
	struct account a = { 0 };
	struct key_person who;
	const char *detail;
	uint32_t code;
	int64_t step;

	if (own_account(cx, &a) < 0)
		return -1;
	if (act->code[0] == '\0') {
		err_set(&cx->err, R_APPROVAL_CODE, "code", "this takes a one-time code of yours");
		return err_hint(&cx->err, "two custodians approve, each with a code");
	}
	who = totp_person(cx, &a);
	if (totp_code(cx, act->code, &code) < 0 ||
	    keys_approve(cx->keeper, &who, code, act->text, own.ticket, &step, &cx->err) < 0)
		return -1;
	snprintf(own.tenant, sizeof(own.tenant), "%s", cx->tenant);
	snprintf(own.act, sizeof(own.act), "%s", act->text);
	snprintf(own.about, sizeof(own.about), "%s", act->about);
	snprintf(own.wish, sizeof(own.wish), "%s", act->wish);
	snprintf(own.account, sizeof(own.account), "%s", a.id);
	snprintf(own.name, sizeof(own.name), "%s", a.name);
	detail = asked != NULL ? arena_printf(cx->arena, "{\"asked_by\":\"%s\"}", asked->name)
			       : arena_printf(cx->arena, "{\"wish\":\"%s\"}", act->wish);
	if (db_begin(cx) < 0 || use_step(cx, &a, step) < 0 ||
	    audit(cx,
		arena_printf(cx->arena, "%s.%s", act->action, asked != NULL ? "approve" : "ask"),
		act->about, detail) < 0 ||
	    db_commit(cx) < 0)
		return -1;
	put(cx, &own);
	return 0;
}

static int
other(struct ctx *cx, const struct approval *asked)
{
	err_set(&cx->err, R_APPROVAL_OTHER, NULL, "the account %s asked for this and waits",
	    asked->name);
	return err_hint(
	    &cx->err, "approve that, or wait until %s", time_minute(cx->arena, asked->until));
}

static void
join(struct ctx *cx, const struct approval *asked, const struct approval *second,
    struct consent *out)
{
	memcpy(out->tickets, asked->ticket, KEYS_TICKET_SIZE);
	memcpy(out->tickets + KEYS_TICKET_SIZE, second->ticket, KEYS_TICKET_SIZE);
	out->len = sizeof(out->tickets);
	out->by[0] = arena_strdup(cx->arena, asked->name);
	out->by[1] = arena_strdup(cx->arena, second->name);
}

int
approval_gather(struct ctx *cx, const struct act *act, struct consent *out)
{
	struct approval asked, second;
	char(*ids)[ID_SIZE];
	bool there, own;
	size_t n;

	memset(out, 0, sizeof(*out));
	if (keys_custodians(cx->keeper, cx->arena, &ids, &n, &cx->err) < 0)
		return -1;
	if (n < APPROVAL_TWO)
		return 0;
	there = approval_find(cx, act->text, &asked, &second);
	own = there && strcmp(asked.account, cx->actor.id) == 0;
	if (there && !own && !act->join)
		return other(cx, &asked);
	if ((!own || act->code[0] != '\0') && approve(cx, act, there && !own ? &asked : NULL) < 0)
		return -1;
	approval_find(cx, act->text, &asked, &second);
	out->until = asked.until;
	out->waiting = second.account[0] == '\0';
	if (!out->waiting)
		join(cx, &asked, &second, out);
	return 0;
}

int
approval_give(struct ctx *cx, const struct act *act, struct approval *asked)
{
	struct approval second;

	if (!approval_find(cx, act->text, asked, &second)) {
		err_set(&cx->err, R_APPROVAL_NONE, NULL, "nobody asked for this");
		return err_hint(
		    &cx->err, "who asked has to ask again after %d minutes", APPROVAL_LIFE_S / 60);
	}
	if (strcmp(asked->account, cx->actor.id) == 0)
		return err_set(&cx->err, R_APPROVAL_OWN, NULL,
		    "you asked for this yourself; another custodian approves it");
	return approve(cx, act, asked);
}

const char *
approval_names(struct ctx *cx, const struct consent *c)
{
	if (c->len == 0)
		return "";
	return arena_printf(cx->arena, ",\"approved_by\":[\"%s\",\"%s\"]", c->by[0], c->by[1]);
}
