/*
 * children.c - the helpers, started before the sandbox
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "front/children.h"

#define FIRST_FD   3
#define KEEPER_FDS 4   /* kek, journal, sign journal, readers; then the connections */
#define MAX_FDS	   400 /* more than workers and loops can be */

/* The KEK: made once, 0600, never in the database. */
static int
open_kek(struct err *e)
{
	unsigned char kek[32];
	struct stat st;
	int fd;

	if (lstat("kek", &st) < 0) {
		if (errno != ENOENT)
			return err_errno(e, "read the file kek");
		if (lstat("certwright.db", &st) == 0) {
			err_set(e, R_DATA_DIR, NULL,
			    "the file kek is missing, but there is a database");
			return err_hint(
			    e, "put back the kek file that belongs to it: no key opens without it");
		}
		random_bytes(kek, sizeof(kek));
		if (file_write("kek", kek, sizeof(kek), 0600, e) < 0)
			return -1;
		explicit_bzero(kek, sizeof(kek));
	}
	if ((fd = open("kek", O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		return err_errno(e, "read the file kek");
	if (fstat(fd, &st) == 0 && (st.st_mode & 077) != 0)
		log_warn("others can read the file kek, which opens all keys: its mode is %03o; "
			 "chmod 600 it",
		    (unsigned)st.st_mode & 0777);
	return fd;
}

static int
open_append(const char *name, struct err *e)
{
	int fd = open(name, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? err_errno(e, "open the keeper's file %s", name) : fd;
}

/* A journal with something in it belongs to a database: nothing is made in its place. */
static int
check_database(struct err *e)
{
	struct stat journal, db;
	bool there = lstat("certwright.db", &db) == 0;

	if (lstat("journal", &journal) < 0 || journal.st_size == 0 || (there && db.st_size > 0))
		return 0;
	err_set(e, R_DATA_DIR, NULL, "the database is %s, but there is the journal of a keeper",
	    there ? "empty" : "missing");
	return err_hint(
	    e, "put back certwright.db with its -wal file, or begin in an empty data directory");
}

/* Made with the KEK, before the database: one that is gone was taken away. */
static int
open_journal(struct err *e)
{
	struct stat st;

	if (check_database(e) < 0)
		return -1;
	if (lstat("journal", &st) < 0 && errno == ENOENT && lstat("certwright.db", &st) == 0) {
		err_set(e, R_DATA_DIR, NULL,
		    "the keeper's journal is missing, but there is a database");
		return err_hint(e,
		    "put back the file journal that belongs to it; certwrightd(8) says what to do "
		    "if it is lost");
	}
	return open_append("journal", e);
}

/*
 * `fds` become 3, 4, 5 ... of the child, the program the one behind them
 * (closed by its exec); everything else is closed. Returns the program.
 */
static int
place(const int *fds, size_t n, int program)
{
	int first_free = FIRST_FD + (int)n + 1, high[MAX_FDS];

	program = fcntl(program, F_DUPFD, first_free);
	for (size_t i = 0; i < n; i++)
		if ((high[i] = fcntl(fds[i], F_DUPFD, first_free)) < 0)
			_exit(126);
	for (size_t i = 0; i < n; i++)
		if (dup2(high[i], FIRST_FD + (int)i) < 0)
			_exit(126);
	if (program < 0 || dup3(program, FIRST_FD + (int)n, O_CLOEXEC) < 0 ||
	    close_range((unsigned)first_free, ~0U, 0) < 0)
		_exit(126);
	return FIRST_FD + (int)n;
}

/* By descriptor: the folders above may be closed to the child's uid. */
static int
open_program(const char *folder, const char *name, struct err *e)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		err_set(e, R_CHILD, NULL, "could not open %s: %s", path, strerror(errno));
		err_hint(e, "it belongs beside certwrightd, or into libexec/certwright");
	}
	return fd;
}

static pid_t
start(int program, const int *fds, size_t n, char *const argv[], uid_t uid, gid_t gid, bool root)
{
	char *passed[8];
	size_t e = 0;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	/* tests only: where sanitizers write, which refusals were reached */
	for (char **v = environ; *v != NULL && e < nitems(passed) - 1; v++)
		if (strncmp(*v, "CERTWRIGHT_", 11) == 0 || strstr(*v, "SAN_OPTIONS=") != NULL)
			passed[e++] = *v;
	passed[e] = NULL;
	setsid();
	program = place(fds, n, program);
	if (root && users_become(uid, gid) < 0)
		_exit(126);
	fexecve(program, argv, passed);
	_exit(127);
}

/* What the keeper has besides the connections: to the readers, and to hand keys over. */
struct sockets {
	int readers, deliver; /* deliver -1: nothing is delivered */
};

static int
start_keeper(struct children *c, const char *helpers, const struct users *u, size_t connections,
    const struct sockets *s, bool no_sandbox, struct err *e)
{
	AUTO_CLOSE int program = open_program(helpers, "certwright-keeper", e);
	AUTO_CLOSE int kek = -1, journal = -1, sign_journal = -1;
	int fds[MAX_FDS], ends[2];
	char range[32], last[16];
	bool delivers = s->deliver >= 0;
	char *const argv[] = { "certwright-keeper", "--kek", "3", "--journal", "4",
		"--sign-journal", "5", "--readers", "6", "--connections", range,
		no_sandbox     ? "--no-sandbox"
		    : delivers ? "--deliver"
			       : NULL,
		no_sandbox && delivers ? "--deliver"
		    : delivers	       ? last
				       : NULL,
		no_sandbox && delivers ? last : NULL, NULL };

	if (program < 0 || (kek = open_kek(e)) < 0 || (journal = open_journal(e)) < 0 ||
	    (sign_journal = open_append("sign-journal", e)) < 0 || users_hand_over(u, e) < 0)
		return -1;
	if (connections + KEEPER_FDS + 1 > MAX_FDS ||
	    (c->keeper_fds = calloc(connections, sizeof(int))) == NULL)
		return err_nomem(e);
	fds[0] = kek;
	fds[1] = journal;
	fds[2] = sign_journal;
	fds[3] = s->readers;
	for (size_t i = 0; i < connections; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
			return err_errno(e, "make a socket pair");
		c->keeper_fds[i] = ends[0];
		fds[KEEPER_FDS + i] = ends[1];
	}
	c->nkeeper_fds = connections;
	fds[KEEPER_FDS + connections] = s->deliver;
	snprintf(last, sizeof(last), "%zu", 7 + connections);
	snprintf(range, sizeof(range), "7-%zu", 7 + connections - 1);
	c->keeper = start(program, fds, KEEPER_FDS + connections + delivers, argv, u->keeper,
	    u->keeper_gid, u->root);
	for (size_t i = 0; i < connections; i++)
		close(fds[KEEPER_FDS + i]);
	return c->keeper < 0 ? err_errno(e, "start certwright-keeper") : 0;
}

struct arguments {
	char *v[2 * ADDRESS_NETS_MAX + 16];
	size_t n;
	char uid[16], gid[16];
};

static void
argument(struct arguments *a, const char *option, const char *value)
{
	a->v[a->n++] = (char *)(uintptr_t)option;
	if (value != NULL)
		a->v[a->n++] = (char *)(uintptr_t)value;
}

/* Who prepares itself as root drops it by itself. */
static void
own_user(struct arguments *a, bool root, uid_t uid, gid_t gid)
{
	snprintf(a->uid, sizeof(a->uid), "%u", uid);
	snprintf(a->gid, sizeof(a->gid), "%u", gid);
	if (!root)
		return;
	argument(a, "--uid", a->uid);
	argument(a, "--gid", a->gid);
}

static int
start_reader(struct children *c, const char *helpers, const struct users *u, int keepers,
    bool no_sandbox, struct err *e)
{
	AUTO_CLOSE int program = open_program(helpers, "certwright-reader", e);
	struct arguments a = { 0 };
	int front[2];

	if (program < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, front) < 0)
		return err_errno(e, "make a socket pair");
	argument(&a, "certwright-reader", "--spawner");
	argument(&a, "--front", "3");
	argument(&a, "--keeper", "4");
	own_user(&a, u->root, u->reader, u->reader_gid);
	if (no_sandbox)
		argument(&a, "--no-sandbox", NULL);
	c->readers = front[1];
	c->spawner = start(program, (int[]){ front[0], keepers }, 2, a.v, 0, 0, false);
	close(front[0]);
	return c->spawner < 0 ? err_errno(e, "start certwright-reader") : 0;
}

static int
start_fetcher(struct children *c, const char *helpers, const struct users *u,
    const struct config *config, struct err *e)
{
	AUTO_CLOSE int program = open_program(helpers, "certwright-fetch", e);
	struct arguments a = { 0 };
	int front[2];

	if (program < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, front) < 0)
		return err_errno(e, "make a socket pair");
	argument(&a, "certwright-fetch", NULL);
	argument(&a, "--front", "3");
	own_user(&a, u->root, u->fetch, u->fetch_gid);
	for (size_t i = 0; i < config->noutbound_allow; i++)
		argument(&a, "--allow", config->outbound_allow[i]);
	if (config->resolver != NULL)
		argument(&a, "--resolver", config->resolver);
	if (config->no_sandbox)
		argument(&a, "--no-sandbox", NULL);
	c->fetch = front[1];
	c->fetcher = start(program, (int[]){ front[0] }, 1, a.v, 0, 0, false);
	close(front[0]);
	return c->fetcher < 0 ? err_errno(e, "start certwright-fetch") : 0;
}

