/*
 * pem.c - PEM blocks (RFC 7468) among prose, as mail and chat deform them
 *
 * One pass over the text: a marker is dashes, BEGIN or END, a label, dashes.
 * A block is what stands between two markers of one label; within it, all
 * that quoting and wrapping add (white space, '>') is left out.
 */
#include <ctype.h>

#include "base/text.h"
#include "reader/text.h"

#define MAX_LABEL 64

struct marker {
	bool end;		   /* END, not BEGIN */
	const char *start, *after; /* first dash, behind the last */
	char label[MAX_LABEL + 1];
	bool odd_dashes;
};

/* Bytes of the dash at p: '-', or what word processors make of "--". */
static size_t
dash_at(const char *p)
{
	if (*p == '-')
		return 1;
	if (strncmp(p, "\xe2\x80", 2) == 0 && p[2] >= '\x90' && p[2] <= '\x95')
		return 3;				   /* U+2010 to U+2015 */
	return strncmp(p, "\xe2\x88\x92", 3) == 0 ? 3 : 0; /* U+2212 */
}

/* Bytes of the dash that ends before p. */
static size_t
dash_before(const char *text, const char *p)
{
	if (p > text && p[-1] == '-')
		return 1;
	return p - text >= 3 && dash_at(p - 3) == 3 ? 3 : 0;
}

/* The dashes before `word`; false when there are too few. */
static bool
dashes_before(const char *text, const char *word, struct marker *m)
{
	unsigned plain = 0, wide = 0;
	size_t n;

	if (word > text && word[-1] == ' ')
		word--;
	while (plain + wide < 8 && (n = dash_before(text, word)) > 0) {
		n == 1 ? plain++ : wide++;
		word -= n;
	}
	m->start = word;
	m->odd_dashes = wide > 0 || plain != 5;
	return plain + 2 * wide >= 4;
}

/*
 * The dashes at p: five, or what became of them, 8 at most. Where line ends were lost,
 * the next BEGIN follows at once: its own dashes are left to it, or the only ones.
 */
static unsigned
dashes_after(const char *p, struct marker *m)
{
	const char *first = p, *five = p;
	unsigned width = 0;
	size_t dash;

	m->after = p;
	while (width < 16 && (dash = dash_at(p)) > 0) {
		width += dash == 1 ? 1 : 2;
		p += dash;
		if (width <= 8) {
			m->odd_dashes |= dash != 1;
			m->after = p;
		}
		if (width <= 5)
			five = p;
	}
	if (m->end && strncmp(p, "BEGIN ", 6) == 0)
		m->after = width < 8 ? first : five;
	return width;
}

static bool
label_and_dashes(const char *p, struct marker *m)
{
	size_t n = 0, spaces;

	while (n < MAX_LABEL &&
	    (isalnum((unsigned char)p[n]) || (p[n] != '\0' && strchr(" #./_", p[n]) != NULL)))
		n++;
	for (spaces = 0; n > 0 && p[n - 1] == ' '; spaces++)
		n--;
	memcpy(m->label, p, n);
	m->label[n] = '\0';
	return n > 0 && dashes_after(p + n + spaces, m) >= 4;
}

static bool
next_marker(const char *text, const char *p, struct marker *m)
{
	for (; (p = strpbrk(p, "BE")) != NULL; p++) {
		m->end = strncmp(p, "END ", 4) == 0;
		if (!m->end && strncmp(p, "BEGIN ", 6) != 0)
			continue;
		if (dashes_before(text, p, m) && label_and_dashes(p + (m->end ? 4 : 6), m))
			return true;
	}
	return false;
}

bool
pem_any(const char *text)
{
	struct marker m;

	for (const char *p = text; next_marker(text, p, &m); p = m.after)
		if (!m.end)
			return true;
	return false;
}

static enum asn1_kind
kind_of_label(const char *label)
{
	if (text_starts(label, "PGP "))
		return KIND_PGP;
	if (text_starts(label, "OPENSSH ") || text_starts(label, "SSH"))
		return KIND_SSH;
	if (text_ends(label, " PARAMETERS"))
		return KIND_PARAMETERS;
	return KIND_UNKNOWN;
}

/* Bytes at p that mail or an editor put there; tells which repair it was. */
static size_t
skip_filler(struct reading *rd, const char *p, bool line_start)
{
	if (*p == '>') {
		repaired(rd, REPAIR_QUOTES);
		return 1;
	}
	if (*p == '\\' && (p[1] == 'n' || p[1] == 'r')) {
		repaired(rd, REPAIR_ESCAPES);
		return 2;
	}
	if (strncmp(p, "\xc2\xa0", 2) == 0 || strncmp(p, "\xe2\x80\x8b", 3) == 0 ||
	    strncmp(p, "\xef\xbb\xbf", 3) == 0) {
		repaired(rd, REPAIR_SPACES);
		return *p == '\xc2' ? 2 : 3;
	}
	if (!isspace((unsigned char)*p))
		return 0;
	if (line_start && *p != '\n')
		repaired(rd, REPAIR_SPACES);
	return 1;
}

