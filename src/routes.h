/*
 * routes.h - every page's table, in the order of the documents
 */
#pragma once

#include "front/route.h"


extern const struct route_table *const route_tables[];	/* ended by NULL */
