/*
 * deliver.h - one delivery: check, write, swap, test, reload; or all as before
 */
#pragma once

#include "deliver/targets.h"
#include "wire/delivery.h"

/*
 * Certificates (DER, one after another, the leaf for this key). On return the
 * target has the new pair and uses it, or (-1) what it had. R_DELIVER_PAIR,
 * R_DELIVER_FILE, R_DELIVER_TEST, R_DELIVER_RELOAD, R_DELIVER_HAPROXY
 */
int	deliver(const struct target *, const struct bytes *certificates,
	    const struct delivery_key *, struct err *);
/* Takes back what was interrupted; the server is told to look again. */
void	deliver_recover(const struct target *);
