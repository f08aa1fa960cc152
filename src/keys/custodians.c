/*
 * custodians.c - stubs for the keeper's operations about custodians
 *
 * keys_x pairs by name with answer_x in src/keeper/ops_custodian.c.
 */
#include <stdio.h>

#include "keys/custodians.h"
#include "keys/keeper.h"

static struct message
about(uint8_t op, const struct key_person *p)
{
	struct message q = { .op = op };

	snprintf(q.id, sizeof(q.id), "%s", p->id);
	snprintf(q.tenant, sizeof(q.tenant), "%s", p->tenant);
	q.data = (struct bytes){ p->seed, p->seed_len };
	return q;
}

int
keys_code(struct keeper *k, const struct key_person *p, uint32_t code, int64_t *step, struct err *e)
{
	struct message q = about(OP_CODE, p), a = { 0 };

	q.code = code;
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	*step = (int64_t)a.sequence;
	return 0;
}

int
keys_approve(struct keeper *k, const struct key_person *p, uint32_t code, const char *act,
    unsigned char ticket[KEYS_TICKET_SIZE], int64_t *step, struct err *e)
{
	struct message q = about(OP_APPROVE, p), a = { 0 };

	q.code = code;
	snprintf(q.text, sizeof(q.text), "%s", act);
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	if (a.data.len != KEYS_TICKET_SIZE)
		return err_set(e, R_KEEPER_PROTOCOL, NULL, "the keeper's answer does not fit");
	memcpy(ticket, a.data.data, KEYS_TICKET_SIZE);
	*step = (int64_t)a.sequence;
	return 0;
}

int
keys_custodian_add(
    struct keeper *k, const struct key_person *p, const void *tickets, size_t len, struct err *e)
{
	struct message q = about(OP_CUSTODIAN_ADD, p), a = { 0 };

	q.tickets = (struct bytes){ tickets, len };
	return keeper_ask(k, &q, &a, e);
}

int
keys_custodian_remove(
    struct keeper *k, const char *id, const void *tickets, size_t len, struct err *e)
{
	struct message q = { .op = OP_CUSTODIAN_REMOVE }, a = { 0 };

	snprintf(q.id, sizeof(q.id), "%s", id);
	q.tickets = (struct bytes){ tickets, len };
	return keeper_ask(k, &q, &a, e);
}

int
keys_custodians(
    struct keeper *k, struct arena *arena, char (**out)[ID_SIZE], size_t *n, struct err *e)
{
	struct message q = { .op = OP_CUSTODIANS }, a = { 0 };
	struct view v;

	*n = 0;
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	*out = arena_alloc(arena, a.data.len / 4 * ID_SIZE + 1);
	v = view_of(a.data.data, a.data.len);
	while (v.len > 0 && !v.failed)
		if (view_cstring(&v, (*out)[*n], ID_SIZE) == 0)
			(*n)++;
	return v.failed ? err_set(e, R_KEEPER_PROTOCOL, NULL, "the keeper's answer does not fit")
			: 0;
}
