/*
 * mail.c - bodies of mail (RFC 2045), pasted whole or in part
 *
 * No tree of parts is built: whatever stands under a header line
 * Content-Transfer-Encoding, up to the next boundary, is decoded where it
 * stands. So a whole mail, a part of one and a forwarded one read alike.
 */
#include <ctype.h>

#include "base/text.h"
#include "reader/bundle.h"
#include "reader/text.h"

/* Spaces before a line's end are not content; a final "=" joins lines. */
char *
mail_unquote(struct arena *a, const char *p, size_t len, size_t *n)
{
	char *out = arena_alloc(a, len + 1), *o = out;
	const char *end = p + len;
	int high, low;

	while (p < end) {
		if (*p != '=') {
			*o++ = *p++;
			continue;
		}
		size_t blank = strspn(p + 1, " \t");

		if (p + 1 + blank < end && p[1 + blank] == '\n') {
			p += blank + 2;
		} else if (end - p >= 3 && (high = hex_digit(p[1])) >= 0 &&
		    (low = hex_digit(p[2])) >= 0) {
			*o++ = (char)(high * 16 + low);
			p += 3;
		} else {
			*o++ = *p++;
		}
	}
	*o = '\0';
	*n = (size_t)(o - out);
	return out;
}

enum encoding { PLAIN, QUOTED_PRINTABLE, BASE64 };

struct part {
	enum encoding encoding;
	bool signature; /* S/MIME: of the mail's author, no answer */
	const char *body, *end;
};

static const char *
next_line(const char *p)
{
	const char *eol = strchr(p, '\n');

	return eol == NULL ? p + strlen(p) : eol + 1;
}

static enum encoding
encoding_of(const char *line)
{
	static const char name[] = "content-transfer-encoding:";

	if (strncasecmp(line, name, sizeof(name) - 1) != 0)
		return PLAIN;
	line += sizeof(name) - 1;
	line += strspn(line, " \t\n\""); /* it may be folded */
	if (strncasecmp(line, "quoted-printable", 16) == 0)
		return QUOTED_PRINTABLE;
	return strncasecmp(line, "base64", 6) == 0 ? BASE64 : PLAIN;
}

/* "--boundary", not a PEM line; base64 itself has no dash at all. */
static bool
is_boundary(const char *line, enum encoding encoding)
{
	if (encoding == BASE64)
		return line[0] == '-';
	if (strncmp(line, "--", 2) != 0)
		return false;
	line += strspn(line, "- ");
	return strncmp(line, "BEGIN ", 6) != 0 && strncmp(line, "END ", 4) != 0;
}

static bool
is_signature(const char *line)
{
	static const char name[] = "content-type:";

	if (strncasecmp(line, name, sizeof(name) - 1) != 0)
		return false;
	line += sizeof(name) - 1;
	line += strspn(line, " \t\n");
	return strncasecmp(line, "application/pkcs7-signature", 27) == 0 ||
	    strncasecmp(line, "application/x-pkcs7-signature", 29) == 0;
}

/*
 * The next part at or after p: its headers are lines up to an empty one. A
 * Content-Type before the encoding belongs to it if no empty line is between.
 */
static bool
next_part(const char *p, struct part *part)
{
	bool signature = false;

	*part = (struct part){ 0 };
	for (; *p != '\0' && part->encoding == PLAIN; p = next_line(p)) {
		if (*p == '\n')
			signature = false;
		signature |= is_signature(p);
		part->encoding = encoding_of(p);
	}
	if (part->encoding == PLAIN)
		return false;
	for (; *p != '\0' && *p != '\n'; p = next_line(p))
		signature |= is_signature(p);
	part->signature = signature;
	part->body = p;
	while (*p != '\0' && !is_boundary(p, part->encoding))
		p = next_line(p);
	part->end = p;
	return true;
}

bool
mail_has_parts(const char *text)
{
	struct part part;

	return next_part(text, &part);
}

/* What is decodable; a part that was pasted only half still counts. */
static unsigned char *
unbase64(struct arena *a, const struct part *part, size_t *n)
{
	char *packed = arena_alloc(a, (size_t)(part->end - part->body) + 1);
	unsigned char *out = NULL;
	size_t len = 0;

	for (const char *p = part->body; p < part->end; p++)
		if (!isspace((unsigned char)*p) && *p != '>')
			packed[len++] = *p;
	return base64_decode(a, packed, len, false, &out, n) < 0 ? NULL : out;
}

static int
take_base64(struct reading *rd, const char *from, const struct part *part, unsigned attachment,
    struct buf *out)
{
	unsigned char *data;
	char *text;
	size_t len, n;

	if (part->signature) {
		bundle_note(rd, "the mail's own signature was left out");
		return 0;
	}
	from = arena_printf(rd->arena, "%s, attachment %u", from, attachment);
	if ((data = unbase64(rd->arena, part, &len)) == NULL) {
		err_set(&rd->err, R_FILE_PEM_BASE64, rd->field, "%s is damaged: it is not base64",
		    from);
		err_hint(&rd->err,
		    "save the attachment from the mail program, "
		    "and give that file");
		return bundle_soften(rd);
	}
	repaired(rd, REPAIR_BASE64);
	if (len == 0 || asn1_sniff(data, len) != KIND_UNKNOWN ||
	    !text_prepare(rd, data, len, &text, &n))
		return len == 0 ? 0 : bundle_content(rd, from, data, len);
	buf_put(out, text, n);
	return 0;
}

int
mail_parts(struct reading *rd, const char *from, const char *text, char **whole)
{
	AUTO_BUF struct buf out = { 0 };
	unsigned attachment = 0;
	struct part part;
	char *plain;
	size_t n;

	while (next_part(text, &part)) {
		buf_put(&out, text, (size_t)(part.body - text));
		if (part.encoding == QUOTED_PRINTABLE) {
			plain = mail_unquote(
			    rd->arena, part.body, (size_t)(part.end - part.body), &n);
			buf_put(&out, plain, n);
			repaired(rd, REPAIR_QP);
		} else if (take_base64(rd, from, &part, ++attachment, &out) < 0) {
			return -1;
		}
		buf_put_u8(&out, '\n');
		text = part.end;
	}
	buf_put_text(&out, text);
	*whole = arena_dup(rd->arena, out.data, out.len);
	return 0;
}
