/*
 * op_batch.h - up to 100 requests at once, each judged for itself (P21)
 *
 * An element is what op_submit takes: its authority, profile and life are its
 * own, and so are its refusal, its record and its transaction. One that is
 * refused changes nothing of the others.
 */
#pragma once

#include "op/op_submit.h"

#define BATCH_MAX	 100
#define BATCH_WISHES_MAX 10000	/* on all sheets: what an answer holds */

struct batch_element {
	/* as typed; NULL: not sent */
	const char	*authority, *profile, *days;
	struct submit_words words;
	const char	*request;	/* id of a request here, instead of `csr` */
	const char	*csr;		/* PEM */
	/* what became of it; a fault that was set before is kept: it is not tried */
	struct err	 err;
	struct preview	 preview;	/* card NULL: it was not found */
	struct sheet	 sheet;		/* n 0: none was made */
	struct submission_row row;	/* of one without a fault */
};

/*
 * All of them, in their order. -1, and nothing more is done: R_BATCH_SIZE (none
 * or more than BATCH_MAX), or the Idempotency-Key is taken.
 */
int	op_batch(struct ctx *, struct batch_element *, size_t n);