/* It keeps our rights. *keepers: where the keeper hands keys over, -1 for nowhere. */
static int
start_deliverer(struct children *c, const char *helpers, const struct config *config, int *keepers,
    struct err *e)
{
	AUTO_CLOSE int program = -1;
	struct arguments a = { 0 };
	int front[2], keeper[2];

	c->deliverer = 0;
	c->targets = *keepers = -1;
	if (config->targets == NULL)
		return 0;
	if ((program = open_program(helpers, "certwright-deliver", e)) < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, front) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, keeper) < 0)
		return err_errno(e, "make a socket pair");
	argument(&a, "certwright-deliver", NULL);
	argument(&a, "--targets", config->targets);
	argument(&a, "--front", "3");
	argument(&a, "--keeper", "4");
	c->deliverer = start(program, (int[]){ front[1], keeper[1] }, 2, a.v, 0, 0, false);
	close(front[1]);
	close(keeper[1]);
	c->targets = front[0];
	*keepers = keeper[0];
	return c->deliverer < 0 ? err_errno(e, "start certwright-deliver") : 0;
}

int
children_start(struct children *c, const char *helpers, const struct users *u, size_t connections,
    const struct config *config, struct err *e)
{
	AUTO_CLOSE int deliver = -1;
	int control[2], r = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
		return err_errno(e, "make a socket pair");
	if (start_deliverer(c, helpers, config, &deliver, e) < 0 ||
	    start_keeper(c, helpers, u, connections, &(struct sockets){ control[0], deliver },
		config->no_sandbox, e) < 0 ||
	    start_reader(c, helpers, u, control[1], config->no_sandbox, e) < 0 ||
	    start_fetcher(c, helpers, u, config, e) < 0)
		r = -1;
	close(control[0]);
	close(control[1]);
	return r;
}
