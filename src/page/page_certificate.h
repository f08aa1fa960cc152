/*
 * page_certificate.h - certificates as API and pages show them
 */
#pragma once

#include "op/op_install.h"
#include "page/page_procedure.h"

extern const struct route_table page_certificate_routes, page_answer_routes;

#define CERTIFICATE_PAGE	"/settings/security/certificate"

/* Without PEM and sheet. */
int	put_certificate(struct ctx *, const struct request *, json_t *, const struct cert_row *,
	    const struct identity *);
