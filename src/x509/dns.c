/*
 * dns.c - DNS names and IP addresses, as people type them (RFC 1123, 5890)
 *
 * Only labels with other than ASCII characters go through libidn2: with ASCII
 * ones it deletes characters or refuses what is fine. What comes out of it is
 * checked by the same rules as what was typed.
 */
#include <arpa/inet.h>
#include <idn2.h>
#include <libpsl.h>
#include <pthread.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "x509/name.h"

static pthread_once_t psl_once = PTHREAD_ONCE_INIT;
static psl_ctx_t *psl;

static void
psl_start(void)
{
	psl = psl_latest(NULL);
}

void
names_load(void)
{
	pthread_once(&psl_once, psl_start);
}

static bool
is_public_suffix(const char *name)
{
	names_load();
	return psl != NULL &&
	    psl_is_public_suffix2(psl, name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

bool
name_is_internal(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot == NULL || (!is_public_suffix(dot + 1) && psl != NULL);
}

/* Canonical text (RFC 5952) of an address, with or without brackets. */
static bool
ip_text(const char *value, char out[INET6_ADDRSTRLEN])
{
	unsigned char raw[16];
	char bare[INET6_ADDRSTRLEN];
	size_t n = strlen(value);

	if (inet_pton(AF_INET, value, raw) == 1)
		return inet_ntop(AF_INET, raw, out, INET6_ADDRSTRLEN) != NULL;
	if (n > 2 && n < sizeof(bare) && value[0] == '[' && value[n - 1] == ']') {
		memcpy(bare, value + 1, n - 2);
		bare[n - 2] = '\0';
		value = bare;
	}
	if (inet_pton(AF_INET6, value, raw) != 1)
		return false;
	return inet_ntop(AF_INET6, raw, out, INET6_ADDRSTRLEN) != NULL;
}

bool
name_is_address(const char *text)
{
	char ip[INET6_ADDRSTRLEN];

	return ip_text(text, ip);
}

static bool
all_digits(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (*s < '0' || *s > '9')
			return false;
	return true;
}

/* A last label of digits, or 0x.., is an address to many programs. */
static bool
ends_like_ip(const char *name)
{
	const char *last = strrchr(name, '.');

	last = last == NULL ? name : last + 1;
	return all_digits(last) || text_starts(last, "0x");
}

static int
refuse_other_things(struct err *e, const char *field, const char *value)
{
	const char *colon = strchr(value, ':');
	char ip[INET6_ADDRSTRLEN];

	if (strchr(value, '/') != NULL || strchr(value, '?') != NULL ||
	    strchr(value, '#') != NULL) {
		err_set(e, R_DNS_URL, field, "this is a URL; a host name is needed");
		return err_hint(e,
		    "only the name between // and the next / or :, "
		    "such as portal.example.com");
	}
	if (strchr(value, '@') != NULL) {
		err_set(e, R_DNS_EMAIL, field, "this is an e-mail address; a host name is needed");
		return err_hint(e, "a fully qualified domain name, such as portal.example.com");
	}
	if (ip_text(value, ip)) {
		err_set(e, R_DNS_IP, field, "\"%s\" is an IP address; a DNS name is needed", ip);
		return err_hint(e, "IP addresses go into the alternative names");
	}
	if (colon != NULL && all_digits(colon + 1)) {
		err_set(e, R_DNS_PORT, field, "a certificate carries no port: leave out %s", colon);
		return err_hint(e, "one certificate serves every port of the name");
	}
	if (strchr(value, '_') != NULL) {
		err_set(e, R_DNS_UNDERSCORE, field,
		    "an underscore is not allowed in the name of a server");
		return err_hint(
		    e, "use a hyphen; public authorities refuse underscores (BR 7.1.4.2)");
	}
	return 0;
}

static int
check_wildcard(struct err *e, const char *field, const char *value)
{
	const char *star = strchr(value, '*');

	if (star == NULL)
		return 0;
	if (strcmp(value, "*") == 0 || strcmp(value, "*.") == 0) {
		err_set(e, R_WILDCARD_BARE, field, "a bare * covers nothing; name the domain");
		return err_hint(e, "such as *.example.com");
	}
	if (strchr(star + 1, '*') != NULL) {
		err_set(e, R_WILDCARD_TWO, field, "only one wildcard is allowed in a name");
		return err_hint(e, "a wildcard covers exactly one label: *.example.com");
	}
	if (star != value || value[1] != '.') {
		err_set(e, R_WILDCARD_PLACE, field, "a wildcard must be the whole left-most label");
		return err_hint(e, "such as *.example.com, not a*.example.com or a.*.example.com");
	}
	return 0;
}

/* Letters, digits, hyphens; lower-cased into out. */
static int
ldh_label(struct err *e, const char *field, const char *label, struct buf *out)
{
	size_t n = strlen(label);
	const char *s = label;

	if (n > LIMIT_DNS_LABEL)
		return err_set(e, R_DNS_LABEL_LONG, field,
		    "the label %.20s... has %zu characters, at most 63 are allowed", label, n);
	for (; *s != '\0'; s++) {
		char c = *s >= 'A' && *s <= 'Z' ? (char)(*s + 32) : *s;

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
			err_set(e, R_DNS_CHARACTER, field,
			    c == ' ' ? "a space is not allowed in a DNS name"
				     : "the character %c is not allowed in a DNS name",
			    *s);
			return err_hint(e, "a DNS name has letters, digits, hyphens and dots");
		}
		buf_put_u8(out, (uint8_t)c);
	}
	if (label[0] == '-' || label[n - 1] == '-')
		return err_set(
		    e, R_DNS_HYPHEN, field, "the label %s begins or ends with a hyphen", label);
	return 0;
}

static bool
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static void
free_idn(char **p)
{
	if (*p != NULL)
		idn2_free(*p);
}

/* An A-label as typed: it must be what its own Unicode form gives. */
static int
check_a_label(struct err *e, const char *field, const char *label, struct buf *unicode)
{
	__attribute__((cleanup(free_idn))) char *u = NULL, *again = NULL;

	if (idn2_to_unicode_8z8z(label, &u, 0) != IDN2_OK || is_ascii(u) ||
	    idn2_lookup_u8((const uint8_t *)u, (uint8_t **)&again, IDN2_NONTRANSITIONAL) !=
		IDN2_OK ||
	    strcasecmp(again, label) != 0)
		return err_set(e, R_DNS_ALABEL, field,
		    "\"%s\" is not a valid internationalised label (RFC 5890)", label);
	buf_put_text(unicode, u);
	return 0;
}

static int
put_label(
    struct err *e, const char *field, const char *label, struct buf *ascii, struct buf *unicode)
{
	__attribute__((cleanup(free_idn))) char *a = NULL, *u = NULL;
	int rc;

	if (label[0] == '\0') {
		bool first = ascii->len == 0;

		err_set(e, R_DNS_LABEL_EMPTY, field,
		    first ? "the name begins with a dot"
			  : "two dots stand without a label between");
		return err_hint(e, "leave out %s", first ? "the first dot" : "one of them");
	}
	if (is_ascii(label)) {
		if (ldh_label(e, field, label, ascii) < 0)
			return -1;
		if (strncasecmp(label, "xn--", 4) == 0)
			return check_a_label(e, field, label, unicode);
		buf_put(unicode, ascii->data + ascii->len - strlen(label), strlen(label));
		return 0;
	}
	rc = idn2_lookup_u8((const uint8_t *)label, (uint8_t **)&a, IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK) {
		err_set(e, R_DNS_IDN, field, "\"%s\" is not allowed in a domain name: %s", label,
		    idn2_strerror(rc));
		return err_hint(e, "RFC 5892 lists which characters a name may have");
	}
	if (ldh_label(e, field, a, ascii) < 0)
		return -1;
	if (idn2_to_unicode_8z8z(a, &u, 0) != IDN2_OK)
		return err_set(e, R_DNS_IDN, field, "\"%s\" has no Unicode form", a);
	buf_put_text(unicode, u);
	return 0;
}

/* Each label of value (which was checked for wildcards) into both forms. */
static int
put_labels(
    struct err *e, const char *field, const char *value, struct buf *ascii, struct buf *unicode)
{
	char label[LIMIT_DNS_NAME * 4 + 1];

	for (const char *s = value;; s++) {
		const char *end = strchr(s, '.');
		size_t n = end == NULL ? strlen(s) : (size_t)(end - s);

		memcpy(label, s, n);
		label[n] = '\0';
		if (s == value && strcmp(label, "*") == 0) {
			buf_put_text(ascii, "*");
			buf_put_text(unicode, "*");
		} else if (put_label(e, field, label, ascii, unicode) < 0)
			return -1;
		if (end == NULL)
			return 0;
		buf_put_text(ascii, ".");
		buf_put_text(unicode, ".");
		s = end;
	}
}

/* What the whole name must keep, once it is in A-labels. */
static int
check_whole(struct err *e, const char *field, const char *name)
{
	if (strlen(name) > LIMIT_DNS_NAME)
		return err_set(e, R_DNS_LONG, field,
		    "the name has %zu characters, a DNS name has at most 253", strlen(name));
	if (strchr(name, '.') == NULL) {
		err_set(e, R_DNS_SINGLE, field,
		    "\"%s\" is not a fully qualified domain name (FQDN)", name);
		return err_hint(e, "write the whole name, such as %.40s.example.com", name);
	}
	if (ends_like_ip(name)) {
		err_set(
		    e, R_DNS_IP, field, "\"%s\" looks like an IP address, not a DNS name", name);
		return err_hint(e, "IP addresses go into the alternative names");
	}
	if (text_starts(name, "*.") && is_public_suffix(name + 2)) {
		err_set(e, R_WILDCARD_SUFFIX, field,
		    "\"%s\" is a public suffix: nobody may hold a wildcard for all names below it",
		    name + 2);
		return err_hint(e, "name your own domain, such as *.example.%s", name + 2);
	}
	return 0;
}

int
name_check_dns(struct err *e, const char *field, const char *value, struct arena *a,
    const char **out, const char **unicode)
{
	AUTO_BUF struct buf ascii = { 0 }, shown = { 0 };
	size_t n;

	if (value == NULL || value[0] == '\0')
		return err_set(e, R_NAME_EMPTY, field, "the name is missing");
	if (text_check(e, field, value) < 0)
		return -1;
	n = strlen(value);
	if (n > LIMIT_DNS_NAME * 4)
		return err_set(
		    e, R_DNS_LONG, field, "the name has %zu bytes, a DNS name has at most 253", n);
	if (refuse_other_things(e, field, value) < 0 || check_wildcard(e, field, value) < 0)
		return -1;
	if (value[n - 1] == '.') {
		err_set(e, R_DNS_DOT, field, "the name ends with a dot; a certificate has none");
		return err_hint(e, "leave out the last dot");
	}
	if (put_labels(e, field, value, &ascii, &shown) < 0)
		return -1;
	*out = arena_strdup(a, buf_text(&ascii));
	if (unicode != NULL)
		*unicode = strcmp(buf_text(&ascii), buf_text(&shown)) == 0
		    ? NULL
		    : arena_strdup(a, buf_text(&shown));
	return check_whole(e, field, *out);
}

int
name_parse_san(
    struct err *e, const char *field, const char *value, struct arena *a, struct san *out)
{
	char ip[INET6_ADDRSTRLEN];
	const char *name = "", *unicode = NULL;

	memset(out, 0, sizeof(*out));
	if (ip_text(value, ip)) {
		out->type = SAN_IP;
		out->text = arena_strdup(a, ip);
		out->item = arena_printf(a, "san.ip:%s", ip);
		return 0;
	}
	if (value[0] == '[' ||
	    (strchr(value, ':') != NULL && strchr(value, '/') == NULL &&
		strspn(value, "0123456789abcdefABCDEF:.") == strlen(value) &&
		strchr(value, ':') != strrchr(value, ':'))) {
		err_set(e, R_SAN_IP, field, "\"%.60s\" is not an IP address", value);
		return err_hint(e, "such as 2001:db8::1, without port or brackets");
	}
	if (name_check_dns(e, field, value, a, &name, &unicode) < 0)
		return -1;
	out->type = SAN_DNS;
	out->text = name;
	out->unicode = unicode;
	out->item = arena_printf(a, "san.dns:%s", name);
	return 0;
}

static bool
listed(const struct san_list *list, const char *item)
{
	for (size_t i = 0; i < list->n; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): all have one */
		if (strcmp(list->v[i].item, item) == 0)
			return true;
	return false;
}

/* One line without its blanks and line end; NULL when nothing is left. */
static char *
next_line(struct arena *a, const char **s)
{
	size_t n = strcspn(*s, "\n");
	char *line = arena_dup(a, *s, n);

	*s += n + ((*s)[n] == '\n');
	while (n > 0 && strchr(" \t\r", line[n - 1]) != NULL)
		line[--n] = '\0';
	line += strspn(line, " \t");
	return *line == '\0' ? NULL : line;
}

int
names_parse(struct err *e, const char *field, const char *lines, const char *common_name,
    struct arena *a, struct san_list *out)
{
	struct err ignored = { 0 };
	const char *s = lines == NULL ? "" : lines;
	size_t number = 0;
	struct san san = { 0 };

	out->n = 0;
	out->v = arena_new_array(a, LIMIT_SANS_FORM, struct san);
	if (common_name != NULL && common_name[0] != '\0' &&
	    name_parse_san(&ignored, field, common_name, a, &san) == 0 && san.type == SAN_DNS &&
	    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): set with the type */
	    strlen(san.text) <= 64)
		out->v[out->n++] = san;
	while (*s != '\0') {
		char *line = next_line(a, &s);
		struct err why = { 0 };

		number++;
		if (line == NULL)
			continue;
		if (name_parse_san(&why, field, line, a, &san) < 0) {
			err_set(e, why.refusal, field, "line %zu: %s", number, why.message);
			return err_hint(e, "%s", why.hint);
		}
		if (listed(out, san.item))
			continue;
		if (out->n == LIMIT_SANS_FORM) {
			err_set(e, R_NAMES_MANY, field, "more than %d names", LIMIT_SANS_FORM);
			return err_hint(e, "use a wildcard, or another identity for the rest");
		}
		out->v[out->n++] = san;
	}
	return 0;
}

bool
name_covers(const char *pattern, const char *name)
{
	const char *rest;

	if (strcasecmp(pattern, name) == 0)
		return true;
	if (!text_starts(pattern, "*."))
		return false;
	rest = strchr(name, '.');
	return rest != NULL && rest != name && name[0] != '*' && strcasecmp(pattern + 1, rest) == 0;
}
