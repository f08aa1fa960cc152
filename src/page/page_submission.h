/*
 * page_submission.h - a request on its way, as API and pages show it
 */
#pragma once

#include "front/route.h"
#include "op/op_submit.h"

/* It is sent or held: an answer is still to come. */
bool	submission_waits(const struct submission_row *);
/* The row as the API shows it, without CSR and sheet; in the portal with its
 * state in words. */
void	put_submission(struct ctx *, const struct request *, json_t *,
	    const struct submission_row *);
/* `order` and `order_until`, its last day; each or both null. */
void	put_order(json_t *, const struct submission_row *);
/* certificate, serial, and the chain with the certificate first: or null. */
int	put_submission_issued(struct ctx *, json_t *view, const struct submission_row *);
/* For people: state and sheet in the tense of it: `sheet_title`, `sentence`; of
 * one that was answered what came, `installed_as`. */
int	put_submission_sheet(struct ctx *, const struct request *, json_t *view,
	    const struct submission_row *);
handler_fn submission_show;
