/*
 * page_preview.h - what an authority will make of a request, on the CSR page
 */
#pragma once

#include "front/route.h"
#include "op/op_authority.h"
#include "op/op_csr.h"

extern const struct route_table page_authority_routes, page_preview_routes,
    page_submission_routes, page_batch_routes, page_link_routes, page_ca_routes,
    page_ca_keys_routes, page_ca_history_routes, page_ca_lists_routes, page_ca_renew_routes,
    page_clock_routes,
    page_issued_routes, page_policy_routes;

/* A member of the body, number or text, or of the query when the body is the
 * CSR alone; NULL when not sent. */
const char *preview_member(struct ctx *, const struct request *, const char *name);
/* A form's one choice, "letsencrypt:classic"; days and date may be NULL. */
int	preview_chosen(struct ctx *, const char *choice, const char *days, const char *date,
	    struct preview *);
/* `choices` [{value, label, selected}] of all profiles that may be asked for here, or
 * of those for servers only; authority may be NULL. */
void	put_choices(struct ctx *, json_t *view, const char *authority, const char *profile,
	    bool servers);
/* `authority`, `profile`, `date` */
void	put_whose(json_t *view, const struct preview *);

/*
 * For the SSL CSR page: `choices` [{value, label, selected}] of all profiles;
 * when ?authority= names one: `preview` {title, profile, day, sheet...} of the
 * request (NULL: of the fields alone) and `fate.country` ... in words.
 */
int	put_preview(struct ctx *, const struct request *, json_t *view,
	    const struct request_row *);
