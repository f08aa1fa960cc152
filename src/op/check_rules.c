/*
 * check_rules.c - which name is asked for at a component, and when it is looked at again
 */
#include "base/address.h"
#include "base/text.h"
#include "op/check_rules.h"
#include "x509/name.h"

static bool
is_host(const char *name)
{
	struct address ip;

	return name[0] != '\0' && strpbrk(name, ":@/") == NULL && address_parse(name, &ip) < 0;
}

const char *
check_name(struct arena *a, const char *set, const char *host, const char *names)
{
	const char *first = NULL, *wild = NULL;

	if (set != NULL)
		return set;
	host = text_lower_ascii(a, host);
	for (const char *p = names; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n') {
		const char *name = arena_dup(a, p, strcspn(p, "\n"));

		if (!is_host(name))
			continue;
		if (is_host(host) && name_covers(name, host))
			return host;
		if (name[0] == '*')
			wild = wild == NULL ? name : wild;
		else
			first = first == NULL ? name : first;
	}
	if (first == NULL && wild != NULL)
		return arena_printf(a, "www%s", wild + 1);
	return first;
}

int64_t
check_again(int64_t tries, uint32_t dice)
{
	int64_t s = tries == 0 ? CHECK_DAY_S
	    : tries > 8	       ? CHECK_RARE_S
			       : CHECK_SOON_S << (tries - 1);

	if (tries > 0 && s > CHECK_RARE_S)
		s = CHECK_RARE_S;
	return s - s / 5 + dice % (2 * s / 5 + 1);
}
