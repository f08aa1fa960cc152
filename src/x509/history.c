/*
 * history.c - what another CA wrote down about its certificates
 */
#include "base/text.h"
#include "x509/der.h"
#include "x509/history.h"

#define SUBJECT_MAX 512 /* bytes that are kept */

enum { F_STATE, F_END, F_REVOKED, F_SERIAL, F_FILE, F_SUBJECT, FIELDS };

struct text {
	const char *s;
	size_t len;
};

/* A tab behind a backslash belongs to the field, as OpenSSL writes it. */
static int
split(const char *line, size_t len, struct text out[FIELDS])
{
	size_t n = 0, from = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && (line[i] != '\t' || (i > 0 && line[i - 1] == '\\')))
			continue;
		if (n == FIELDS)
			return -1;
		out[n++] = (struct text){ line + from, i - from };
		from = i + 1;
	}
	return n == FIELDS ? 0 : -1;
}

/* YYMMDDHHMMSSZ, or with four digits of the year. */
static int
read_time(const char *s, size_t len, int64_t *out)
{
	unsigned char tlv[32] = { len == 13 ? DER_UTC_TIME : DER_GENERAL_TIME, (unsigned char)len };
	struct der d = der_of(tlv, len + 2);

	if (len != 13 && len != 15)
		return -1;
	memcpy(tlv + 2, s, len);
	return der_time(&d, out);
}

/* The words of ca(1) that RFC 5280 does not have. */
static int
read_reason(struct arena *a, const char *word, struct history_line *h)
{
	static const struct {
		const char *word;
		enum crl_reason is;
	} others[] = {
		{ "holdInstruction", REASON_HOLD },
		{ "keyTime", REASON_KEY_COMPROMISE },
		{ "CAkeyTime", REASON_CA_COMPROMISE },
	};
	struct err ignored = { 0 };

	for (size_t i = 0; i < nitems(others); i++)
		if (strcmp(word, others[i].word) == 0) {
			h->reason = others[i].is;
			return 0;
		}
	if (crl_reason_parse(word, &h->reason, &ignored) == 0)
		return 0;
	h->reason = REASON_UNSPECIFIED;
	h->note = arena_printf(a, "the reason \"%.40s\" is kept as unspecified", word);
	return 0;
}

/* "YYMMDDHHMMSSZ", "...Z,keyCompromise", "...Z,keyTime,YYYYMMDDHHMMSSZ" */
static int
read_revoked(struct arena *a, struct text t, struct history_line *h)
{
	const char *comma = memchr(t.s, ',', t.len), *end = t.s + t.len, *word, *next;

	if (read_time(t.s, comma == NULL ? t.len : (size_t)(comma - t.s), &h->revoked_at) < 0)
		return -1;
	if (h->revoked_at <= 0)
		return -1;
	if (comma == NULL)
		return 0;
	word = comma + 1;
	next = memchr(word, ',', (size_t)(end - word));
	word = arena_dup(a, word, (size_t)((next == NULL ? end : next) - word));
	return utf8_valid(word, strlen(word)) ? read_reason(a, word, h) : read_reason(a, "?", h);
}

/* As cert_serial() has it. */
static const char *
read_serial(struct arena *a, struct text t)
{
	char digits[42];
	size_t n = 0;

	while (t.len > 1 && t.s[0] == '0') {
		t.s++;
		t.len--;
	}
	if (t.len == 0 || t.len > 40)
		return NULL;
	if (t.len % 2 == 1)
		digits[n++] = '0';
	for (size_t i = 0; i < t.len; i++) {
		char c = t.s[i];

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return NULL;
		digits[n++] = c;
	}
	return arena_dup(a, digits, n);
}

/* For lists and the audit: a stranger wrote it. */
static const char *
read_subject(struct arena *a, struct text t)
{
	char *s = arena_dup(a, t.s, t.len < SUBJECT_MAX ? t.len : SUBJECT_MAX), *from;
	const char *p = s;
	uint32_t c;

	s[strcspn(s, "\r\n")] = '\0';
	utf8_mend(s);
	while (from = s + (p - s), (c = utf8_next(&p)) != 0)
		if (text_is_control(c) || text_is_bidi_control(c))
			memset(from, '?', (size_t)(p - from));
	return s;
}

static const char *
common_name(struct arena *a, const char *subject)
{
	const char *cn = strstr(subject, "/CN=");

	if (cn == NULL || cn[4] == '\0' || cn[4] == '/')
		return subject;
	return arena_dup(a, cn + 4, strcspn(cn + 4, "/"));
}

int
history_line(
    struct arena *a, const char *line, size_t len, struct history_line *h, const char **fault)
{
	struct text f[FIELDS];

	*h = (struct history_line){ 0 };
	*fault = NULL;
	if (len > HISTORY_LINE_MAX)
		*fault = "the line is too long";
	else if (memchr(line, '\0', len) != NULL || split(line, len, f) < 0)
		*fault = "it is no line of an index.txt: six fields, tabs between them";
	else if (f[F_STATE].len != 1 || strchr("VRE", f[F_STATE].s[0]) == NULL)
		*fault = "it does not begin with V, R or E";
	else if (read_time(f[F_END].s, f[F_END].len, &h->not_after) < 0)
		*fault = "its end is no time";
	else if ((h->state = f[F_STATE].s[0]) == 'R' && read_revoked(a, f[F_REVOKED], h) < 0)
		*fault = "the time of its revocation is none";
	else if ((h->serial = read_serial(a, f[F_SERIAL])) == NULL)
		*fault = "its serial number is none of 1 to 20 octets (RFC 5280 section 4.1.2.2)";
	if (*fault != NULL)
		return -1;
	h->subject = read_subject(a, f[F_SUBJECT]);
	h->name = common_name(a, h->subject);
	return 0;
}
