/*
 * op_license.h - the licence that is here, and what it allows
 *
 * Without one everything works. With one, more tenants and components than it
 * names are not added; when it ended, none are. Nothing else hangs on it: what is
 * here serves and renews. The file is kept as it came and its signature looked at
 * each time, so that a changed database allows nothing.
 */
#pragma once

#include "base/ctx.h"
#include "x509/license.h"

struct license_state {
	bool		 configured;	/* a vendor is (license-key) */
	bool		 there;		/* a file was uploaded */
	bool		 valid;		/* signed by this vendor: `license` stands */
	bool		 expired;
	const char	*why;		/* there, and not valid: the reason */
	struct license	 license;
	int64_t		 tenants, components;	/* that are here */
};

int	op_license_load(struct ctx *, struct license_state *);
/* In place of the one before. R_LICENSE_VENDOR, R_LICENSE_EXPIRED, and those of
 * license_read. */
int	op_license_upload(struct ctx *, const void *, size_t, struct license_state *);
/* One more? In the transaction that adds it. R_LICENSE_EXPIRED, R_LICENSE_LIMIT */
int	license_allows_tenant(struct ctx *);
int	license_allows_component(struct ctx *);
