/*
 * certwrightd.c - the daemon: its options, its threads, its end
 *
 * The order matters and is the story: what needs root or open folders comes
 * first (prepare.c), then both are given up, then the database is opened, then
 * threads.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/io.h"
#include "base/log.h"
#include "fetch/fetch.h"
#include "front/anchor.h"
#include "front/children.h"
#include "front/http.h"
#include "front/notices.h"
#include "front/notify.h"
#include "front/renewals.h"
#include "front/upkeep.h"
#include "keys/readers.h"
#include "keys/targets.h"
#include "op/op_access.h"
#include "op/op_approval.h"
#include "op/op_authority.h"
#include "op/op_check.h"
#include "op/op_client.h"
#include "op/op_deliver.h"
#include "op/op_doors.h"
#include "op/op_renew.h"
#include "op/known.h"
#include "op/op_start.h"
#include "op/op_upkeep.h"
#include "op/op_weak.h"
#include "prepare.h"
#include "routes.h"
#include "store/store.h"

#define STOP_MS 5000

static int
dump_routes(struct daemon *d)
{
	json_t *rows;
	char *text;

	if (routes_new(&d->routes, route_tables, NULL, &d->e) < 0)
		return -1;
	rows = routes_dump(d->routes);
	text = json_dumps(rows, JSON_INDENT(1) | JSON_SORT_KEYS);
	puts(text);
	free(text);
	json_decref(rows);
	return 0;
}

static void
print_option(void *arg, const char *name, const char *value, bool many)
{
	printf("%s = %s\n", name, value);
}

/* A child that ended at once says why; that is our reason then. */
static int
child_reason(struct daemon *d)
{
	int status;

	usleep(100000);
	if (waitpid(d->children.keeper, &status, WNOHANG) == d->children.keeper) {
		err_clear(&d->e);
		err_set(&d->e, R_CHILD, NULL, "the keeper ended at its start (status %d)",
		    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		err_hint(&d->e, "its own message stands above");
	}
	return -1;
}

/* keeper: NULL for who needs none. */
static struct ctx *
ctx_make(struct daemon *d, struct keeper *keeper)
{
	struct ctx *cx = calloc(1, sizeof(*cx));

	if (cx == NULL)
		abort();
	cx->arena = arena_new();
	cx->db = db_attach(d->db);
	cx->keeper = keeper;
	cx->house = &d->house;
	cx->config = &d->config;
	cx->now = clock_wall();
	cx->actor.kind = ACTOR_SYSTEM;
	snprintf(cx->actor.name, sizeof(cx->actor.name), "system");
	snprintf(cx->actor.source, sizeof(cx->actor.source), "local");
	snprintf(cx->tenant, sizeof(cx->tenant), "%s", TENANT_SYSTEM);
	return cx;
}

/* One write: the set-up line (while there is no account), then addresses. */
static int
say_ready(struct daemon *d, struct ctx *cx)
{
	AUTO_BUF struct buf text = { 0 };
	char token[SECRET_TEXT_SIZE];
	int64_t accounts, supers;

	if (store_account_count(cx, &accounts, &supers) < 0)
		return -1;
	if (accounts == 0) {
		if (op_setup_token(cx, token) < 0)
			return -1;
		buf_printf(&text, "set up the first account at https://%s/setup/%s\n",
		    d->config.listen[0], token);
	}
	for (size_t i = 0; i < d->config.nlisten; i++)
		buf_printf(&text, "listening on https://%s\n", d->config.listen[i]);
	for (size_t i = 0; i < d->config.nhttp_listen; i++)
		buf_printf(&text, "CRLs and OCSP on http://%s\n", d->config.http_listen[i]);
	if (write(STDOUT_FILENO, text.data, text.len) < 0)
		log_warn("standard output is closed");
	notify_ready();
	return 0;
}

/* Nothing is served with a list that others could change. */
static int
start_deliveries(struct daemon *d)
{
	struct targets *targets = NULL;

	if (d->config.targets != NULL) {
		targets = targets_attach(d->children.targets);
		if (targets_read(targets, &d->e) < 0)
			return -1;
	}
	d->house.deliveries = deliveries_new(targets);
	return 0;
}

static int
start_renewals(struct daemon *d, struct err *e)
{
	size_t n = d->loops + (size_t)d->config.workers + EXTRA_KEEPERS;

	for (size_t i = 0; i < (size_t)d->config.renew_at_once; i++)
		if (renewals_start(ctx_make(d, keeper_attach(d->children.keeper_fds[n + i])), e) <
		    0)
			return -1;
	return 0;
}

static int
start_delivering(struct daemon *d, const int *keeper_fds, struct err *e)
{
	struct chore deliveries = {
		.wait = op_deliver_wait, .step = op_deliver_step, .put_off = "a delivery is put off"
	};

	for (size_t i = 0; i < DELIVERY_AT_ONCE; i++) {
		deliveries.cx = ctx_make(d, keeper_attach(keeper_fds[i]));
		if (upkeep_start(&deliveries, e) < 0)
			return -1;
	}
	return 0;
}

static int
start_chores(struct daemon *d, struct readers *readers, struct err *e)
{
	const int *keeper_fds = d->children.keeper_fds + d->loops + (size_t)d->config.workers + 3;
	struct chore upkeep = { ctx_make(d, NULL), op_upkeep_wait, op_upkeep, "upkeep is put off" };
	struct chore checks = { ctx_make(d, NULL), op_check_wait, op_check_step,
		"looks at components are put off" };
	struct chore doors = { ctx_make(d, NULL), op_doors_wait, op_doors_step,
		"the end of a trial is put on record later" };

	checks.cx->readers = readers;
	return upkeep_start(&upkeep, e) < 0 || upkeep_start(&checks, e) < 0 ||
		upkeep_start(&doors, e) < 0 ||
		notices_start(ctx_make(d, keeper_attach(keeper_fds[0])), e) < 0 ||
		start_delivering(d, keeper_fds + 1, e) < 0
	    ? -1
	    : 0;
}

/* Loops ask what became of a client's certificate, and nothing else. */
static struct ctx **
loop_contexts(struct daemon *d)
{
	if ((d->contexts = calloc(d->loops, sizeof(struct ctx *))) == NULL)
		abort();
	for (size_t i = 0; i < d->loops; i++)
		d->contexts[i] = ctx_make(d, NULL);
	return d->contexts;
}

static int
serve(struct daemon *d)
{
	struct ctx *cx;
	struct anchor *anchor;
	struct http_options http = { .listeners = d->listeners,
		.nlisteners = d->config.nlisten,
		.plain = d->plain,
		.nplain = d->config.nhttp_listen,
		.unix_listener = d->unix_listener,
		.own_uid = d->users.front,
		.loops = d->loops,
		.keeper_fds = d->children.keeper_fds,
		.assets = d->assets };
	struct worker_house workers = { .view = { d->templates, d->routes, d->config.no_sandbox,
					    assets_version(d->assets) },
		.house = &d->house,
		.config = &d->config };
	size_t n = d->loops + (size_t)d->config.workers;

	if (db_open(&d->db, "certwright.db", &d->e) < 0 || start_deliveries(d) < 0)
		return -1;
	d->house.sni = sni_new(SNI_OPEN);
	d->house.tls = http.tls = tls_slot_new(d->house.sni);
	d->house.approvals = approvals_new();
	d->house.known = known_new();
	d->house.renewals = renewals_new();
	d->house.checks = checks_new();
	d->house.doors = doors_new();
	d->house.clients = clients_new();
	d->house.serve = tls_serve;
	d->house.serve_check = tls_check;
	d->house.serves = tls_serves;
	d->house.present = sni_put;
	d->house.presents = sni_presents;
	d->house.leads = sni_leads;
	d->house.withdraw = sni_remove;
	d->house.addresses = d->config.listen;
	d->house.naddresses = d->config.nlisten;
	d->house.started_at = clock_wall();
	workers.db = d->db;
	workers.readers = readers_attach(d->children.readers);
	d->house.fetcher = fetcher_attach(d->children.fetch);
	cx = ctx_make(d, keeper_attach(d->children.keeper_fds[n]));
	cx->readers = workers.readers;
	keys_thread(cx->keeper);
	keys_certificates(keeper_attach(d->children.keeper_fds[n + 2]));
	http.contexts = loop_contexts(d);
	if (op_start(cx) < 0 || http_new(&d->http, &http, &cx->err) < 0 ||
	    workers_start(&d->workers, &workers, d->children.keeper_fds + d->loops,
		(size_t)d->config.workers, http_done, &cx->err) < 0 ||
	    anchor_start(&anchor, d->db, ctx_make(d, keeper_attach(d->children.keeper_fds[n + 1])),
		&cx->err) < 0 ||
	    start_chores(d, workers.readers, &cx->err) < 0 || start_renewals(d, &cx->err) < 0 ||
	    http_start(d->http, d->workers, &cx->err) < 0 || say_ready(d, cx) < 0) {
		d->e = cx->err;
		return child_reason(d);
	}
	arena_reset(cx->arena);
	return 0;
}

static void
stop(struct daemon *d)
{
	int64_t end = clock_monotonic_ms() + STOP_MS;

	notify_stopping();
	http_stop_accepting(d->http);
	usleep(20000);
	while (workers_busy(d->workers) > 0 && clock_monotonic_ms() < end)
		usleep(10000);
	usleep(50000); /* the last answers leave */
	log_info("stopped");
	_exit(0);
}

/* Only what can change without a restart is taken, the lists of weak keys; the
 * rest is checked. */
static void
reload(struct daemon *d)
{
	struct config again;
	struct err e = { 0 };

	if (op_weak_reload(&d->house, &e) < 0)
		log_err("the lists of weak keys were not taken", &e);
	else
		log_info("the lists of weak keys were read");
	err_clear(&e);
	op_target_reread(&d->house);
	if (config_read(&again, d->argc, d->argv, &e) < 0)
		log_err("the configuration was not taken", &e);
	else
		log_info("the configuration was read; addresses and threads change with a restart");
	config_free(&again);
}

static const char *
child_name(const struct children *c, pid_t pid)
{
	return pid == c->keeper	  ? "certwright-keeper"
	    : pid == c->spawner	  ? "certwright-reader"
	    : pid == c->fetcher	  ? "certwright-fetch"
	    : pid == c->deliverer ? "certwright-deliver"
				  : NULL;
}

/* Crash-only: when one of the children ends, all end. */
static void
child_ended(struct daemon *d)
{
	const char *name;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if ((name = child_name(&d->children, pid)) != NULL) {
			log_error("%s ended (status %d); ending", name,
			    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
			_exit(1);
		}
}

static void
wait_for_signals(struct daemon *d, const sigset_t *set)
{
	int sig;

	for (;;) {
		if (sigwait(set, &sig) != 0)
			continue;
		if (sig == SIGTERM || sig == SIGINT)
			stop(d);
		else if (sig == SIGHUP)
			reload(d);
		else if (sig == SIGCHLD)
			child_ended(d);
	}
}

static int
fail(const struct err *e)
{
	fprintf(stderr, "certwrightd: %s\n", e->message);
	if (e->hint[0] != '\0')
		fprintf(stderr, "hint: %s\n", e->hint);
	return e->kind == ERR_INTERNAL ? 1 : 2;
}

int
main(int argc, char **argv)
{
	static struct daemon d;
	sigset_t set;

	log_name("certwrightd");
	http_memory();
	d.argc = argc;
	d.argv = argv;
	if (config_read(&d.config, argc, argv, &d.e) < 0)
		return fail(&d.e);
	if (d.config.help || d.config.version) {
		if (d.config.help)
			config_usage();
		else
			puts("certwrightd " CERTWRIGHT_VERSION);
		return 0;
	}
	if (d.config.dump_routes)
		return dump_routes(&d) < 0 ? fail(&d.e) : 0;
	if (d.config.check_config) {
		config_each(&d.config, print_option, NULL);
		return 0;
	}
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (OpenSSL_version_num() < 0x30000160L)
		log_warn("libssl is older than 3.0.22: install the security updates");
	umask(0077);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* ignored, as some callers have it, no end would be told */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	http_descriptors();
	notify_open();
	prepare_folders(&d);
	if (prepare(&d) < 0)
		return fail(&d.e);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (serve(&d) < 0)
		return fail(&d.e);
	wait_for_signals(&d, &set);
}
