/*
 * test_mail.c - whatever a name has in it, a message stays one message
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mail.h"

static const char *
composed(struct buf *b, const char *subject, const char *body)
{
	const struct mail m = { .from = "a@example.com",
		.to = "b@example.com\r\nBcc: c@example.com",
		.subject = subject,
		.body = body,
		.id = "01",
		.at = 1800000000 };

	mail_compose(b, &m);
	return buf_text(b);
}

static void
M33_no_value_ends_its_header(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	const char *m = composed(&b, "x\r\nBcc: d@example.com\r\n\r\nbody", "text\n");

	assert_null(strstr(m, "\nBcc:"));
	assert_non_null(strstr(m, "Message-ID: <01@example.com>\r\n"));
	assert_non_null(strstr(m, "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"));
	assert_non_null(strstr(m, "\r\n\r\ntext\r\n"));
}

static void
M33_what_is_not_ASCII_is_encoded_and_lines_are_short(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	const char *m = composed(&b,
	    "Certificate of M\xc3\xbcller \xe2\x9c\x93 and much more text so that it gets long",
	    "M\xc3\xbcller = gut \n.\na long sentence that does not fit into one line since it "
	    "never ends and never ends and never ends\n");

	assert_non_null(strstr(m, "Subject: =?UTF-8?B?"));
	assert_non_null(strstr(m, "M=C3=BCller =3D gut=20\r\n=2E\r\n"));
	for (const char *line = m; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\r") <= 76);
	for (; *m != '\0'; m++)
		assert_true((unsigned char)*m < 0x80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(M33_no_value_ends_its_header),
		cmocka_unit_test(M33_what_is_not_ASCII_is_encoded_and_lines_are_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
