/*
 * worker.c - threads that answer requests, one straight call each
 *
 * route -> who asks -> may they -> same origin -> fields -> handler -> view.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "front/form.h"
#include "front/idempotency.h"
#include "front/pki.h"
#include "front/worker.h"
#include "op/op_clock.h"
#include "op/op_doors.h"
#include "op/op_session.h"
#include "op/op_tenant.h"
#include "store/store.h"

#define STACK_SIZE  (512 * 1024)
#define PATIENCE_MS 30000
#define HEALTH	    "/healthz"

struct workers {
	struct worker_house h;
	pthread_mutex_t lock;
	sem_t work; /* jobs that wait */
	struct job *first, *last;
	atomic_size_t busy;
	void (*done)(struct job *);
};

struct worker {
	struct workers *all;
	struct ctx cx;
};

static bool
is_read_method(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static bool
is_read(const struct request *rq)
{
	return is_read_method(rq->method);
}

/* The secret of our cookie among the others; NULL. */
static const char *
cookie_secret(struct ctx *cx, const char *cookies)
{
	size_t n = strlen(SESSION_COOKIE);

	for (const char *p = cookies; p != NULL && *p != '\0';) {
		p += strspn(p, " ;");
		if (strncmp(p, SESSION_COOKIE, n) == 0 && p[n] == '=')
			return arena_dup(cx->arena, p + n + 1, strcspn(p + n + 1, "; "));
		p = strchr(p, ';');
	}
	return NULL;
}

/* Who asks. Not signed in is no error here: the capability decides. */
static int
authenticate(struct ctx *cx, const struct job *j, struct request *rq)
{
	const char *bearer = job_header(j, "Authorization");
	const char *secret = cookie_secret(cx, job_header(j, "Cookie"));

	snprintf(cx->actor.source, sizeof(cx->actor.source), "%s", j->source);
	if (rq->route != NULL && rq->route->guest)
		return 0;
	if (j->local) {
		cx->actor.kind = ACTOR_LOCAL;
		cx->actor.role = ROLE_SUPER;
		snprintf(cx->actor.tenant, sizeof(cx->actor.tenant), "%s", TENANT_SYSTEM);
		snprintf(cx->actor.name, sizeof(cx->actor.name), "local");
		return 0;
	}
	if (bearer != NULL) {
		if (strncmp(bearer, "Bearer ", 7) != 0) {
			err_set(&cx->err, R_SIGNED_OUT, NULL,
			    "the Authorization header is not a bearer token");
			return err_hint(&cx->err, "send Authorization: Bearer TOKEN");
		}
		return op_authenticate_token(cx, bearer + 7);
	}
	if (secret != NULL && op_authenticate_cookie(cx, secret) < 0) {
		rq->of_tenant = !in_system(cx);
		if (cx->err.refusal != R_SESSION_HALF) /* nobody is nowhere but here */
			snprintf(cx->tenant, sizeof(cx->tenant), "%s", TENANT_SYSTEM);
		if (cx->err.refusal == R_TENANT_SUSPENDED && rq->route != NULL &&
		    rq->route->capability != CAP_PUBLIC)
			return -1; /* its people are told why */
		err_clear(&cx->err);
	}
	return 0;
}

/* Where it is to be done: in the tenant that the path names, if that may be. */
static int
enter_tenant(struct ctx *cx, struct request *rq)
{
	if (rq->tenant == NULL)
		return 0;
	if (rq->route != NULL && !rq->route->tenant_scoped) {
		err_set(&cx->err, R_NO_PAGE, NULL, "there is no such page in a tenant");
		return err_hint(
		    &cx->err, "it belongs to the whole system: ask without naming a tenant");
	}
	if (cx->actor.kind == ACTOR_NOBODY)
		return 0;
	if (op_tenant_enter(cx, rq->tenant) < 0)
		return -1;
	rq->entered = true;
	return 0;
}

/* P25: a browser's write comes from our own pages, with the form's token. */
static int
same_origin(struct ctx *cx, const struct job *j, const struct request *rq)
{
	const char *origin = job_header(j, "Origin"), *host = job_header(j, "Host");
	const char *site = job_header(j, "Sec-Fetch-Site"), *token;

	if (is_read(rq) || cx->actor.kind == ACTOR_LOCAL || cx->actor.kind == ACTOR_TOKEN ||
	    cx->actor.kind == ACTOR_HOST)
		return 0;
	if (origin != NULL ? strcmp(origin, arena_printf(cx->arena, "https://%s", host)) != 0
			   : site == NULL || strcmp(site, "same-origin") != 0) {
		err_set(&cx->err, R_ORIGIN, NULL, "the request does not come from this portal");
		return err_hint(&cx->err, "open the page again and send the form from there");
	}
	if (cx->actor.kind != ACTOR_ACCOUNT)
		return 0;
	token = request_field(rq, "csrf");
	return op_csrf_check(cx, token != NULL ? token : job_header(j, "X-CSRF-Token"));
}

static int
read_body(struct ctx *cx, const struct job *j, struct request *rq)
{
	size_t limit = rq->route->limit == 0 ? LIMIT_CSR : rq->route->limit;

	rq->body = j->body;
	rq->body_len = j->body_len;
	rq->content_type = job_header(j, "Content-Type");
	if (rq->content_type == NULL)
		rq->content_type = "application/octet-stream";
	if (j->body_len > limit) {
		err_set(&cx->err, R_BODY_LARGE, NULL, "the body has %zu bytes; %zu are taken here",
		    j->body_len, limit);
		return err_hint(&cx->err, "limits are in the manual, certwrightd(8)");
	}
	return form_read(cx->arena, rq, &cx->err);
}

static int
run_handler(struct ctx *cx, struct request *rq, json_t *view)
{
	cx->read_only = is_read(rq);
	view_begin();
	if (form_check(cx, rq, rq->route->fields) < 0 || rq->route->handler(cx, rq, view) < 0)
		return -1;
	if (db_in_transaction(cx))
		return err_set(&cx->err, R_INTERNAL, NULL, "route %s left a transaction open",
		    rq->route->name);
	return 0;
}

/* What a refused request was about: what its operation found out, else the
 * object in its path, else the identity that its page shows. Not what the path
 * of a public route names: that may be the secret of a link (P30). */
static const char *
object_of(const struct ctx *cx, const struct request *rq)
{
	const char *identity;

	if (cx->about != NULL)
		return cx->about;
	if (rq->route->capability == CAP_PUBLIC)
		return "";
	if (rq->nparams > 0)
		return rq->params[0].value;
	identity = request_query(rq, "identity");
	return identity != NULL && strlen(identity) <= LIMIT_NAME ? identity : "";
}

/* Refusals of writes, and of reads by the wrong role, are on record (P28). */
static void
record_refusal(struct ctx *cx, const struct request *rq)
{
	const struct route *r = rq->route;

	if (r == NULL || cx->err.kind == ERR_INTERNAL || cx->err.kind == ERR_UNAVAILABLE)
		return;
	if (cx->actor.kind == ACTOR_NOBODY && r->capability != CAP_PUBLIC)
		return; /* strangers do not fill the audit */
	if (is_read(rq) && cx->err.kind != ERR_DENIED)
		return;
	audit_refusal(cx, r->audit != NULL ? r->audit : r->name, object_of(cx, rq), &cx->err);
}

static int
find_route(struct worker *w, struct job *j, struct request *rq)
{
	struct ctx *cx = &w->cx;
	const char *query, *allow;
	int r;

	if (filter_target(cx->arena, j->target, &rq->path, &query, &cx->err) < 0 ||
	    form_urlencoded(cx->arena, query, strlen(query), &rq->query, &rq->nquery, &cx->err) < 0)
		return -1;
	route_tenant(cx->arena, rq);
	if ((r = routes_match(w->all->h.view.routes, cx->arena, rq, &allow)) == 1)
		return 0;
	if (r == 0 && strcmp(rq->path, HEALTH) == 0)
		allow = "GET"; /* work() answers that */
	else if (r == 0) {
		err_set(&cx->err, R_NO_PAGE, NULL, "there is no such page");
		return err_hint(
		    &cx->err, "look at the address; GET " API_PREFIX "/openapi.json lists the API");
	}
	rq->allow = allow;
	return err_set(&cx->err, R_HTTP_METHOD, NULL, "this address takes %s only", allow);
}

/* So many bytes of a target, as it was sent, have its first n segments. */
static size_t
segments(const char *target, size_t n)
{
	const char *p = target;

	for (; n > 0 && *p == '/'; n--)
		p += 1 + strcspn(p + 1, "/?");
	return (size_t)(p - target);
}

/*
 * Where a refused form stands the address is that of its POST. Who goes there again,
 * from the bar of the browser or after sign-in, comes to the page of the form.
 */
static bool
sent_to_the_page(struct worker *w, struct job *j, const struct request *rq)
{
	const struct route *r = rq->posts, *page;
	size_t tenant = rq->tenant == NULL ? 0 : 2, n = 0;
	const char *path, *query = strchrnul(j->target, '?');

	if (w->cx.err.refusal != R_HTTP_METHOD || rq->face != FACE_PORTAL || r == NULL ||
	    !is_read(rq) || (page = routes_by_name(w->all->h.view.routes, r->page)) == NULL ||
	    page->portal_path == NULL)
		return false;
	path = page->portal_path;
	if (strchr(path, '{') != NULL) { /* what stands for {id} is in the address */
		if (!text_starts(r->portal_path, path) || r->portal_path[strlen(path)] != '/')
			return false;
		for (const char *p = path; *p != '\0'; p++)
			n += *p == '/';
		path = "";
	}
	j->status = 303;
	job_add(j, "Location",
	    arena_printf(w->cx.arena, "%.*s%s%s", (int)segments(j->target, tenant + n), j->target,
		path, query));
	job_add(j, "Cache-Control", "no-store");
	return true;
}

/* A person who is not signed in goes to the door, and comes back here (V6). */
static bool
sent_to_the_door(struct ctx *cx, struct job *j, const struct request *rq)
{
	bool admin = (rq->of_tenant || rq->tenant != NULL) && (cx->hidden & APP_ADMIN) == 0;
	char *to, *o;

	if (cx->err.refusal != R_SIGNED_OUT || rq->face != FACE_PORTAL || rq->route == NULL ||
	    !is_read(rq))
		return false;
	o = to = arena_alloc(cx->arena, 3 * strlen(j->target) + 32);
	o += sprintf(o, "%s?next=", admin || (cx->hidden & APP_SUPER) != 0 ? "/admin" : "/super");
	for (const char *p = j->target; *p != '\0'; p++)
		o += strchr("&+#%?= ", *p) != NULL ? sprintf(o, "%%%02X", (unsigned char)*p)
						   : sprintf(o, "%c", *p);
	j->status = 303;
	job_add(j, "Location", to);
	job_add(j, "Cache-Control", "no-store");
	return true;
}

/* Who is signed in keeps the frame around what is wrong with an address, too. */
static void
recognise(struct ctx *cx, const struct job *j, struct request *rq)
{
	struct err kept = cx->err;

	if (rq->route != NULL || rq->face != FACE_PORTAL)
		return;
	err_clear(&cx->err);
	if (authenticate(cx, j, rq) == 0)
		enter_tenant(cx, rq);
	cx->err = kept;
}

static void
answer(struct worker *w, struct job *j)
{
	struct ctx *cx = &w->cx;
	struct request rq = { .method = j->method,
		.hidden = cx->hidden,
		.agent = job_header(j, "User-Agent"),
		.host = j->local ? NULL : job_header(j, "Host") };
	const char *key = job_header(j, "Idempotency-Key");
	json_t *view = json_object();
	int seen = 0;

	rq.face = strncmp(j->target, API_PREFIX "/", sizeof(API_PREFIX)) == 0 ? FACE_API
									      : FACE_PORTAL;
	if (find_route(w, j, &rq) == 0 && authenticate(cx, j, &rq) == 0 &&
	    enter_tenant(cx, &rq) == 0 && route_allowed(cx, rq.route) == 0 &&
	    read_body(cx, j, &rq) == 0 && same_origin(cx, j, &rq) == 0) {
		if (rq.face != FACE_API || cx->actor.kind == ACTOR_NOBODY)
			key = NULL; /* it is of somebody's own scripts */
		if (key != NULL && !is_read(&rq))
			seen = idempotency_begin(cx, j, key);
		if (seen == 0 && run_handler(cx, &rq, view) == 0) {
			view_answer(&w->all->h.view, cx, j, &rq, view);
			if (key != NULL && !is_read(&rq))
				idempotency_end(cx, j, rq.route->secret);
		}
	}
	if (err_is_set(&cx->err) && !sent_to_the_page(w, j, &rq) && !sent_to_the_door(cx, j, &rq)) {
		db_rollback(cx);
		record_refusal(cx, &rq);
		recognise(cx, j, &rq);
		view_error(&w->all->h.view, cx, j, &rq);
	}
	json_decref(view);
	json_decref(rq.json);
}

/*
 * 503 is for what a restart may mend, or another instance does better: whoever
 * watches restarts us, or sends nobody here. A clock that jumped is neither; TLS,
 * CRLs and OCSP answers must go on. GET /api/v1/status and Attention say it.
 */
static void
health(struct worker *w, struct job *j)
{
	struct clock_jump jump;
	struct keeper_state s;
	const char *value;

	j->status = 200;
	job_add(j, "X-Content-Type-Options", "nosniff");
	if (store_setting_load(&w->cx, "instance", &value) < 0) {
		j->status = 503;
		buf_put_text(&j->out, "database\n");
	} else if (keys_state(w->cx.keeper, &s, &w->cx.err) < 0) {
		j->status = 503;
		buf_put_text(&j->out, "keeper\n");
	} else {
		buf_put_text(&j->out, "ok\n");
		op_clock_state(&jump);
		if (jump.verdict != CLOCK_FINE)
			job_add(j, "Certwright-Degraded", "clock");
	}
}

static void
work(struct worker *w, struct job *j)
{
	struct ctx *cx = &w->cx;

	err_clear(&cx->err);
	cx->arena = j->arena;
	memset(&cx->actor, 0, sizeof(cx->actor));
	memset(&cx->claim, 0, sizeof(cx->claim));
	cx->about = NULL;
	cx->listener = j->listener;
	cx->hidden = doors_hidden(cx->house, j->listener);
	snprintf(cx->tenant, sizeof(cx->tenant), "%s", TENANT_SYSTEM);
	cx->read_only = false;
	cx->now = clock_wall();
	cx->deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
	if (j->plain)
		pki_serve(cx, j);
	else if (strcmp(j->target, HEALTH) == 0 && is_read_method(j->method))
		health(w, j);
	else
		answer(w, j);
	db_rollback(cx);
	if (op_session_touch_due(cx)) {
		err_clear(&cx->err);
		cx->read_only = false;
		op_session_touch(cx);
	}
	cx->arena = NULL;
}

static void *
run(void *arg)
{
	struct worker *w = arg;
	struct workers *all = w->all;

	keys_thread(w->cx.keeper);
	for (;;) {
		struct job *j;

		while (sem_wait(&all->work) < 0)
			; /* a signal */
		pthread_mutex_lock(&all->lock);
		j = all->first;
		if ((all->first = j->next) == NULL)
			all->last = NULL;
		pthread_mutex_unlock(&all->lock);
		work(w, j);
		all->done(j);
		all->busy--;
	}
	return NULL;
}

int
workers_start(struct workers **out, const struct worker_house *h, const int *keeper_fds, size_t n,
    void (*done)(struct job *), struct err *e)
{
	struct workers *all = calloc(1, sizeof(*all));
	pthread_attr_t attr;
	pthread_t thread;

	if (all == NULL)
		return err_nomem(e);
	all->h = *h;
	all->done = done;
	pthread_mutex_init(&all->lock, NULL);
	sem_init(&all->work, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (size_t i = 0; i < n; i++) {
		struct worker *w = calloc(1, sizeof(*w));

		if (w == NULL)
			return err_nomem(e);
		w->all = all;
		w->cx.db = db_attach(h->db);
		w->cx.keeper = keeper_attach(keeper_fds[i]);
		w->cx.readers = h->readers;
		w->cx.config = h->config;
		w->cx.house = h->house;
		if (pthread_create(&thread, &attr, run, w) != 0)
			return err_errno(e, "start a worker");
		pthread_detach(thread);
	}
	pthread_attr_destroy(&attr);
	*out = all;
	return 0;
}

void
workers_give(struct workers *all, struct job *j)
{
	j->next = NULL;
	pthread_mutex_lock(&all->lock);
	if (all->last == NULL)
		all->first = j;
	else
		all->last->next = j;
	all->last = j;
	all->busy++;
	pthread_mutex_unlock(&all->lock);
	sem_post(&all->work); /* who wakes finds the lock free */
}

size_t
workers_busy(struct workers *all)
{
	return all->busy;
}
