/*
 * op_issue.h - our own authority answers a request: issued, held or refused
 *
 * The examiner's sheet is the plan; what is built from it is compared with it
 * before the keeper signs; what is signed is verified, then request, sheet,
 * certificate and record are durable together before anybody is told.
 */
#pragma once

#include "op/op_answer.h"
#include "op/op_submit.h"

/* As op_submit, for an authority of our own: row->state is "issued" or "held"
 * (the profile wants an approval). */
int	op_issue(struct ctx *, const void *data, size_t len, const struct preview *,
	    const struct submit_words *, struct sheet *, struct submission_row *);
/*
 * A person approves a held request. The approval is bound to the CSR's SHA-256
 * (`sha256`: what the person saw, hex; NULL: not compared). With the last one
 * that the profile wants the request is examined again and issued: row->state
 * then is "issued". R_APPROVE_STATE, R_APPROVE_HASH, R_APPROVE_AGAIN (the same
 * person twice), R_SUBMIT_REFUSED.
 */
int	op_approve(struct ctx *, const char *id, const char *sha256, struct sheet *,
	    struct submission_row *);
int	op_reject(struct ctx *, const char *id, const char *reason, struct submission_row *);
/* What approvals are bound to: of the CSR's DER, hex. */
const char *submission_sha256(struct ctx *, const struct submission_row *);

/* ---- op_issued.c -------------------------------------------------------- */
/* The certificate of an issued request, PEM; and leaf and issuers, root left out. */
int	op_issued(struct ctx *, const struct submission_row *, struct issued_row *);
/* Whether it was signed is not known: its DER is the TBSCertificate, whatever
 * state it came into since. It has no PEM. */
bool	issued_presumed(const struct issued_row *);
const char *issued_pem(struct ctx *, const struct issued_row *);
/* PEM texts in the arena; the first is the certificate. -1 with cx->err */
int	issued_chain(struct ctx *, const struct issued_row *, const char ***out, size_t *n);
/*
 * For Install: into `in` what answered its request, an id of a request here or of a
 * submission: the certificate and its issuers. The request is a request's id then, or
 * NULL when the CSR is none of ours. R_NOT_FOUND: nothing was issued to it here.
 */
int	op_issued_answer(struct ctx *, struct answer_input *in);
