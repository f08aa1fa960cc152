/*
 * op_hsts.h - for how long browsers remember to come by HTTPS only (RFC 6797)
 *
 * A year at first, for the name that was asked for alone. Off is no silence: a
 * browser that comes is told to forget what it remembers.
 */
#pragma once

#include "base/ctx.h"

#define HSTS_DAYS	365		/* at first */
#define HSTS_DAYS_MAX	3650

struct hsts {
	int64_t		 days;		/* 0: off */
	bool		 subdomains;	/* all names below, too */
};

int	op_hsts_start(struct ctx *);	/* what the setting says */
void	op_hsts_load(struct ctx *, struct hsts *);
/* In force from the next answer on. R_HSTS_DAYS */
int	op_hsts_save(struct ctx *, const struct hsts *);
/* The header's value, of this moment. */
const char *hsts_header(struct ctx *);
