/*
 * blocked.c - keys that the site refuses by their SPKI hash, and says why
 */
#include "base/limits.h"
#include "base/text.h"
#include "x509/weak.h"

struct entry {
	unsigned char spki_sha256[SPKI_SHA256_SIZE];
	uint32_t note;
};

static int
compare_entries(const void *a, const void *b)
{
	return memcmp(a, b, SPKI_SHA256_SIZE);
}

/* As sha256sum writes it, the file name "-" is no note. */
static int
add_note(struct blocked *b, const char *text, size_t len, struct entry *entry)
{
	char note[BLOCKED_NOTE_SIZE];
	struct err ignored = { 0 };

	while (len > 0 && strchr(" \t#", *text) != NULL) {
		text++;
		len--;
	}
	if (len == 0 || (len == 1 && *text == '-'))
		return 0;
	if (len >= sizeof(note))
		return -1;
	memcpy(note, text, len);
	note[len] = '\0';
	if (strlen(note) != len || text_check(&ignored, "", note) < 0)
		return -1;
	entry->note = (uint32_t)b->notes.len;
	buf_put(&b->notes, note, len + 1);
	return 0;
}

static int
add_line(struct blocked *b, const char *line, size_t len)
{
	struct entry entry = { 0 };
	char hex[2 * SPKI_SHA256_SIZE + 1];
	size_t n;

	while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
		len--;
	if (len == 0 || line[0] == '#')
		return 0;
	if (len < sizeof(hex) - 1)
		return -1;
	memcpy(hex, line, sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = '\0';
	line += sizeof(hex) - 1;
	len -= sizeof(hex) - 1;
	if (hex_decode(entry.spki_sha256, sizeof(entry.spki_sha256), hex, &n) < 0 ||
	    n != SPKI_SHA256_SIZE || (len > 0 && line[0] != ' ' && line[0] != '\t') ||
	    add_note(b, line, len, &entry) < 0)
		return -1;
	buf_put(&b->entries, &entry, sizeof(entry));
	return 0;
}

int
blocked_parse(struct blocked *b, const char *text, size_t len, struct err *e)
{
	const char *s = text, *end = text + len;
	size_t number = 0;

	buf_put(&b->notes, "", 1); /* that of an entry without one */
	while (s < end) {
		const char *eol = memchr(s, '\n', (size_t)(end - s));
		size_t n = eol == NULL ? (size_t)(end - s) : (size_t)(eol - s);

		number++;
		if (add_line(b, s, n) < 0) {
			err_set(e, R_WEAK_LIST, "", "line %zu: not a hash and a note", number);
			return err_hint(e,
			    "a line has the 64 hexadecimal digits of a SHA-256, and perhaps a "
			    "blank and a note of at most %d bytes, or begins with #",
			    BLOCKED_NOTE_SIZE - 1);
		}
		if (b->entries.len / sizeof(struct entry) > LIMIT_BLOCKED_KEYS) {
			err_set(e, R_WEAK_LIST, "", "line %zu: more than %d keys", number,
			    LIMIT_BLOCKED_KEYS);
			return err_hint(e, "leave out what can be left out");
		}
		s += n + 1;
	}
	if (b->entries.len > 0)
		qsort(b->entries.data, b->entries.len / sizeof(struct entry), sizeof(struct entry),
		    compare_entries);
	return 0;
}

void
blocked_clear(struct blocked *b)
{
	buf_free(&b->entries);
	buf_free(&b->notes);
}

const char *
blocked_find(const struct blocked *b, const unsigned char spki_sha256[SPKI_SHA256_SIZE])
{
	const struct entry *found = NULL;

	if (b->entries.len > 0)
		found = bsearch(spki_sha256, b->entries.data, b->entries.len / sizeof(*found),
		    sizeof(*found), compare_entries);
	return found == NULL ? NULL : (const char *)b->notes.data + found->note;
}
