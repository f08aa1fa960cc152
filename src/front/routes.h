/*
 * routes.h - the table of routes: checked at the start, matched at each request
 */
#pragma once

#include "front/route.h"

struct templates;

#define API_PREFIX	"/api/v1"
#define TENANT_PREFIX	"/t/"

/* A list of tables, ended by NULL, in the order of the documents. */
struct routes;

/* R_ROUTE: which row lacks what. templates NULL: they are not checked. */
int	routes_new(struct routes **, const struct route_table *const *tables,
	    const struct templates *, struct err *);
void	routes_free(struct routes *);
const struct route *routes_by_name(const struct routes *, const char *name);
/*
 * Takes /t/TENANT out of rq->path and notes the name: whatever acts in a tenant
 * has an address of its own there, so that no window shows one tenant and writes
 * into another.
 */
void	route_tenant(struct arena *, struct request *);
/*
 * The row for method and path; fills rq->route, face, params. HEAD counts as
 * GET. What rq->hidden hides is not there. 1 found, 0 no such path; -1: the path exists, not with this method
 * (`allow` then lists them).
 */
int	routes_match(const struct routes *, struct arena *, struct request *,
	    const char **allow);
/* What it belongs to, of enum application; 0: it is there on every listener. */
unsigned route_applications(const struct route *);
/* The actor may ask this (R_SIGNED_OUT, R_CAPABILITY): before any handler runs,
 * that of a page shown again included. */
int	route_allowed(struct ctx *, const struct route *);
/* Every row, in order. */
size_t	routes_count(const struct routes *);
const struct route *routes_at(const struct routes *, size_t);
/* --dump-routes */
json_t	*routes_dump(const struct routes *);
/* openapi.c: OpenAPI 3.1 of all API routes. */
json_t	*routes_openapi(const struct routes *);
const char *capability_name(enum capability);
