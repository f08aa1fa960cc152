/*
 * op_names_sheet.c - whose the names are that an authority of our own would certify
 */
#include "base/text.h"
#include "op/house.h"
#include "op/op_names.h"
#include "x509/disposition.h"

/* RFC 3986 3: what stands behind "scheme://" and what may be in front of the host; NULL
 * for a URI that has no authority. */
static const char *
authority_of(struct ctx *cx, const char *uri)
{
	size_t n = strspn(uri, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
	const char *at;
	char *host;

	if (n == 0 || strncmp(uri + n, "://", 3) != 0)
		return NULL;
	host = arena_dup(cx->arena, uri + n + 3, strcspn(uri + n + 3, "/?#"));
	at = strrchr(host, '@');
	host = at == NULL ? host : host + (at + 1 - host);
	host[strcspn(host, ":")] = '\0';
	return host;
}

/* The host that the item names, in lower case; NULL: it is none that could be judged. */
static const char *
host_in(struct ctx *cx, const struct disposition *d)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-._*";
	const char *host = d->granted, *at;

	if (text_starts(d->item, "san.uri:"))
		host = authority_of(cx, d->granted);
	else if (text_starts(d->item, "san.email:") && (at = strrchr(d->granted, '@')) != NULL)
		host = at + 1;
	if (host == NULL)
		return NULL;
	host = text_lower_ascii(cx->arena, host);
	return host[strspn(host, allowed)] == '\0' ? host : NULL;
}

/* Does it name a host, or at a client's certificate somebody of a domain? A Common Name
 * that is written like a host is one for some. */
static bool
names_somebody(const struct disposition *d, bool person)
{
	if (strcmp(d->item, "subject.CN") == 0)
		return strchr(d->granted, '.') != NULL && strchr(d->granted, ' ') == NULL;
	return text_starts(d->item, "san.dns:") || text_starts(d->item, "san.uri:") ||
	    (person && text_starts(d->item, "san.email:"));
}

static int
check(struct ctx *cx, const struct own_names *own, const struct disposition *d, bool person)
{
	const struct name_claim *by = NULL;
	enum own_state s = OWN_YES;
	const char *host;

	if (d->granted == NULL || d->outcome == OUT_REFUSED)
		return 0;
	if (names_somebody(d, person))
		s = (host = host_in(cx, d)) == NULL ? OWN_NOT : own_names_state(own, host, &by);
	else if (text_starts(d->item, "san.") && !text_starts(d->item, "san.email:"))
		s = OWN_NOT; /* an address is no tenant's, nor is what else there is */
	return s == OWN_YES ? 0 : names_refuse(cx, s, by, "names", d->granted);
}

int
names_check_sheet(struct ctx *cx, const struct sheet *s)
{
	struct own_names own;
	bool person = false;

	if (own_names_load(cx, &own) < 0)
		return -1;
	if (own.all)
		return 0;
	for (size_t i = 0; i < s->n; i++)
		person = person ||
		    (s->v[i].granted != NULL && text_starts(s->v[i].item, "eku.") &&
			strcmp(s->v[i].item, "eku.serverAuth") != 0);
	for (size_t i = 0; i < s->n; i++)
		if (check(cx, &own, &s->v[i], person) < 0)
			return -1;
	return 0;
}
