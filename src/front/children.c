/*
 * children.c - the keeper and the reader's spawner, started before the sandbox
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

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

int
children_start(struct children *c, const char *helpers, const struct users *u, size_t connections,
    bool no_sandbox, struct err *e)
{
	AUTO_CLOSE int keeper = open_program(helpers, "certwright-keeper", e);
	AUTO_CLOSE int reader = open_program(helpers, "certwright-reader", e);
	AUTO_CLOSE int kek = -1, journal = -1, sign_journal = -1;
	int control[2] = { -1, -1 }, front[2] = { -1, -1 }, fds[MAX_FDS], ends[2], reader_fds[2];
	char range[32], uid[16], gid[16];

	if (keeper < 0 || reader < 0 || (kek = open_kek(e)) < 0 ||
	    (journal = open_journal(e)) < 0 ||
	    (sign_journal = open_append("sign-journal", e)) < 0 || users_hand_over(u, e) < 0)
		return -1;
	if (connections + KEEPER_FDS > MAX_FDS ||
	    (c->keeper_fds = calloc(connections, sizeof(int))) == NULL)
		return err_nomem(e);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, front) < 0)
		return err_errno(e, "make a socket pair");
	fds[0] = kek;
	fds[1] = journal;
	fds[2] = sign_journal;
	fds[3] = control[0];
	for (size_t i = 0; i < connections; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
			return err_errno(e, "make a socket pair");
		c->keeper_fds[i] = ends[0];
		fds[KEEPER_FDS + i] = ends[1];
	}
	c->nkeeper_fds = connections;
	snprintf(range, sizeof(range), "7-%zu", 7 + connections - 1);
	snprintf(uid, sizeof(uid), "%u", u->reader);
	snprintf(gid, sizeof(gid), "%u", u->reader_gid);

	char *const keeper_argv[] = { "certwright-keeper", "--kek", "3", "--journal", "4",
		"--sign-journal", "5", "--readers", "6", "--connections", range,
		no_sandbox ? "--no-sandbox" : NULL, NULL };
	char *const reader_argv[] = { "certwright-reader", "--spawner", "--front", "3", "--keeper",
		"4", "--uid", uid, "--gid", gid, no_sandbox ? "--no-sandbox" : NULL, NULL };
	char *const plain_argv[] = { "certwright-reader", "--spawner", "--front", "3", "--keeper",
		"4", no_sandbox ? "--no-sandbox" : NULL, NULL };

	reader_fds[0] = front[0];
	reader_fds[1] = control[1];
	c->keeper = start(
	    keeper, fds, KEEPER_FDS + connections, keeper_argv, u->keeper, u->keeper_gid, u->root);
	c->spawner = start(reader, reader_fds, 2, u->root ? reader_argv : plain_argv, 0, 0, false);
	for (size_t i = 0; i < connections; i++)
		close(fds[KEEPER_FDS + i]);
	close(control[0]);
	close(control[1]);
	close(front[0]);
	c->readers = front[1];
	return c->keeper < 0 || c->spawner < 0 ? err_errno(e, "start a process") : 0;
}
