/*
 * page_system.h - the API about itself
 */
#pragma once

#include "front/route.h"

struct routes;

extern const struct route_table page_system_routes;
/* Where GET /openapi.json looks; set once at the start. */
void	page_system_set(const struct routes *);
