/*
 * check_rules.h - which name is asked for at a component, and when it is looked at again
 *
 * Pure: nothing here asks anybody.
 */
#pragma once

#include "base/arena.h"
#include "base/base.h"

#define CHECK_DAY_S	86400		/* from one look to the next, where all is well */
#define CHECK_SOON_S	60		/* after the first that was not */
#define CHECK_RARE_S	(4 * 3600)	/* and at most, while it is not */

/*
 * SNI has one host (RFC 6066 section 3): what was set; else the host of the address,
 * if the certificate is for it; else its first name. Of a wildcard alone a name that
 * it covers. NULL: it is for no host. `names`: of the certificate, one a line.
 */
const char *check_name(struct arena *, const char *set, const char *host, const char *names);

/* Seconds to the next look after so many in a row that were not well; up to a fifth
 * sooner or later, as `dice` falls: what was added together is not asked together. */
int64_t	check_again(int64_t tries, uint32_t dice);
