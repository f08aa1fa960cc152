/*
 * page_notify.h - route table of the page about notifications
 */
#pragma once

#include "front/route.h"

extern const struct route_table page_notify_routes;
