/*
 * filter.c - what HTTP we take: strict where the parser is lenient
 */
#include <strings.h>

#include "base/limits.h"
#include "base/text.h"
#include "front/filter.h"

void
filter_head(struct filter_head *h, const unsigned char *p, size_t n)
{
	for (; n > 0 && !h->ended && !h->bad; p++, n--) {
		if (h->cr) {
			/* an empty line ends the head; before the first it is skipped */
			h->bad = *p != '\n';
			h->ended = !h->bad && h->started && !h->in_line;
			h->started |= h->in_line;
			h->cr = h->in_line = false;
		} else if (*p == '\r') {
			h->cr = true;
		} else {
			h->bad = *p == '\n' || *p == '\0' ||
			    (h->started && !h->in_line && (*p == ' ' || *p == '\t'));
			h->in_line = true;
		}
	}
}

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
	size_t n = strspn(
	    s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]");

	return n > 0 && n < 300 && s[n] == '\0';
}

static int
bad(struct err *e, const char *why)
{
	return err_set(e, R_HTTP_HEADERS, NULL, "the request is malformed: %s", why);
}

struct seen {
	size_t hosts, lengths;
	bool empty; /* Content-Length says so */
};

/* What is wrong with this header; NULL: nothing. */
static const char *
header_fault(const struct header *h, struct seen *seen)
{
	if (!is_token(h->name) || !is_value(h->value))
		return "a header is not of the allowed characters";
	if (strcasecmp(h->name, "Host") == 0)
		return ++seen->hosts > 1 || !is_host(h->value) ? "one Host header is needed" : NULL;
	if (strcasecmp(h->name, "Content-Length") == 0) {
		seen->empty = strspn(h->value, "0") == strlen(h->value);
		return ++seen->lengths > 1 || !is_length(h->value)
		    ? "Content-Length is not one number"
		    : NULL;
	}
	if (strcasecmp(h->name, "Transfer-Encoding") == 0)
		return "Transfer-Encoding is not taken; send Content-Length";
	if (strcasecmp(h->name, "Content-Encoding") == 0)
		return strcasecmp(h->value, "identity") != 0 ? "compressed bodies are not taken"
							     : NULL;
	return NULL;
}

bool
filter_may_have_body(const char *method)
{
	return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
}

int
filter_headers(const char *method, const struct header *h, size_t n, bool has_body, struct err *e)
{
	struct seen seen = { .empty = true };
	const char *fault;

	if (n > LIMIT_HEADERS)
		return bad(e, "too many headers");
	for (size_t i = 0; i < n; i++) {
		if ((fault = header_fault(&h[i], &seen)) != NULL)
			return bad(e, fault);
	}
	if (seen.hosts == 0)
		return bad(e, "the Host header is missing");
	if (has_body && seen.lengths == 0)
		return bad(e, "a body needs a Content-Length");
	/* libevent would take it for the next request */
	if (!seen.empty && !filter_may_have_body(method))
		return bad(e, "a request of this method has no body");
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(h[i].name, "Upgrade") == 0 && !seen.empty)
			return bad(e, "no protocol upgrade with a body");
	return 0;
}

static int
bad_path(struct err *e, const char *why)
{
	return err_set(e, R_HTTP_PATH, NULL, "%s", why);
}

/* No way around: "//", "..", "/./" would name another path than they seem. */
static bool
is_plain(const char *path, size_t len)
{
	return utf8_valid(path, len) && strstr(path, "//") == NULL && strstr(path, "/..") == NULL &&
	    strstr(path, "/./") == NULL && !text_ends(path, "/.");
}

int
filter_target(
    struct arena *a, const char *target, const char **path, const char **query, struct err *e)
{
	size_t len = strcspn(target, "?#");
	char *out, *o;

	*query = target[len] == '?' ? arena_strdup(a, target + len + 1) : "";
	if (strlen(target) > 4 * LIMIT_PATH || len > LIMIT_PATH || target[0] != '/')
		return bad_path(e, "the path of the request is not taken");
	o = out = arena_alloc(a, len + 1);
	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)target[i];

		if (c == '%') {
			if (i + 2 >= len || hex_digit(target[i + 1]) < 0 ||
			    hex_digit(target[i + 2]) < 0)
				return bad_path(e, "the path has a malformed escape");
			c = hex_digit(target[i + 1]) << 4 | hex_digit(target[i + 2]);
			i += 2;
			if (c == '/' || c == 0 || c == '%')
				return bad_path(e, "the path hides a character");
		}
		if (c < 0x20 || c == 0x7f || c == ';' || c == '\\')
			return bad_path(e, "the path has a character that is not taken");
		*o++ = (char)c;
	}
	*o = '\0';
	if (!is_plain(out, (size_t)(o - out)))
		return bad_path(e, "the path is not in its plain form");
	*path = out;
	return 0;
}
