/*
 * page_component.h - route tables of what is served, where, and by which CA
 */
#pragma once

#include "front/route.h"

extern const struct route_table page_component_routes, page_trust_routes,
    page_application_routes;
