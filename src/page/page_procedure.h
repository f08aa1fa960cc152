/*
 * page_procedure.h - route tables of the procedure's pages, and their helpers
 */
#pragma once

#include "front/route.h"
#include "op/op_identity.h"
#include "op/op_key.h"
#include "page/page_people.h"

extern const struct route_table page_identity_routes, page_key_routes,
    page_compromised_routes, page_replace_routes;

/*
 * Whose page: {identity} of the path, else `identity` of the query (portal
 * forms put it into their action, so that it survives a refused form), else
 * the field `identity`, else "portal".
 */
const char *request_identity(const struct request *);
/* `path`, with ?identity=NAME unless that is the portal's. */
const char *identity_path(struct ctx *, const char *path, const char *name);
/* "" or " --identity NAME", for "Show as command". */
const char *identity_option(struct ctx *, const struct identity *);
/*
 * For pages of one identity: `of` {name, portal, query, several} and, when there
 * are several, `identities` [{name, query, current}] for templates/identities.html.
 */
int	put_identity_choice(struct ctx *, json_t *view, const struct identity *);
/* An identity as the API shows it, without its keys. */
int	put_identity(struct ctx *, const struct request *, json_t *, const struct identity *);
/* A key as the API shows it: never its blob. `identity`: the name. */
void	put_key(struct ctx *, const struct request *, json_t *, const struct key_row *,
	    const char *identity);
/* `keys`: all of the identity's, newest first. */
int	put_keys(struct ctx *, const struct request *, json_t *view, const struct identity *);
/* Lines of a text as an array of strings; NULL and "" give []. */
json_t	*lines_array(struct ctx *, const char *text);
/* "3f:a2:91:…", the first 8 bytes, for people */
const char *short_digest(struct ctx *, const unsigned char sha256[32]);
