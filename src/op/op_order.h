/*
 * op_order.h - an order of a year is several certificates (M12)
 *
 * Public certificates live shorter than what is paid for. The number of the
 * order and its last day are kept with what was sent under it; the next request
 * to that authority carries them on, the sheet says how many certificates it
 * takes, and Attention that a reissue is free.
 */
#pragma once

#include "op/op_submit.h"

#define ORDER_MAX	64		/* characters */

/* What was typed into the row; order NULL and `carry`: what runs there already.
 * R_ORDER_DATE, R_FIELD_REQUIRED, R_TEXT_*, R_NAME_LONG; fields order, order_until */
int	order_take(struct ctx *, const struct submit_words *, bool carry,
	    struct submission_row *);
/* "the order runs until 3 Mar 2028: it takes 3 certificates, ..."; not its number,
 * which is for this house and not for who has a link to the sheet. */
void	order_note(struct ctx *, struct sheet *, const struct submission_row *);
/* The newest that runs, of this identity with this authority: 1, 0, -1. */
int	order_running(struct ctx *, const char *identity, const char *authority,
	    struct submission_row *);
/* A sentence for when this certificate is due, with a space in front; "": it
 * belongs to no order that runs. */
int	order_reminder(struct ctx *, const struct cert_row *, const char **);
