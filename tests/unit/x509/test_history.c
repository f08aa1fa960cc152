/*
 * test_history.c - lines of OpenSSL's index.txt
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "x509/history.h"

static struct arena *arena;
static struct history_line h;

static const char *
fault_of(const char *line, size_t len)
{
	const char *fault;

	return history_line(arena, line, len, &h, &fault) == 0 ? NULL : fault;
}

static void
takes(const char *line)
{
	assert_null(fault_of(line, strlen(line)));
}

static void
refuses(const char *line, const char *why)
{
	const char *fault = fault_of(line, strlen(line));

	assert_non_null(fault);
	if (strstr(fault, why) == NULL)
		fail_msg("%s: %s", line, fault);
}

static void
each_state_is_read(void **state)
{
	takes("V\t290101000000Z\t\t01AB\tunknown\t/C=US/O=Example/CN=www.example.com");
	assert_int_equal(h.state, 'V');
	assert_int_equal(h.not_after, 1861920000);
	assert_int_equal(h.revoked_at, 0);
	assert_string_equal(h.serial, "01ab");
	assert_string_equal(h.subject, "/C=US/O=Example/CN=www.example.com");
	assert_string_equal(h.name, "www.example.com");
	takes("E\t20520101000000Z\t\t1\tunknown\t/O=Nobody");
	assert_int_equal(h.not_after, 2587680000);
	assert_string_equal(h.serial, "01");
	assert_string_equal(h.name, "/O=Nobody");
	takes("R\t290101000000Z\t250102030405Z\t00FF\tunknown\t/CN=/O=x");
	assert_int_equal(h.revoked_at, 1735787045);
	assert_int_equal(h.reason, REASON_UNSPECIFIED);
	assert_string_equal(h.serial, "ff");
	assert_string_equal(h.name, "/CN=/O=x");
}

static void
P6_each_reason_of_ca_1_has_its_own_here(void **state)
{
	static const struct {
		const char *word;
		enum crl_reason is;
		bool remark;
	} all[] = {
		{ "unspecified", REASON_UNSPECIFIED, false },
		{ "keyCompromise", REASON_KEY_COMPROMISE, false },
		{ "CACompromise", REASON_CA_COMPROMISE, false },
		{ "affiliationChanged", REASON_AFFILIATION, false },
		{ "superseded", REASON_SUPERSEDED, false },
		{ "cessationOfOperation", REASON_CESSATION, false },
		{ "certificateHold", REASON_HOLD, false },
		{ "holdInstruction,1.2.840.10040.2.3", REASON_HOLD, false },
		{ "keyTime,20250102030405Z", REASON_KEY_COMPROMISE, false },
		{ "CAkeyTime,20250102030405Z", REASON_CA_COMPROMISE, false },
		{ "removeFromCRL", REASON_UNSPECIFIED, true },
		{ "aACompromise", REASON_UNSPECIFIED, true },
		{ "", REASON_UNSPECIFIED, true },
		{ "whatever", REASON_UNSPECIFIED, true },
	};

	for (size_t i = 0; i < nitems(all); i++) {
		takes(arena_printf(
		    arena, "R\t290101000000Z\t250102030405Z,%s\t01\tunknown\t/CN=a", all[i].word));
		assert_int_equal(h.revoked_at, 1735787045);
		assert_int_equal(h.reason, all[i].is);
		assert_int_equal(h.note != NULL, all[i].remark);
	}
}

static void
what_is_no_line_is_refused_in_words(void **state)
{
	refuses("", "six fields");
	refuses("V\t290101000000Z\t\t01\tunknown", "six fields");
	refuses("V\t290101000000Z\t\t01\tunknown\t/CN=a\tmore", "six fields");
	refuses("VV\t290101000000Z\t\t01\tunknown\t/CN=a", "V, R or E");
	refuses("v\t290101000000Z\t\t01\tunknown\t/CN=a", "V, R or E");
	refuses("V\t2901010000Z\t\t01\tunknown\t/CN=a", "end is no time");
	refuses("V\t290230000000Z\t\t01\tunknown\t/CN=a", "end is no time");
	refuses("R\t290101000000Z\t\t01\tunknown\t/CN=a", "revocation");
	refuses("R\t290101000000Z\tkeyCompromise\t01\tunknown\t/CN=a", "revocation");
	refuses("R\t290101000000Z\t500101000000Z\t01\tunknown\t/CN=a", "revocation");
	refuses("V\t290101000000Z\t\t\tunknown\t/CN=a", "5280");
	refuses("V\t290101000000Z\t\t-01\tunknown\t/CN=a", "5280");
	refuses("V\t290101000000Z\t\t0x1\tunknown\t/CN=a", "5280");
	refuses("V\t290101000000Z\t\t11111111112222222222333333333344444444445\tunknown\t/CN=a",
	    "5280");
}

static void
a_stranger_s_text_is_fit_to_be_shown(void **state)
{
	static const char nul[] = "V\t290101000000Z\t\t01\tunknown\t/CN=a\0b";
	char line[HISTORY_LINE_MAX + 2];

	takes("V\t290101000000Z\t\t01\tunknown\t/CN=\x1b[31m\xe2\x80\xae\xff");
	assert_string_equal(h.subject, "/CN=?[31m????");
	takes("V\t290101000000Z\t\t01\tun\\\tknown\t/CN=a\\\tb");
	assert_string_equal(h.name, "a\\?b");
	assert_non_null(fault_of(nul, sizeof(nul) - 1));
	memset(line, 'x', sizeof(line));
	assert_non_null(fault_of(line, sizeof(line)));
	memcpy(line, "V\t290101000000Z\t\t01\tunknown\t", 28);
	takes(arena_dup(arena, line, HISTORY_LINE_MAX));
	assert_int_equal(strlen(h.subject), 512);
}

static int
setup(void **state)
{
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_is_read),
		cmocka_unit_test(P6_each_reason_of_ca_1_has_its_own_here),
		cmocka_unit_test(what_is_no_line_is_refused_in_words),
		cmocka_unit_test(a_stranger_s_text_is_fit_to_be_shown),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
