/*
 * page_request.h - requests as API and pages show them
 */
#pragma once

#include "op/op_csr.h"
#include "page/page_procedure.h"

extern const struct route_table page_csr_routes, page_preset_routes, page_request_routes;

/* A request as the API shows it, without the CSR itself. identity and key
 * NULL: looked up. */
int	put_request(struct ctx *, const struct request *, json_t *, const struct request_row *,
	    const struct identity *, const struct key_row *);
/* The same with `pem`. */
int	put_request_pem(struct ctx *, const struct request *, json_t *,
	    const struct request_row *);
/* `requests`: all of the identity's, newest first. */
int	put_requests(struct ctx *, const struct request *, json_t *view, const struct identity *);
/* In the portal: each name with its U-label form, for people. */
void	put_names(struct ctx *, json_t *, const char *name, const char *lines);
/* One of them: {name, unicode}. */
json_t	*name_for_people(struct ctx *, const char *name);
/* The CSR of a call of the API: the member "csr", or the body as it is. */
const void *request_csr(const struct request *, size_t *len);
/* One word of a shell command, quoted where it must be; in the arena. */
const char *shell_word(struct ctx *, const char *);
