/*
 * route.h - one table: what can be asked, by whom, and who answers
 *
 * A row drives portal, API, authorisation, OpenAPI and --dump-routes; the same
 * handler builds one JSON view for both faces.
 */
#pragma once

#include <jansson.h>

#include "base/ctx.h"
#include "base/limits.h"
#include "front/answer.h"
#include "front/field.h"

enum capability {
	CAP_PUBLIC,			/* a flag, never a string test */
	CAP_SIGNED_IN,			/* anyone with a session (own account) */
	CAP_READ,			/* auditor and above */
	CAP_OPERATE,			/* operator and above: keys, CSRs, certificates */
	CAP_SETTINGS,			/* tenant admin and above */
	CAP_SUPER,
};

enum face { FACE_API, FACE_PORTAL };

struct upload { const char *field; const char *name; const void *data; size_t len; };
struct pair { const char *name; const char *value; };

struct request {
	enum face	 face;
	const char	*method;		/* "GET" "POST" "DELETE" "PUT" "PATCH" */
	const char	*path;			/* decoded once, without /t/TENANT */
	const char	*tenant;		/* named by the path, or NULL */
	bool		 entered;		/* it is acted in */
	unsigned	 hidden;		/* applications not served where it came in */
	bool		 of_tenant;		/* the session that is over was a tenant's */
	const struct route *route;
	struct pair	 params[4];		/* {id} parts of the path */
	size_t		 nparams;
	struct pair	*query;
	size_t		 nquery;
	struct pair	*form;			/* fields, or top-level strings of JSON */
	size_t		 nform;
	struct pair	*typed;			/* of the form that was refused, when its page is shown */
	size_t		 ntyped;
	struct upload	*files;
	size_t		 nfiles;
	json_t		*json;			/* JSON body, or NULL */
	const void	*body;			/* as read */
	size_t		 body_len;
	const char	*content_type;
	const char	*agent;			/* User-Agent, or NULL */
	const struct route *posts;		/* 405: the row of a form that is sent here */
	const char	*allow;			/* 405: the methods that the path has */
	const char	*host;			/* "name:port" that was asked; NULL: over the socket */
};

/*
 * Fills `view` (an object). 0, or -1 with cx->err. A GET runs read-only.
 * In the portal a POST that returned 0 is answered by 303 to route->then, with
 * {name} replaced from the view; a failed one shows route->page's GET view
 * again with the typed values and the error at its field. A portal POST
 * with a template and no `then` shows its own view (a check, a QR code).
 */
typedef int handler_fn(struct ctx *, const struct request *, json_t *view);

struct route {
	const char	*name;			/* "csr.regenerate"; unique */
	const char	*method;
	const char	*portal_path;		/* "/settings/security/csr" or NULL */
	const char	*api_path;		/* under /api/v1, or NULL */
	enum capability	 capability;
	bool		 tenant_scoped;		/* acts in the tenant that the path names, else in
						 * the caller's own; others are the system's */
	bool		 hosts;			/* tokens of components that pull may, too */
	unsigned	 applications;		/* it belongs to (enum application); 0: see
						 * route_applications */
	bool		 guest;			/* its address is the secret: nobody is recognised */
	handler_fn	*handler;
	const char	*template;		/* "csr" -> templates/csr.html, or NULL */
	const struct field *fields;		/* ends with { 0 }; NULL for none */
	const char	*audit;			/* action recorded for a refusal; writes must have one */
	const char	*page;			/* POST: name of the GET route shown again */
	const char	*then;			/* POST: where 303 leads */
	const char	*title;			/* GET page: heading and <title> */
	const char	*tab;			/* GET page: "components" "activity" "settings" "account" */
	const char	*menu;			/* GET page: current entry of the left menu (frame.html) */
	bool		 secret;		/* its answer holds a secret: never stored (P14) */
	size_t		 limit;			/* body bytes; 0 = 64 KiB */
	int		 status;		/* API success status; 0 = 200 */
	int		 also;			/* another one (view_status), or 0 */
	const char	*summary;		/* OpenAPI, as are the three below */
	const char	*answer;		/* API: a shape (shapes.h), or media types */
	const char	*takes;			/* another media type; JSON: one document, no fields */
	const struct field *query;		/* what may stand behind ?; ends with { 0 } */
	const struct field *elements;		/* of each object of its FIELD_LIST; ends with { 0 } */
};

/* Each page file exports one; src/routes.c lists them. A missing field
 * (handler, method, a path, summary, audit on a write, title on a page, answer
 * of the API) does not start. */
struct route_table { const struct route *v; size_t n; };

/* ---- what handlers use ---------------------------------------------------- */
const char *request_param(const struct request *, const char *name);
const char *request_query(const struct request *, const char *name);	/* NULL */
/* A field's value as sent, "" when sent empty, NULL when not sent. */
const char *request_field(const struct request *, const char *name);
/* On the page of a form that was refused: it has `value` there; on any other `otherwise`. */
bool	request_chosen(const struct request *, const char *name, const char *value,
	    bool otherwise);
bool	request_bool(const struct request *, const char *name);
const struct upload *request_file(const struct request *, const char *field, size_t i);
/* Required, kind, choices, length of all `fields`, and no other member in a
 * JSON body of fields: first fault into cx->err, R_FIELD_REQUIRED "<Label> is
 * required" etc. */
int	form_check(struct ctx *, const struct request *, const struct field *);
