/*
 * delivery.c - what front and keeper say to certwright-deliver
 */
#include "wire/delivery.h"

void
delivery_pack_question(struct buf *b, const struct delivery_question *q)
{
	buf_reset(b);
	buf_put_u8(b, DELIVERY_VERSION);
	buf_put_u8(b, q->kind);
	if (q->kind != DELIVERY_PUT)
		return;
	buf_put(b, q->ticket, sizeof(q->ticket));
	buf_put_cstring(b, q->target);
	buf_put_string(b, q->certificates.data, q->certificates.len);
}

static int
take_ticket(struct view *v, unsigned char ticket[DELIVERY_TICKET])
{
	const unsigned char *p;

	if (view_bytes(v, &p, DELIVERY_TICKET) < 0)
		return -1;
	memcpy(ticket, p, DELIVERY_TICKET);
	return 0;
}

static int
take_bytes(struct view *v, struct bytes *out)
{
	return view_string(v, &out->data, &out->len, v->len);
}

int
delivery_unpack_question(struct delivery_question *q, const void *data, size_t len)
{
	struct view v = view_of(data, len);
	uint8_t version = 0;

	memset(q, 0, sizeof(*q));
	if (view_u8(&v, &version) < 0 || version != DELIVERY_VERSION || view_u8(&v, &q->kind) < 0)
		return -1;
	if (q->kind == DELIVERY_LIST)
		return view_end(&v);
	if (q->kind != DELIVERY_PUT || take_ticket(&v, q->ticket) < 0 ||
	    view_cstring(&v, q->target, sizeof(q->target)) < 0 ||
	    take_bytes(&v, &q->certificates) < 0)
		return -1;
	return view_end(&v);
}

void
delivery_pack_key(struct buf *b, const struct delivery_key *k)
{
	buf_reset(b);
	buf_put_u8(b, DELIVERY_VERSION);
	buf_put(b, k->ticket, sizeof(k->ticket));
	buf_put_cstring(b, k->target);
	buf_put_string(b, k->spki.data, k->spki.len);
	buf_put_string(b, k->pkcs8.data, k->pkcs8.len);
}

int
delivery_unpack_key(struct delivery_key *k, const void *data, size_t len)
{
	struct view v = view_of(data, len);
	uint8_t version = 0;

	memset(k, 0, sizeof(*k));
	if (view_u8(&v, &version) < 0 || version != DELIVERY_VERSION ||
	    take_ticket(&v, k->ticket) < 0 || view_cstring(&v, k->target, sizeof(k->target)) < 0 ||
	    take_bytes(&v, &k->spki) < 0 || take_bytes(&v, &k->pkcs8) < 0)
		return -1;
	return view_end(&v);
}

void
delivery_pack_answer(struct buf *b, uint8_t kind, const struct delivery_target *targets, size_t n,
    const struct err *why)
{
	buf_reset(b);
	buf_put_u8(b, DELIVERY_VERSION);
	buf_put_u8(b, kind);
	buf_put_u8(b, why != NULL);
	if (why != NULL) {
		why_pack(b, why);
		return;
	}
	if (kind != DELIVERY_LIST)
		return;
	buf_put_u16(b, (uint16_t)n);
	for (size_t i = 0; i < n; i++) {
		buf_put_cstring(b, targets[i].name);
		buf_put_cstring(b, targets[i].kind);
		buf_put_cstring(b, targets[i].place);
	}
}

static int
take_targets(struct view *v, struct delivery_target *t, size_t *n)
{
	uint16_t count = 0;

	if (view_u16(v, &count) < 0 || count > DELIVERY_TARGETS)
		return -1;
	for (*n = 0; *n < count; (*n)++)
		if (view_cstring(v, t[*n].name, sizeof(t->name)) < 0 ||
		    view_cstring(v, t[*n].kind, sizeof(t->kind)) < 0 ||
		    view_cstring(v, t[*n].place, sizeof(t->place)) < 0)
			return -1;
	return 0;
}

int
delivery_unpack_answer(uint8_t kind, const void *data, size_t len, struct delivery_target *targets,
    size_t *n, struct err *why)
{
	struct view v = view_of(data, len);
	uint8_t version = 0, its = 0, refused = 2;

	*n = 0;
	if (view_u8(&v, &version) < 0 || version != DELIVERY_VERSION || view_u8(&v, &its) < 0 ||
	    its != kind || view_u8(&v, &refused) < 0 || refused > 1)
		return -1;
	if (refused ? why_unpack(&v, why) < 0
		    : kind == DELIVERY_LIST && take_targets(&v, targets, n) < 0)
		return -1;
	return view_end(&v);
}
