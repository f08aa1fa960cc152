/*
 * bits.c - sets of the numbers of one block, and how they are kept
 */
#include "store/bits.h"

enum form { MEMBERS, MISSING, PLAIN };

static void
put_gap(struct buf *out, size_t gap)
{
	if (gap >= 0x80)
		buf_put_u8(out, (uint8_t)(0x80 | gap >> 7));
	buf_put_u8(out, gap & 0x7f);
}

static void
put_gaps(struct buf *out, const struct bits *b, uint64_t flip)
{
	size_t last = 0;

	for (size_t i = 0; i < nitems(b->w); i++)
		for (uint64_t w = b->w[i] ^ flip; w != 0; w &= w - 1) {
			size_t at = i * 64 + (size_t)__builtin_ctzll(w);

			put_gap(out, at - last);
			last = at;
		}
}

void
bits_pack(struct buf *out, const struct bits *b)
{
	bool most = bits_count(b) > BLOCK / 2;

	buf_reset(out);
	buf_put_u8(out, most ? MISSING : MEMBERS);
	put_gaps(out, b, most ? ~0ULL : 0);
	if (out->len <= sizeof(b->w))
		return;
	buf_reset(out);
	buf_put_u8(out, PLAIN);
	for (size_t i = 0; i < nitems(b->w); i++)
		buf_put_u64(out, b->w[i]);
}

static int
get_gaps(struct bits *b, const unsigned char *p, size_t n)
{
	size_t at = 0, gap;

	for (size_t i = 0; i < n; i++) {
		gap = p[i] & 0x7f;
		if (p[i] >= 0x80) {
			if (++i == n)
				return -1;
			gap = gap << 7 | p[i];
		}
		if ((at += gap) >= BLOCK)
			return -1;
		bits_add(b, at);
	}
	return 0;
}

int
bits_unpack(struct bits *b, const unsigned char *p, size_t n)
{
	struct view v;
	int r = 0;

	memset(b, 0, sizeof(*b));
	if (n == 0 || p[0] > PLAIN)
		return -1;
	if (p[0] == PLAIN) {
		v = view_of(p + 1, n - 1);
		for (size_t i = 0; i < nitems(b->w); i++)
			r = view_u64(&v, &b->w[i]);
		return r < 0 ? -1 : view_end(&v);
	}
	r = get_gaps(b, p + 1, n - 1);
	for (size_t i = 0; p[0] == MISSING && i < nitems(b->w); i++)
		b->w[i] = ~b->w[i];
	return r;
}

bool
bits_and(struct bits *a, const struct bits *b)
{
	uint64_t left = 0;

	for (size_t i = 0; i < nitems(a->w); i++)
		left |= a->w[i] &= b->w[i];
	return left != 0;
}

void
bits_or(struct bits *a, const struct bits *b)
{
	for (size_t i = 0; i < nitems(a->w); i++)
		a->w[i] |= b->w[i];
}
