/*
 * page_component.h - route tables of what is served, where, and by which CA
 */
#pragma once

#include "front/route.h"

struct component;

extern const struct route_table page_component_routes, page_component_one_routes, page_found_routes, page_pull_routes, page_trust_routes;

/* A component as the API shows it. */
void	put_component(struct ctx *, const struct request *, json_t *, const struct component *);
