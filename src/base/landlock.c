/*
 * landlock.c - which files and ports are left to a process
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <linux/landlock.h>

#include "base/landlock.h"

struct ruleset { /* struct landlock_ruleset_attr, ABI 4 */
	uint64_t fs, net;
};

#define FS_ALL_1    ((1ULL << 13) - 1)
#define FS_REFER    (1ULL << 13) /* ABI 2 */
#define FS_TRUNCATE (1ULL << 14) /* ABI 3 */

static uint64_t
handled(int abi)
{
	return FS_ALL_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0);
}

int
landlock_begin(uint64_t net, int *abi)
{
	struct ruleset attr = { 0 };

	*abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (*abi < 1)
		return -1;
	attr.fs = handled(*abi);
	attr.net = *abi >= 4 ? net : 0;
	return (int)syscall(SYS_landlock_create_ruleset, &attr, *abi >= 4 ? 16 : 8, 0);
}

int
landlock_allow(int ruleset, const char *path, uint64_t access)
{
	int abi = (int)syscall(
	    SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_path_beneath_attr rule = { .allowed_access = access & handled(abi) };
	struct stat st;
	int r;

	if ((rule.parent_fd = open(path, O_PATH | O_CLOEXEC)) < 0)
		return errno == ENOENT ? 0 : -1;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
	r = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
	return r;
}

int
landlock_close(int ruleset)
{
	int r = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);

	close(ruleset);
	return r;
}

int
landlock_missing(struct err *e)
{
	err_set(
	    e, R_SANDBOX, NULL, "the kernel's Landlock is not there: the sandbox cannot be closed");
	return err_hint(e, "start Linux with lsm=...,landlock; for debugging only: --no-sandbox");
}
