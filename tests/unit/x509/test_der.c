/*
 * test_der.c - strict DER is read, everything else is refused
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "x509/der.h"

#define CHECK(bytes) der_check(bytes, sizeof(bytes) - 1)

static void
strict_DER_is_read(void **state)
{
	assert_int_equal(CHECK("\x30\x03\x02\x01\x05"), 0);
	assert_int_equal(CHECK("\x05\x00"), 0);
	assert_int_equal(CHECK("\x30\x07\xa0\x05\x31\x03\x01\x01\xff"), 0);
}

static void
what_is_not_DER_is_refused(void **state)
{
	assert_int_equal(CHECK(""), -1);
	assert_int_equal(CHECK("\x30"), -1);
	assert_int_equal(CHECK("\x30\x03\x02\x01"), -1);	     /* cut short */
	assert_int_equal(CHECK("\x30\x03\x02\x01\x05\x00"), -1);     /* trailing byte */
	assert_int_equal(CHECK("\x30\x80\x02\x01\x05\x00\x00"), -1); /* indefinite */
	assert_int_equal(CHECK("\x30\x81\x03\x02\x01\x05"), -1);     /* not minimal */
	assert_int_equal(CHECK("\x30\x82\x00\x03\x02\x01\x05"), -1); /* leading zero */
	assert_int_equal(CHECK("\x1f\x20\x00"), -1);		     /* multi-byte tag */
	assert_int_equal(CHECK("\x30\x85\x01\x01\x01\x01\x01"), -1); /* five octets */
	assert_int_equal(CHECK("\x30\x02\x00\x00"), -1);	     /* end of contents */
}

static void
P31_depth_is_bounded(void **state)
{
	unsigned char deep[256];
	size_t n;

	for (int depth = 30; depth < 60; depth++) {
		n = 0;
		for (int i = 0; i < depth; i++) {
			deep[n++] = 0x30;
			deep[n++] = (unsigned char)(2 * (depth - i - 1));
		}
		assert_int_equal(der_check(deep, n), depth <= LIMIT_ASN1_DEPTH ? 0 : -1);
	}
}

static void
numbers_and_times(void **state)
{
	struct der d = der_of("\x02\x02\x00\x80\x02\x01\x7f\x02\x02\x00\x7f", 11);
	int64_t t;
	uint64_t v;

	assert_int_equal(der_uint(&d, &v), 0);
	assert_int_equal(v, 128);
	assert_int_equal(der_uint(&d, &v), 0);
	assert_int_equal(v, 127);
	assert_int_equal(der_uint(&d, &v), -1); /* padded */
	d = der_of("\x02\x01\x80", 3);
	assert_int_equal(der_uint(&d, &v), -1); /* negative */
	d = der_of("\x17\x0d"
		   "261124132000Z",
	    15);
	assert_int_equal(der_time(&d, &t), 0);
	assert_int_equal(t, 1795526400);
	d = der_of("\x18\x0f"
		   "20500101000000Z",
	    17);
	assert_int_equal(der_time(&d, &t), 0);
	assert_int_equal(t, 2524608000);
	d = der_of("\x17\x0d"
		   "260231132000Z",
	    15);
	assert_int_equal(der_time(&d, &t), -1); /* no such day */
	d = der_of("\x17\x0b"
		   "2611241320Z",
	    13);
	assert_int_equal(der_time(&d, &t), -1);
}

static void
optional_elements(void **state)
{
	struct der d = der_of("\xa0\x03\x02\x01\x01\x02\x01\x05", 8), c, inner;
	uint64_t v;

	assert_int_equal(der_optional(&d, DER_CONTEXT(1), &c), 0);
	assert_int_equal(der_optional(&d, DER_CONTEXT(0), &c), 1);
	inner = c;
	assert_int_equal(der_uint(&inner, &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(der_expect(&d, DER_SEQUENCE, &c), -1);
	assert_int_equal(der_uint(&d, &v), 0);
	assert_true(der_at_end(&d));
	assert_true(der_equal(&c, "\x02\x01\x01", 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_DER_is_read),
		cmocka_unit_test(what_is_not_DER_is_refused),
		cmocka_unit_test(P31_depth_is_bounded),
		cmocka_unit_test(numbers_and_times),
		cmocka_unit_test(optional_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
