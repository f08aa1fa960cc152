/*
 * fuzz_delivery.c - any message between front, keeper and certwright-deliver
 *
 * What is taken says the same when it is packed again.
 */
#include "wire/delivery.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static struct delivery_target list[DELIVERY_TARGETS];

static void
same(const struct buf *b, const unsigned char *data, size_t len)
{
	if (b->len != len || memcmp(b->data, data, len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	AUTO_BUF struct buf q = { 0 }, k = { 0 };
	struct delivery_question question;
	struct delivery_key key;
	struct err why = { 0 };
	size_t n;

	if (delivery_unpack_question(&question, data, len) == 0) {
		delivery_pack_question(&q, &question);
		same(&q, data, len);
	}
	if (delivery_unpack_key(&key, data, len) == 0) {
		delivery_pack_key(&k, &key);
		same(&k, data, len);
	}
	for (uint8_t kind = DELIVERY_LIST; kind <= DELIVERY_PUT; kind++)
		if (delivery_unpack_answer(kind, data, len, list, &n, &why) == 0 &&
		    n > DELIVERY_TARGETS)
			abort();
	return 0;
}
