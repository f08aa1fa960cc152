/*
 * text.c - bytes as a person has them: encodings, line ends, what is no text
 */
#include <ctype.h>
#include <stdio.h>

#include "base/text.h"
#include "reader/text.h"

static const char *const repairs[REPAIR_COUNT] = {
	[REPAIR_UTF16] = "UTF-16 text",
	[REPAIR_BOM] = "a byte order mark",
	[REPAIR_CRLF] = "CRLF line ends",
	[REPAIR_CR] = "CR line ends",
	[REPAIR_QUOTES] = "'>' quoting",
	[REPAIR_SPACES] = "leading spaces",
	[REPAIR_QP] = "quoted-printable mail body",
	[REPAIR_BASE64] = "base64 mail body",
	[REPAIR_DASHES] = "changed dashes in BEGIN and END lines",
	[REPAIR_ESCAPES] = "line ends written as \\n",
	[REPAIR_LINES] = "lost line ends",
	[REPAIR_PROSE] = "text around the PEM blocks",
	[REPAIR_NO_PEM] = "base64 without BEGIN and END lines",
	[REPAIR_TRUST] = "OpenSSL trust settings beside a certificate",
};

const char *
repair_text(enum repair r)
{
	return repairs[r];
}

const char *
reader_label(struct arena *a, const unsigned char *name, size_t len, const char *otherwise)
{
	char *label;

	if (len > 100) {
		name += len - 100;
		len = 100;
	}
	if (len == 0)
		return otherwise;
	label = arena_dup(a, name, len);
	if (utf8_valid(label, len)) {
		for (const char *s = label; *s != '\0';) {
			uint32_t c = utf8_next(&s);

			if (text_is_control(c) || text_is_bidi_control(c))
				return otherwise;
		}
		return label;
	}
	for (size_t i = 0; i < len; i++)
		if (label[i] < ' ' || label[i] > '~')
			label[i] = '?';
	return label;
}

static void
put_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_put_u8(b, (uint8_t)c);
	} else if (c < 0x800) {
		buf_put_u8(b, (uint8_t)(0xc0 | c >> 6));
		buf_put_u8(b, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		buf_put_u8(b, (uint8_t)(0xe0 | c >> 12));
		buf_put_u8(b, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		buf_put_u8(b, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

/* Surrogates become '?': no PEM line has one. */
static void
from_utf16(struct buf *out, const unsigned char *p, size_t len, bool big)
{
	for (size_t i = 0; i + 1 < len; i += 2) {
		unsigned c = big ? (unsigned)(p[i] << 8 | p[i + 1])
				 : (unsigned)(p[i + 1] << 8 | p[i]);

		put_utf8(out, c >= 0xd800 && c <= 0xdfff ? '?' : c);
	}
}

static bool
is_utf16(const unsigned char *p, size_t len, bool *big, size_t *skip)
{
	if (len < 4)
		return false;
	*skip = 2;
	if ((*big = p[0] == 0xfe && p[1] == 0xff) || (p[0] == 0xff && p[1] == 0xfe))
		return true;
	*skip = 0;
	*big = p[0] == 0;
	if (*big)
		return p[1] != 0 && p[2] == 0 && p[3] != 0;
	return p[1] == 0 && p[2] != 0 && p[3] == 0;
}

/* LF only; false at a byte that no text has. */
static bool
unify_lines(struct reading *rd, const unsigned char *p, size_t len, char *out, size_t *n)
{
	char *o = out;

	for (size_t i = 0; i < len; i++) {
		if (p[i] < '\t')
			return false;
		if (p[i] != '\r') {
			*o++ = (char)p[i];
			continue;
		}
		*o++ = '\n';
		if (i + 1 < len && p[i + 1] == '\n') {
			repaired(rd, REPAIR_CRLF);
			i++;
		} else {
			repaired(rd, REPAIR_CR);
		}
	}
	*o = '\0';
	*n = (size_t)(o - out);
	return true;
}

bool
text_prepare(struct reading *rd, const void *data, size_t len, char **out, size_t *n)
{
	AUTO_BUF struct buf wide = { 0 };
	const unsigned char *p = data;
	unsigned before = rd->repairs;
	bool big;
	size_t skip;

	if (is_utf16(p, len, &big, &skip)) {
		from_utf16(&wide, p + skip, len - skip, big);
		repaired(rd, REPAIR_UTF16);
		p = wide.data;
		len = wide.len;
	} else if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		repaired(rd, REPAIR_BOM);
		p += 3;
		len -= 3;
	}
	*out = arena_alloc(rd->arena, len + 1);
	if (unify_lines(rd, p, len, *out, n))
		return true;
	rd->repairs = before;
	return false;
}

bool
text_is_html(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return strncasecmp(text, "<!doctype html", 14) == 0 || strncasecmp(text, "<html", 5) == 0 ||
	    strncasecmp(text, "<head", 5) == 0 || strncasecmp(text, "<?xml", 5) == 0;
}

bool
text_bare_base64(struct reading *rd, const char *text, unsigned char **out, size_t *n)
{
	char *packed = arena_alloc(rd->arena, strlen(text) + 1);
	size_t len = 0;

	for (; *text != '\0'; text++)
		if (!isspace((unsigned char)*text))
			packed[len++] = *text;
	return len >= 16 && base64_decode(rd->arena, packed, len, false, out, n) == 0 && *n > 0;
}