/*
 * RFC 1421 headers at the start of a body, unfolded from quoting: copied to
 * *headers, with the empty line that libcrypto wants. Returns the body.
 */
static const char *
take_headers(struct reading *rd, const char *p, const char *end, const char **headers)
{
	AUTO_BUF struct buf all = { 0 };

	for (;;) {
		const char *line = p, *eol, *stop;

		while (
		    line < end && *line != '\n' && (isspace((unsigned char)*line) || *line == '>'))
			line++;
		eol = memchr(line, '\n', (size_t)(end - line));
		stop = eol == NULL ? end : eol;
		if (all.len == 0 && line == stop && eol != NULL) {
			p = eol + 1; /* rest of the BEGIN line */
			continue;
		}
		if (eol == NULL || memchr(line, ':', (size_t)(stop - line)) == NULL)
			break;
		buf_put(&all, line, (size_t)(stop - line));
		buf_put_u8(&all, '\n');
		p = eol + 1;
	}
	*headers = NULL;
	if (all.len > 0) {
		buf_put_u8(&all, '\n');
		*headers = arena_dup(rd->arena, all.data, all.len);
	}
	return p;
}

static void
decode_body(struct reading *rd, const char *p, const char *end, struct pem_block *b)
{
	char *packed = arena_alloc(rd->arena, (size_t)(end - p) + 1);
	bool line_start = true, lines = false;
	size_t n = 0, skip;

	p = take_headers(rd, p, end, &b->headers);
	while (p < end) {
		lines |= *p == '\n';
		if ((skip = skip_filler(rd, p, line_start)) > 0) {
			line_start = *p == '\n' || *p == '\\' || (line_start && *p == '>');
			p += skip;
			continue;
		}
		line_start = false;
		packed[n++] = *p++;
	}
	b->fault = n == 0 || base64_decode(rd->arena, packed, n, false, &b->der, &b->len) < 0
	    ? PEM_BASE64
	    : PEM_GOOD;
	explicit_bzero(packed, n);
	if (!lines && n > 64 && (rd->repairs & 1u << REPAIR_ESCAPES) == 0)
		repaired(rd, REPAIR_LINES);
}

/* What stands between two blocks: quoting and spaces, or prose. */
static void
note_between(struct reading *rd, const char *p, const char *end)
{
	bool line_start = true;

	while (p < end) {
		size_t skip = skip_filler(rd, p, false);

		if (skip == 0 && *p != '-') {
			repaired(rd, REPAIR_PROSE);
			return;
		}
		if (line_start && *p == ' ' && end - p < 80 &&
		    memchr(p, '\n', (size_t)(end - p)) == NULL)
			repaired(rd, REPAIR_SPACES);
		line_start = *p == '\n';
		p += skip == 0 ? 1 : skip;
	}
}

bool
pem_next(struct reading *rd, const char **at, struct pem_block *b)
{
	struct marker begin, end;
	const char *text = *at, *from = *at;

	memset(b, 0, sizeof(*b));
	do {
		if (!next_marker(text, from, &begin)) {
			note_between(rd, *at, *at + strlen(*at));
			return false;
		}
		from = begin.after;
	} while (begin.end || strcmp(begin.label, "PGP SIGNED MESSAGE") == 0);
	note_between(rd, *at, begin.start);
	b->label = arena_strdup(rd->arena, begin.label);
	b->kind = kind_of_label(begin.label);
	if (!next_marker(begin.after, begin.after, &end) || !end.end) {
		b->fault = PEM_CUT;
		*at = begin.after;
		return true;
	}
	*at = end.after;
	if (b->kind == KIND_PGP || b->kind == KIND_SSH)
		return true;
	if (strcmp(begin.label, end.label) != 0) {
		b->fault = PEM_CUT;
		return true;
	}
	if (begin.odd_dashes || end.odd_dashes)
		repaired(rd, REPAIR_DASHES);
	decode_body(rd, begin.after, end.start, b);
	return true;
}

int
pem_fault(struct reading *rd, struct err *e, const struct pem_block *b, const char *what)
{
	if (b->fault == PEM_CUT) {
		err_set(e, R_FILE_PEM_CUT, rd->field,
		    "%s is cut off: \"BEGIN %s\" has no END line of its own", what, b->label);
		return err_hint(e, "copy it again, from its BEGIN line to its END line");
	}
	err_set(e, R_FILE_PEM_BASE64, rd->field,
	    "%s (%s) is damaged: what stands between BEGIN and END is not base64", what, b->label);
	return err_hint(e,
	    "a character was lost or changed; copy it again, "
	    "or use the file instead of pasted text");
}
