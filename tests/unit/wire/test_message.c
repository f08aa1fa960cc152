/*
 * test_message.c - every message of the keeper protocol, there and back
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "wire/message.h"

static struct bytes
bytes(const char *text)
{
	return (struct bytes){ .data = (const unsigned char *)text, .len = strlen(text) };
}

/* All fields set; each row packs those that it has. */
static struct message
full(uint8_t op)
{
	struct message m = { .op = op,
		.id = "01jz0000000000000000000000",
		.tenant = "system",
		.type = WIRE_RSA,
		.bits = 3072,
		.purposes = 0x80000005,
		.exportable = 1,
		.scheme = SCHEME_RSA_PSS_SHA384,
		.format = 3,
		.sequence = 0x0123456789abcdef,
		.blob = bytes("a blob"),
		.data = bytes("data"),
		.spki = bytes("spki"),
		.passphrase = bytes("secret"),
		.has_passphrase = true,
		.text = "what was found",
		.code = 999999,
		.tickets = bytes("tickets"),
		.pool_have = { 1, 2, 3 },
		.pool_want = { 4, 5, 0xffff },
		.destroyed = 70000,
		.unreconciled = 80000,
		.count = 0xfffe };

	for (size_t i = 0; i < sizeof(m.hash); i++)
		m.hash[i] = (unsigned char)(i + 1);
	for (size_t i = 0; i < sizeof(m.kek_id); i++)
		m.kek_id[i] = (unsigned char)(0xf0 + i);
	return m;
}

static bool
is_there(uint8_t op)
{
	return strcmp(message_name(op), "?") != 0;
}

/* An exact copy on the heap, so that ASan sees a read past the end. */
static int
unpack(struct message *m, const unsigned char *data, size_t len, bool answer)
{
	unsigned char *copy = malloc(len == 0 ? 1 : len);
	int r;

	if (len > 0)
		memcpy(copy, data, len);
	r = message_unpack(m, copy, len, answer);
	free(copy);
	return r;
}

static void
each_message_comes_back_as_it_was(void **state)
{
	for (uint8_t op = 1; op < OP_COUNT; op++)
		for (int answer = 0; answer < 2 && is_there(op); answer++) {
			AUTO_BUF struct buf b = { 0 }, again = { 0 };
			struct message m = full(op), got;

			message_pack(&b, &m, answer);
			assert_int_equal(message_unpack(&got, b.data, b.len, answer), 0);
			assert_int_equal(got.op, op);
			message_pack(&again, &got, answer);
			assert_int_equal(again.len, b.len);
			assert_memory_equal(again.data, b.data, b.len);
		}
}

static void
fields_are_what_was_packed(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct message m = full(OP_GENERATE), got;

	message_pack(&b, &m, false);
	assert_int_equal(message_unpack(&got, b.data, b.len, false), 0);
	assert_string_equal(got.id, m.id);
	assert_string_equal(got.tenant, m.tenant);
	assert_int_equal(got.type, m.type);
	assert_int_equal(got.bits, m.bits);
	assert_int_equal(got.purposes, m.purposes);
	assert_int_equal(got.exportable, 1);
	m = full(OP_STATE);
	message_pack(&b, &m, true);
	assert_int_equal(message_unpack(&got, b.data, b.len, true), 0);
	assert_memory_equal(got.pool_have, m.pool_have, sizeof(m.pool_have));
	assert_memory_equal(got.pool_want, m.pool_want, sizeof(m.pool_want));
	assert_int_equal(got.destroyed, 70000);
	assert_int_equal(got.unreconciled, 80000);
	assert_memory_equal(got.kek_id, m.kek_id, sizeof(m.kek_id));
	assert_true(got.sequence == m.sequence);
	assert_memory_equal(got.hash, m.hash, sizeof(m.hash));
	assert_string_equal(got.text, m.text);
	m = full(OP_IMPORT);
	message_pack(&b, &m, false);
	assert_int_equal(message_unpack(&got, b.data, b.len, false), 0);
	assert_true(got.has_passphrase);
	assert_int_equal(got.passphrase.len, 6);
	assert_memory_equal(got.passphrase.data, "secret", 6);
	assert_memory_equal(got.data.data, "data", 4);
}

static void
a_message_cut_anywhere_is_malformed(void **state)
{
	for (uint8_t op = 1; op < OP_COUNT; op++)
		for (int answer = 0; answer < 2 && is_there(op); answer++) {
			AUTO_BUF struct buf b = { 0 };
			struct message m = full(op), got;

			message_pack(&b, &m, answer);
			for (size_t n = 0; n < b.len; n++)
				assert_int_equal(unpack(&got, b.data, n, answer), -1);
			buf_put_u8(&b, 0);
			assert_int_equal(unpack(&got, b.data, b.len, answer), -1);
		}
}

