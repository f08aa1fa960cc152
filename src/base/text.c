/*
 * text.c - hex, base64 and UTF-8
 */
#include <ctype.h>
#include <stdio.h>

#include "base/text.h"

void
hex_encode(char *out, const void *data, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

char *
hex_of(struct arena *a, const void *data, size_t n)
{
	char *out = arena_alloc(a, 2 * n + 1);

	hex_encode(out, data, n);
	return out;
}

char *
hex_colons(struct arena *a, const void *data, size_t n)
{
	const unsigned char *p = data;
	char *out = arena_alloc(a, 3 * n + 1);

	for (size_t i = 0; i < n; i++) {
		hex_encode(out + 3 * i, p + i, 1);
		out[3 * i + 2] = i + 1 < n ? ':' : '\0';
	}
	return out;
}

int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
hex_decode(unsigned char *out, size_t size, const char *text, size_t *n)
{
	size_t len = strlen(text);

	if (len % 2 != 0 || len / 2 > size)
		return -1;
	for (size_t i = 0; i < len / 2; i++) {
		int hi = hex_digit(text[2 * i]), lo = hex_digit(text[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return -1;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	*n = len / 2;
	return 0;
}

static const char b64_std[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char b64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *
b64_encode(struct arena *a, const unsigned char *p, size_t n, const char *alphabet, bool pad)
{
	char *out = arena_alloc(a, (n + 2) / 3 * 4 + 1), *o = out;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)p[i] << 16;

		if (left > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		*o++ = alphabet[v >> 18];
		*o++ = alphabet[v >> 12 & 63];
		if (left > 1)
			*o++ = alphabet[v >> 6 & 63];
		else if (pad)
			*o++ = '=';
		if (left > 2)
			*o++ = alphabet[v & 63];
		else if (pad)
			*o++ = '=';
	}
	*o = '\0';
	return out;
}

char *
base64_encode(struct arena *a, const void *data, size_t n)
{
	return b64_encode(a, data, n, b64_std, true);
}

char *
base64url_encode(struct arena *a, const void *data, size_t n)
{
	return b64_encode(a, data, n, b64_url, false);
}

static int
b64_value(char c, bool url)
{
	const char *alphabet = url ? b64_url : b64_std;
	const char *p = c == '\0' ? NULL : strchr(alphabet, c);

	return p == NULL ? -1 : (int)(p - alphabet);
}

int
base64_decode(struct arena *a, const char *s, size_t len, bool url, unsigned char **out, size_t *n)
{
	unsigned char *o;
	uint32_t v = 0;
	int bits = 0;
	size_t used = 0;

	if (!url) {
		if (len % 4 != 0)
			return -1;
		for (int i = 0; i < 2 && len > 0 && s[len - 1] == '='; i++)
			len--;
	}
	if (len % 4 == 1)
		return -1;
	o = arena_alloc(a, len / 4 * 3 + 3);
	for (size_t i = 0; i < len; i++) {
		int d = b64_value(s[i], url);

		if (d < 0)
			return -1;
		v = (v << 6 | (uint32_t)d) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			o[used++] = (unsigned char)(v >> bits);
		}
	}
	if ((v & ((1U << bits) - 1)) != 0)
		return -1; /* not the canonical ending */
	*out = o;
	*n = used;
	return 0;
}

/* Length of the character at p (of n bytes) or 0 when malformed. */
static size_t
utf8_char(const unsigned char *p, size_t n, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len;

	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	if ((p[0] & 0xe0) == 0xc0)
		len = 2, *c = p[0] & 0x1f;
	else if ((p[0] & 0xf0) == 0xe0)
		len = 3, *c = p[0] & 0x0f;
	else if ((p[0] & 0xf8) == 0xf0)
		len = 4, *c = p[0] & 0x07;
	else
		return 0;
	if (len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return len;
}

/* Eight bytes of ASCII, none of them NUL? */
static bool
are_ascii(const unsigned char *p)
{
	const uint64_t each = 0x0101010101010101, top = 0x8080808080808080;
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return ((w | (w - each)) & top) == 0;
}

bool
utf8_valid(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		n = 8;
		if (len - i >= 8 && are_ascii(p + i))
			continue;
		if ((n = utf8_char(p + i, len - i, &c)) == 0 || c == 0)
			return false;
	}
	return true;
}

void
utf8_mend(char *s)
{
	unsigned char *p = (unsigned char *)s;
	size_t left = strlen(s), n;
	uint32_t c;

	for (; left > 0; p += n, left -= n) {
		if ((n = utf8_char(p, left, &c)) > 0)
			continue;
		*p = '?';
		n = 1;
	}
}

size_t
utf8_length(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

uint32_t
utf8_next(const char **s)
{
	uint32_t c;
	size_t n;

	if (**s == '\0')
		return 0;
	n = utf8_char((const unsigned char *)*s, strnlen(*s, 4), &c);
	*s += n == 0 ? 1 : n;
	return n == 0 ? 0xfffd : c;
}

bool
text_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

bool
text_is_bidi_control(uint32_t c)
{
	return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

int
text_check(struct err *e, const char *field, const char *text)
{
	const char *s = text;
	uint32_t c;

	while (*s >= 0x20 && *s < 0x7f) /* most texts are no more than that */
		s++;
	if (*s == '\0')
		return 0;
	if (!utf8_valid(text, strlen(text)))
		return err_set(e, R_TEXT_UTF8, field, "the text is not valid UTF-8");
	while ((c = utf8_next(&s)) != 0) {
		if (text_is_control(c)) {
			err_set(e, R_TEXT_CONTROL, field,
			    "control character U+%04X is not allowed here", c);
			return err_hint(e, "type the value instead of pasting it");
		}
		if (text_is_bidi_control(c)) {
			err_set(e, R_TEXT_BIDI, field,
			    "invisible text-direction character U+%04X is not allowed here", c);
			return err_hint(e, "type the value instead of pasting it");
		}
	}
	return 0;
}

bool
text_is_blank(const char *s)
{
	uint32_t c;

	while ((c = utf8_next(&s)) != 0)
		if (c != ' ' && c != 0xa0 && c != 0xad && c != 0x1680 &&
		    (c < 0x2000 || c > 0x200d) && c != 0x202f && c != 0x205f && c != 0x2060 &&
		    c != 0x3000 && c != 0xfeff)
			return false;
	return true;
}

char *
text_trim(char *s)
{
	char *end;

	while (isspace((unsigned char)*s))
		s++;
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return s;
}

bool
text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
text_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

char *
text_lower_ascii(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return out;
}

char *
url_encode(struct arena *a, const char *s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_alloc(a, 3 * strlen(s) + 1), *p = out;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (strchr(plain, c) != NULL) {
			*p++ = *s;
			continue;
		}
		*p++ = '%';
		*p++ = digits[c >> 4];
		*p++ = digits[c & 15];
	}
	return out;
}
