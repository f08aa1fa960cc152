/*
 * test_client.c - a keeper that is gone, or that answers something else
 */
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/keeper.h"
#include "wire/channel.h"

struct house {
	struct keeper *keeper;
	int other;
	struct err e;
};

static int
house_open(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	h->keeper = keeper_attach(ends[0]);
	h->other = ends[1];
	*state = h;
	return 0;
}

static int
house_close(void **state)
{
	struct house *h = *state;

	keeper_detach(h->keeper);
	close(h->other);
	free(h);
	return 0;
}

/* One question for which these bytes are the answer. */
static enum refusal
answered(struct house *h, const void *data, size_t len)
{
	struct message q = { .op = OP_HMAC }, a;

	err_clear(&h->e);
	assert_int_equal(channel_send(h->other, data, len), 0);
	assert_int_equal(keeper_ask(h->keeper, &q, &a, &h->e), -1);
	return h->e.refusal;
}

static void
an_answer_that_does_not_fit_is_refused(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf b = { 0 };
	struct message m = { .op = OP_HMAC };

	assert_int_equal(answered(h, "x", 1), R_KEEPER_PROTOCOL);
	assert_int_equal(answered(h, "\1\11\0too short", 12), R_KEEPER_PROTOCOL);
	message_pack(&b, &m, true);
	buf_put_u8(&b, 0);
	assert_int_equal(answered(h, b.data, b.len), R_KEEPER_PROTOCOL);
	m.op = OP_IMPORT_KEY; /* of the same form, to another question */
	message_pack(&b, &m, true);
	assert_int_equal(answered(h, b.data, b.len), R_KEEPER_PROTOCOL);
}

static void
a_refusal_of_the_keeper_is_carried(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf b = { 0 };
	struct message m = { .op = OP_HMAC, .refused = true };

	err_set(&m.why, R_UNSEAL, NULL, "no");
	message_pack(&b, &m, true);
	assert_int_equal(answered(h, b.data, b.len), R_UNSEAL);
	assert_string_equal(h->e.message, "no");
}

static void
a_keeper_that_is_gone_is_said(void **state)
{
	struct house *h = *state;
	struct message q = { .op = OP_STATE }, a;

	close(h->other);
	h->other = -1;
	err_clear(&h->e);
	assert_int_equal(keeper_ask(h->keeper, &q, &a, &h->e), -1);
	assert_int_equal(h->e.refusal, R_KEEPER_GONE);
	assert_true(h->e.hint[0] != '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_does_not_fit_is_refused),
		cmocka_unit_test(a_refusal_of_the_keeper_is_carried),
		cmocka_unit_test(a_keeper_that_is_gone_is_said),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
