/*
 * pki.h - what anybody may fetch without TLS: CRLs, OCSP answers, CA certificates
 *
 * The listeners of --http-listen serve these paths and nothing else:
 * GET /crl/ID[.SHARD][.delta].crl, GET /ca/ID.crt, POST /ocsp/ID, GET /ocsp/ID/BASE64.
 */
#pragma once

#include "base/ctx.h"
#include "front/job.h"

/* Answers the job, whatever it asks. */
void	pki_serve(struct ctx *, struct job *);
/* The loop asks first: an OCSP answer that is there already. */
bool	pki_cached(struct job *);
