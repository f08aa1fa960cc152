/*
 * pem.c - text armour (RFC 7468)
 */
#include <stdio.h>

#include "base/text.h"
#include "x509/pem.h"

char *
pem_encode(struct arena *a, const char *label, const void *der, size_t len)
{
	const char *text = base64_encode(a, der, len);
	size_t n = strlen(text), lines = (n + 63) / 64, size = n + lines + 2 * strlen(label) + 64;
	char *out = arena_alloc(a, size), *p = out;

	p += sprintf(p, "-----BEGIN %s-----\n", label);
	for (size_t i = 0; i < n; i += 64) {
		size_t part = n - i < 64 ? n - i : 64;

		memcpy(p, text + i, part);
		p += part;
		*p++ = '\n';
	}
	sprintf(p, "-----END %s-----\n", label);
	return out;
}

int
pem_next(const char **text, size_t *len, struct pem_block *b)
{
	static const char begin[] = "-----BEGIN ", dashes[] = "-----";
	char end[80];
	const char *s, *stop = *text + *len, *e;
	int n;

	if ((s = memmem(*text, *len, begin, strlen(begin))) == NULL)
		return 0;
	b->label = s += strlen(begin);
	if ((s = memmem(s, (size_t)(stop - s), dashes, 5)) == NULL || s - b->label > 50)
		return -1;
	b->label_len = (size_t)(s - b->label);
	b->body = s += 5;
	n = snprintf(end, sizeof(end), "-----END %.*s-----", (int)b->label_len, b->label);
	if ((e = memmem(s, (size_t)(stop - s), end, (size_t)n)) == NULL)
		return -1;
	b->body_len = (size_t)(e - s);
	*text = e + n;
	*len = (size_t)(stop - *text);
	return 1;
}

bool
pem_label_is(const struct pem_block *b, const char *label)
{
	return b->label_len == strlen(label) && memcmp(b->label, label, b->label_len) == 0;
}

int
pem_decode(struct arena *a, const struct pem_block *b, unsigned char **out, size_t *len)
{
	char *packed = arena_alloc(a, b->body_len + 1);
	size_t n = 0;

	for (size_t i = 0; i < b->body_len; i++)
		if (b->body[i] == '\0' || strchr(" \t\r\n", b->body[i]) == NULL)
			packed[n++] = b->body[i];
	return n == 0 ? -1 : base64_decode(a, packed, n, false, out, len);
}
