/*
 * filter.c - what HTTP we take: strict where the parser is lenient
 */
#include <strings.h>

#include "base/limits.h"
#include "base/text.h"
#include "front/filter.h"

static bool
is_token(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		    (*s >= '0' && *s <= '9') || strchr("!#$%&'*+-.^_`|~", *s) != NULL))
			return false;
	return true;
}

/* No control character, thus no folding, bare CR or NUL (RFC 9110 5.5). */
static bool
is_value(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

static bool
is_length(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && n < 19 && s[n] == '\0';
}

static bool
is_host(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]");

	return n > 0 && n < 300 && s[n] == '\0';
}

static int
bad(struct err *e, const char *why)
{
	return err_set(e, R_HTTP_HEADERS, NULL, "the request is malformed: %s", why);
}

int
filter_headers(const struct header *h, size_t n, bool has_body, struct err *e)
{
	size_t hosts = 0, lengths = 0, codings = 0;

	if (n > LIMIT_HEADERS)
		return bad(e, "too many headers");
	for (size_t i = 0; i < n; i++) {
		if (!is_token(h[i].name) || !is_value(h[i].value))
			return bad(e, "a header is not of the allowed characters");
		if (strcasecmp(h[i].name, "Host") == 0) {
			if (++hosts > 1 || !is_host(h[i].value))
				return bad(e, "one Host header is needed");
		} else if (strcasecmp(h[i].name, "Content-Length") == 0) {
			if (++lengths > 1 || !is_length(h[i].value))
				return bad(e, "Content-Length is not one number");
		} else if (strcasecmp(h[i].name, "Transfer-Encoding") == 0) {
			if (++codings > 1 || strcasecmp(h[i].value, "chunked") != 0)
				return bad(e, "this Transfer-Encoding is not known");
		} else if (strcasecmp(h[i].name, "Content-Encoding") == 0) {
			if (strcasecmp(h[i].value, "identity") != 0)
				return bad(e, "compressed bodies are not taken");
		} else if (strcasecmp(h[i].name, "Upgrade") == 0 && has_body) {
			return bad(e, "no protocol upgrade with a body");
		}
	}
	if (hosts == 0)
		return bad(e, "the Host header is missing");
	if (lengths > 0 && codings > 0)
		return bad(e, "Content-Length and Transfer-Encoding exclude each other");
	return 0;
}

static int
hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
filter_target(struct arena *a, const char *target, const char **path, const char **query,
    struct err *e)
{
	size_t len = strcspn(target, "?#");
	char *out, *o;

	*query = target[len] == '?' ? arena_strdup(a, target + len + 1) : "";
	if (strlen(target) > 4 * LIMIT_PATH || len > LIMIT_PATH || target[0] != '/')
		return err_set(e, R_HTTP_PATH, NULL, "the path of the request is not taken");
	o = out = arena_alloc(a, len + 1);
	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)target[i];

		if (c == '%') {
			if (i + 2 >= len || hex_value(target[i + 1]) < 0 || hex_value(target[i + 2]) < 0)
				return err_set(e, R_HTTP_PATH, NULL, "the path has a malformed escape");
			c = hex_value(target[i + 1]) << 4 | hex_value(target[i + 2]);
			i += 2;
			if (c == '/' || c == 0 || c == '%')
				return err_set(e, R_HTTP_PATH, NULL, "the path hides a character");
		}
		if (c < 0x20 || c == 0x7f || c == ';' || c == '\\')
			return err_set(e, R_HTTP_PATH, NULL, "the path has a character that is not taken");
		*o++ = (char)c;
	}
	*o = '\0';
	if (!utf8_valid(out, (size_t)(o - out)) || strstr(out, "//") != NULL ||
	    strstr(out, "/..") != NULL || strstr(out, "/./") != NULL || text_ends(out, "/."))
		return err_set(e, R_HTTP_PATH, NULL, "the path is not in its plain form");
	*path = out;
	return 0;
}
