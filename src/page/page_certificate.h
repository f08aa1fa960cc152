/*
 * page_certificate.h - certificates as API and pages show them
 */
#pragma once

#include "op/op_install.h"
#include "page/page_procedure.h"

extern const struct route_table page_certificate_routes, page_answer_routes;

#define CERTIFICATE_PAGE	"/settings/security/certificate"

/* JSON's "files": [{"name", "content": base64}] into `out`, which has room for
 * max + 2: one too many is taken, for somebody else to refuse. */
int	json_files(struct ctx *, const json_t *list, struct reader_file *out, size_t max,
	    size_t *n);
/* "Show as command" of an answer: check, install and, if wanted, roll back. */
void	put_answer_command(struct ctx *, json_t *view, const struct identity *, bool rollback);
/* Without PEM and sheet. */
int	put_certificate(struct ctx *, const struct request *, json_t *, const struct cert_row *,
	    const struct identity *);
/* With PEM and sheet. */
int	put_certificate_whole(struct ctx *, const struct request *, json_t *,
	    const struct cert_row *);
/* `certificates`: all of an identity's, newest first. */
int	put_certificate_list(struct ctx *, const struct request *, json_t *view,
	    const struct identity *);
/* What people call it: its common name, else its first name. */
const char *certificate_title(struct ctx *, const struct cert_row *);

/* Handlers: the page Server Certificate; one certificate, page and API. */
int	certificate_page(struct ctx *, const struct request *, json_t *view);
int	certificate_one(struct ctx *, const struct request *, json_t *view);
