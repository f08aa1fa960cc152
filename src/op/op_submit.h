/*
 * op_submit.h - requests on their way to an authority
 *
 * An authority that is known by its card only is reached by people: by e-mail
 * or a web form. What was sent where, and what it was expected to make of it,
 * is kept until the answer is installed or the submission is withdrawn. Our
 * own authority answers at once (op_issue.h).
 */
#pragma once

#include "op/op_authority.h"
#include "store/store.h"

#define NOTE_MAX	200		/* characters */

#define KEPT_KEY_NOTE	"the key of the certificate before it is kept on purpose: %s"

/* What a person says of it; all may be NULL, and so may this. */
struct submit_words {
	const char	*note;			/* an order number, or what helps to find it */
	const char	*keep_key;		/* why the key of a certificate is kept (M16) */
	const char	*order, *order_until;	/* its last day, YYYY-MM-DD (op_order.h) */
};

/*
 * Give the CSR to our own authority (op_issue), or keep that this CSR (PEM or DER; of an identity here or any other) goes to
 * the authority of the preview. R_SUBMIT_REFUSED: the authority would refuse
 * it, and nothing is kept; the sheet says why. R_CSR_* when it is none.
 * R_KEY_KEPT: a request of an identity here keeps the key of a certificate, and
 * nobody has said why; it is kept with the request, and stands on the sheet.
 */
int	op_submit(struct ctx *, const void *data, size_t len, const struct preview *,
	    const struct submit_words *, struct sheet *, struct submission_row *);
int	op_submission_load(struct ctx *, const char *id, struct submission_row *);
int	op_submission_list(struct ctx *, struct submission_row **, size_t *);
/* R_SUBMIT_ENDED: it does not wait any more. */
int	op_submission_withdraw(struct ctx *, const char *id, struct submission_row *);

/* The refusal came with a sheet: R_SUBMIT_REFUSED, R_LINT. */
bool	submit_has_sheet(enum refusal);
/* What another authority answered and was installed: 1, 0 nothing yet, -1. */
int	op_submission_certificate(struct ctx *, const struct submission_row *, struct cert_row *);
/* Is this request with public authorities, and with no other? */
int	op_submission_is_public(struct ctx *, const char *request, bool *);
/* In the open transaction: the answer to this request is installed. When it
 * waits at one authority only, that one has answered. */
int	op_submission_answered(struct ctx *, const char *request);

/* ---- what op_issue.c shares ---------------------------------------------------- */
struct csr;
int	submit_check_note(struct ctx *, const char *note);
/* NULL becomes words that say nothing. */
int	submit_check_words(struct ctx *, const struct submit_words **);
/* The request here that is this CSR, if it is one of ours, and why its key is
 * kept: into the row. Before anything is signed. R_KEY_KEPT */
int	submit_take_request(struct ctx *, const struct csr *, const struct submit_words *,
	    struct submission_row *);
/* In the open transaction: why the key is kept stays with the request. */
int	submit_keep_words(struct ctx *, const struct submission_row *);
void	submit_sheet_words(struct sheet *, const struct submission_row *);
void	submit_row(struct ctx *, const struct csr *, const struct preview *,
	    const struct submit_words *, struct submission_row *);	/* without its sheet */
int	submit_record(struct ctx *, const char *action, const struct submission_row *);
/* R_SUBMIT_REFUSED with the first refused item of the sheet; 0: none is. */
/* One decision at a time: what was read of a submission is so until the end. */
void	submit_deciding(void);
void	submit_decided(void);
int	submit_refusal(struct ctx *, const struct preview *, const struct sheet *);
