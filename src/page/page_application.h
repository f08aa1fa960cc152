/*
 * page_application.h - Applications: its page, and the forms on it
 */
#pragma once

#include "front/route.h"

#define APPLICATIONS_PAGE "/settings/security/applications"

/* The whole page, and what the API says of all listeners. */
int	applications_show(struct ctx *, const struct request *, json_t *view);
/* Which listener serves what, as the page has it: `doors`. */
void	put_doors_form(struct ctx *, const struct request *, json_t *view);

/* Of the listeners of these bits. */
json_t	*doors_addresses(const struct house *, unsigned on);

extern const struct route_table page_application_routes, page_doors_routes;
