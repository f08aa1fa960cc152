/*
 * privileges.c - started as root: a uid for each process, then never root again
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <fcntl.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <unistd.h>

#include "front/privileges.h"

static void
find(const char *name, uid_t fallback, uid_t *uid, gid_t *gid)
{
	struct passwd *pw = getpwnam(name);

	*uid = pw == NULL ? fallback : pw->pw_uid;
	*gid = pw == NULL ? fallback : pw->pw_gid;
}

void
users_find(struct users *u)
{
	*u = (struct users){ .root = geteuid() == 0,
		.front = geteuid(),
		.keeper = geteuid(),
		.reader = geteuid(),
		.fetch = geteuid(),
		.front_gid = getegid(),
		.keeper_gid = getegid(),
		.reader_gid = getegid(),
		.fetch_gid = getegid() };
	if (!u->root)
		return;
	find("certwright", 64510, &u->front, &u->front_gid);
	find("certwright-keeper", 64511, &u->keeper, &u->keeper_gid);
	find("certwright-reader", 64512, &u->reader, &u->reader_gid);
	find("certwright-fetch", 64513, &u->fetch, &u->fetch_gid);
}

/* Or left by an import that was cut short. */
static bool
is_keepers(const char *name)
{
	if (strncmp(name, "next.", 5) == 0)
		name += 5;
	return strcmp(name, "kek") == 0 || strcmp(name, "journal") == 0 ||
	    strcmp(name, "sign-journal") == 0;
}

/* Files of this folder, and the lists in weak-keys/, one level deep. */
static int
hand_over_files(const struct users *u, const char *folder, struct err *e)
{
	DIR *dir = opendir(folder);
	struct dirent *d;
	int r = 0;

	if (dir == NULL)
		return errno == ENOENT ? 0 : err_errno(e, "read the data directory");
	while (r == 0 && (d = readdir(dir)) != NULL) {
		bool keepers = strcmp(folder, ".") == 0 && is_keepers(d->d_name);

		if (strcmp(d->d_name, "..") == 0)
			continue;
		if (fchownat(dirfd(dir), d->d_name, keepers ? u->keeper : u->front,
			keepers ? u->keeper_gid : u->front_gid, AT_SYMLINK_NOFOLLOW) < 0)
			r = err_errno(e, "hand over %s in the data directory", d->d_name);
	}
	closedir(dir);
	return r;
}

int
users_hand_over(const struct users *u, struct err *e)
{
	if (!u->root)
		return 0;
	return hand_over_files(u, ".", e) < 0 ? -1 : hand_over_files(u, "weak-keys", e);
}

int
users_drop(const struct users *u, struct err *e)
{
	struct rlimit none = { 0, 0 };

	if (u->root &&
	    (setgroups(0, NULL) < 0 || setresgid(u->front_gid, u->front_gid, u->front_gid) < 0 ||
		setresuid(u->front, u->front, u->front) < 0))
		return err_errno(e, "give up root");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, "give up privileges");
	return 0;
}

/* To lock memory, and nothing else: it has no limit then, over an exec too. */
static void
keep_memory_lock(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct only[2] = { { .effective = CAP_TO_MASK(CAP_IPC_LOCK),
	    .permitted = CAP_TO_MASK(CAP_IPC_LOCK),
	    .inheritable = CAP_TO_MASK(CAP_IPC_LOCK) } };

	if (syscall(SYS_capset, &header, only) == 0)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_IPC_LOCK, 0, 0);
}

int
users_become(uid_t uid, gid_t gid)
{
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
	    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setresuid(uid, uid, uid) < 0)
		return -1;
	keep_memory_lock();
	return 0;
}
