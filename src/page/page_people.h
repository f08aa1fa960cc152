/*
 * page_people.h - route tables of the pages about people, and their helpers
 */
#pragma once

#include "front/route.h"
#include "op/op_account.h"

extern const struct route_table page_setup_routes, page_login_routes, page_account_routes,
    page_accounts_routes, page_passwords_routes, page_license_routes, page_activity_routes,
    page_tokens_routes, page_status_routes, page_custodian_routes, page_tenants_routes,
    page_invite_routes, page_names_routes, page_plan_routes, page_banner_routes,
    page_backup_routes, page_advanced_routes, page_renewal_routes;

/* "created": RFC 3339 or null when 0; in the portal also created_text
 * ("24 Nov 2026, 13:30 UTC") and created_ago ("3 hours ago"). */
void	put_time(struct ctx *, const struct request *, json_t *, const char *name, int64_t);
void	put_text(json_t *, const char *name, const char *);	/* NULL: null */
/* "tenant": its name for the system, else null; id NULL: none. */
void	put_tenant_name(struct ctx *, json_t *, const char *id);
void	put_int(json_t *, const char *name, int64_t);
void	put_bool(json_t *, const char *name, bool);
/* `mark` and `state_text`, for templates/state.html: a shape beside a word. */
void	put_state(json_t *, const char *mark, const char *text);
/* An account as the API shows it: never its password or seed. */
void	put_account(struct ctx *, const struct request *, json_t *, const struct account *);
/* The accounts of this tenant, as a page. */
int	accounts_show(struct ctx *, const struct request *, json_t *view);
/* How the caller reaches this portal, "https://HOST/"; over the socket, how people
 * do. NULL: cx->err. */
const char *portal_url(struct ctx *, const struct request *);
/* "": not sent. */
const char *field_text(const struct request *, const char *name);
/* Browsers send the lines of a text area with CRLF; as they were typed: LF. */
const char *typed_lines(struct ctx *, const char *);
/* A path of this portal, safe to lead to after sign-in; else "/components". */
const char *safe_next(const char *next);
