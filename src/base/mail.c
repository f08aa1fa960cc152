/*
 * mail.c - an e-mail message as text (RFC 5322)
 */
#include <time.h>

#include "base/mail.h"
#include "base/text.h"

#define LINE_MAX_QP 72 /* and a soft line end: RFC 2045 allows 76 */
#define WORD_BYTES  39 /* with "Subject: " a line of at most 76 (RFC 2047, section 2) */
#define PLAIN_MAX   60 /* characters of a subject that stays as it is */

static unsigned char
harmless(char c)
{
	unsigned char u = (unsigned char)c;

	return u < ' ' || u == 0x7f ? ' ' : u;
}

/* A value of checked characters; whatever it is, it stays one line. */
static void
put_plain(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "%s: ", name);
	for (; *value != '\0'; value++)
		buf_put_u8(b, (unsigned char)harmless(*value) < 0x80 ? harmless(*value) : '?');
	buf_put_text(b, "\r\n");
}

/* ---- subject (RFC 2047) ------------------------------------------------------ */

static bool
is_plain(const char *s)
{
	size_t n = 0;

	for (; s[n] != '\0'; n++)
		if ((unsigned char)s[n] < ' ' || (unsigned char)s[n] > '~')
			return false;
	return n <= PLAIN_MAX && strstr(s, "=?") == NULL;
}

/* No character is cut in two (RFC 2047, section 5). */
static size_t
word_length(const char *s)
{
	size_t n = strnlen(s, WORD_BYTES + 1);

	if (n <= WORD_BYTES)
		return n;
	for (n = WORD_BYTES; n > 1 && ((unsigned char)s[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

static void
put_word(struct buf *b, const char *s, size_t n)
{
	AUTO(arena) struct arena *a = arena_new();
	char *clean = arena_alloc(a, n + 1);

	for (size_t i = 0; i < n; i++)
		clean[i] = (char)harmless(s[i]);
	buf_printf(b, "=?UTF-8?B?%s?=", base64_encode(a, clean, n));
}

static void
put_subject(struct buf *b, const char *s)
{
	size_t n;

	if (is_plain(s)) {
		put_plain(b, "Subject", s);
		return;
	}
	buf_put_text(b, "Subject: ");
	for (bool first = true; *s != '\0'; s += n, first = false) {
		n = word_length(s);
		if (!first)
			buf_put_text(b, "\r\n ");
		put_word(b, s, n);
	}
	buf_put_text(b, "\r\n");
}

/* ---- body (quoted-printable, RFC 2045 section 6.7) ------------------------------ */

/* At the begin of a line a full stop could end the message (SMTP), at its end a space
 * would be cut off. */
static bool
must_quote(const char *at, size_t column)
{
	unsigned char c = (unsigned char)*at;

	if (c == '=' || c > '~' || (c < ' ' && c != '\t'))
		return true;
	if (c == '.' && column == 0)
		return true;
	return (c == ' ' || c == '\t') && (at[1] == '\n' || at[1] == '\0');
}

static void
put_body(struct buf *b, const char *s)
{
	size_t column = 0, n;

	for (; *s != '\0'; s++) {
		if (*s == '\n') {
			buf_put_text(b, "\r\n");
			column = 0;
			continue;
		}
		n = must_quote(s, column) ? 3 : 1;
		if (column + n > LINE_MAX_QP) {
			buf_put_text(b, "=\r\n");
			column = 0;
			n = must_quote(s, column) ? 3 : 1;
		}
		if (n == 3)
			buf_printf(b, "=%02X", (unsigned char)*s);
		else
			buf_put_u8(b, (unsigned char)*s);
		column += n;
	}
	if (column > 0)
		buf_put_text(b, "\r\n");
}

/* ---- all of it ------------------------------------------------------------------- */

static void
put_date(struct buf *b, int64_t at)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)at;
	struct tm tm = { 0 };

	gmtime_r(&t, &tm);
	buf_printf(b, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
	    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void
mail_compose(struct buf *b, const struct mail *m)
{
	const char *domain = strrchr(m->from, '@');
	AUTO(arena) struct arena *a = arena_new();

	put_date(b, m->at);
	put_plain(b, "From", m->from);
	put_plain(b, "To", m->to);
	put_plain(b, "Message-ID",
	    arena_printf(a, "<%s@%s>", m->id, domain == NULL ? "localhost" : domain + 1));
	put_subject(b, m->subject);
	buf_put_text(b,
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "Auto-Submitted: auto-generated\r\n" /* RFC 3834: nobody answers by machine */
	    "\r\n");
	put_body(b, m->body);
}