static void
a_refusal_is_carried_unchanged(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct message m = { .op = OP_SIGN, .refused = true }, got;

	err_set(&m.why, R_SIGN_GUARD, "field", "it is %s", "no request");
	err_hint(&m.why, "look again");
	message_pack(&b, &m, true);
	assert_int_equal(message_unpack(&got, b.data, b.len, true), 0);
	assert_true(got.refused);
	assert_int_equal(got.why.refusal, R_SIGN_GUARD);
	assert_int_equal(got.why.kind, ERR_DENIED);
	assert_string_equal(got.why.field, "field");
	assert_string_equal(got.why.message, "it is no request");
	assert_string_equal(got.why.hint, "look again");
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(unpack(&got, b.data, n, true), -1);
	buf_put_u8(&b, 0);
	assert_int_equal(unpack(&got, b.data, b.len, true), -1);
	/* as a question it has a byte too many, and no refusal */
	assert_int_equal(unpack(&got, b.data, b.len, false), -1);
}

static void
an_unknown_refusal_is_internal(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct message got;

	buf_put(&b, "\x01\x07\x01", 3);
	buf_put_cstring(&b, "no.such.refusal");
	for (int i = 0; i < 3; i++)
		buf_put_cstring(&b, "");
	assert_int_equal(unpack(&got, b.data, b.len, true), 0);
	assert_int_equal(got.why.refusal, R_INTERNAL);
}

static int
question(const char *data, size_t len)
{
	struct message m;

	return unpack(&m, (const unsigned char *)data, len, false);
}
#define QUESTION(text) question(text, sizeof(text) - 1)

static void
what_is_no_message_is_malformed(void **state)
{
	assert_int_equal(QUESTION("\x01\x01"), 0);
	assert_int_equal(QUESTION(""), -1);
	assert_int_equal(QUESTION("\x00\x01"), -1); /* version */
	assert_int_equal(QUESTION("\x02\x01"), -1);
	assert_int_equal(QUESTION("\x01\x00"), -1); /* operation */
	assert_int_equal(question((const char[]){ 1, OP_COUNT }, 2), -1);
	assert_int_equal(QUESTION("\x01\xff"), -1);
	/* hmac: a length that leads past the end, by little and by much */
	assert_int_equal(QUESTION("\x01\x09\x00\x00\x00\x03xyz"), 0);
	assert_int_equal(QUESTION("\x01\x09\x00\x00\x00\x04xyz"), -1);
	assert_int_equal(QUESTION("\x01\x09\xff\xff\xff\xffxyz"), -1);
	assert_int_equal(QUESTION("\x01\x09\x80\x00\x00\x00xyz"), -1);
	/* seal: text with NUL inside, or too long */
	assert_int_equal(QUESTION("\x01\x0a\x00\x00\x00\x01x\x00\x00\x00\x01y"), 0);
	assert_int_equal(QUESTION("\x01\x0a\x00\x00\x00\x01\x00\x00\x00\x00\x01y"), -1);
}

static void
flags_and_texts_have_their_limits(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct message m = full(OP_GENERATE), got;
	char text[300];

	message_pack(&b, &m, false);
	b.data[b.len - 1] = 2; /* exportable */
	assert_int_equal(unpack(&got, b.data, b.len, false), -1);
	m = full(OP_EXPORT);
	message_pack(&b, &m, false);
	b.data[b.len - 7 - 4 - 4 - 4 - 6 - 4 - 1] = 2; /* has a passphrase */
	assert_int_equal(unpack(&got, b.data, b.len, false), -1);
	m = full(OP_DESTROY);
	message_pack(&b, &m, true);
	b.data[2] = 2; /* refused */
	assert_int_equal(unpack(&got, b.data, b.len, true), -1);
	memset(text, 'a', sizeof(text));
	for (size_t n = 255; n <= 256; n++) { /* aad */
		buf_reset(&b);
		buf_put(&b, "\x01\x0a", 2);
		buf_put_string(&b, text, n);
		buf_put_cstring(&b, "");
		assert_int_equal(unpack(&got, b.data, b.len, false), n == 255 ? 0 : -1);
	}
	for (size_t n = 26; n <= 27; n++) { /* id */
		buf_reset(&b);
		buf_put(&b, "\x01\x02", 2);
		buf_put_string(&b, text, n);
		buf_put_cstring(&b, "");
		buf_put(&b, "\x01\x00\x00\x00\x00\x00\x00\x00", 8);
		assert_int_equal(unpack(&got, b.data, b.len, false), n == 26 ? 0 : -1);
	}
}

static void
every_operation_has_a_name(void **state)
{
	for (uint8_t op = 1; op < OP_COUNT; op++)
		for (uint8_t other = 1; other < op && is_there(op); other++)
			assert_string_not_equal(message_name(op), message_name(other));
	assert_string_equal(message_name(0), "?");
	assert_string_equal(message_name(OP_COUNT), "?");
	assert_string_equal(message_name(OP_SIGN), "sign");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_comes_back_as_it_was),
		cmocka_unit_test(fields_are_what_was_packed),
		cmocka_unit_test(a_message_cut_anywhere_is_malformed),
		cmocka_unit_test(a_refusal_is_carried_unchanged),
		cmocka_unit_test(an_unknown_refusal_is_internal),
		cmocka_unit_test(what_is_no_message_is_malformed),
		cmocka_unit_test(flags_and_texts_have_their_limits),
		cmocka_unit_test(every_operation_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
