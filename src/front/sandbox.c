/*
 * sandbox.c - what is left to the front once it serves
 *
 * Debian 12's headers know only the first Landlock structures: the few newer
 * ones are defined here, sized to what the running kernel understands.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/landlock.h>
#include <seccomp.h>

#include "front/sandbox.h"

struct ruleset { /* struct landlock_ruleset_attr, ABI 6 */
	uint64_t fs, net, scoped;
};

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_WORK                                                                     \
	(FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	    LANDLOCK_ACCESS_FS_MAKE_REG | FS_TRUNCATE)
#define FS_TRUNCATE (1ULL << 14) /* ABI 3 */
#define FS_ALL_1    ((1ULL << 13) - 1)
#define FS_REFER    (1ULL << 13) /* ABI 2 */
#define NET_ALL	    3ULL	 /* bind, connect; ABI 4 */

static uint64_t
handled(int abi)
{
	return FS_ALL_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0);
}

static int
allow(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };
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

static int
landlock(const char *config_file, int *abi)
{
	struct ruleset attr = { 0 };
	size_t size;
	int fd, r;

	*abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (*abi < 1)
		return -1;
	attr.fs = handled(*abi);
	attr.net = *abi >= 4 ? NET_ALL : 0;
	size = *abi >= 4 ? 16 : 8;
	if ((fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0)) < 0)
		return -1;
	r = allow(fd, ".", FS_WORK & attr.fs);
	if (r == 0)
		r = allow(fd, "/usr/share/publicsuffix", FS_READ);
	if (r == 0 && config_file != NULL)
		r = allow(fd, config_file, FS_READ);
	if (r == 0)
		r = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	close(fd);
	return r;
}

static const int allowed[] = {
	/* files of the data directory */
	SCMP_SYS(openat),
	SCMP_SYS(open),
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(statx),
	SCMP_SYS(lseek),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(fcntl),
	SCMP_SYS(flock),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(getcwd),
	SCMP_SYS(getdents64),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(fchmod),
	SCMP_SYS(fchown),
	SCMP_SYS(umask),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
	SCMP_SYS(fadvise64),
	SCMP_SYS(chmod),
	SCMP_SYS(utimensat),
	/* sockets that are there, and those accepted from them */
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(recvfrom),
	SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(eventfd2),
	SCMP_SYS(pipe2),
	SCMP_SYS(ioctl),
	SCMP_SYS(memfd_create),
	/* memory, threads, time */
	SCMP_SYS(munmap),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(brk),
	SCMP_SYS(futex),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(gettid),
	SCMP_SYS(getpid),
	SCMP_SYS(getppid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_setaffinity),
	SCMP_SYS(sched_getparam),
	SCMP_SYS(sched_getscheduler),
	SCMP_SYS(prlimit64),
	SCMP_SYS(getrusage),
	SCMP_SYS(sysinfo),
	SCMP_SYS(uname),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
};

/* Threads but no processes, memory but no code, signals to itself only. */
static int
allow_in_part(scmp_filter_ctx f)
{
	struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
	struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	struct scmp_arg_cmp itself = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid());
	int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread);

	/* its flags cannot be looked at: libc goes back to clone */
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec);
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec);
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, itself);
	return r;
}

static int
filter(void)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	static const int deadly[] = { SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace),
		SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(bpf),
		SCMP_SYS(mount), SCMP_SYS(socket), SCMP_SYS(connect) };
	int r = f == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < nitems(allowed) && r == 0; i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
	if (r == 0)
		r = allow_in_part(f);
	/* P35: no program is run, no connection is made; who tries, ends */
	for (size_t i = 0; i < nitems(deadly) && r == 0; i++)
		r = seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
	if (r == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	return r;
}

int
sandbox_front(const char *config_file, const char **level, struct err *e)
{
	static char text[64];
	int abi, r;

	if (landlock(config_file, &abi) < 0) {
		err_set(e, R_SANDBOX, NULL,
		    "the kernel's Landlock is not there: the sandbox cannot be closed");
		return err_hint(
		    e, "start Linux with lsm=...,landlock; for debugging only: --no-sandbox");
	}
	if ((r = filter()) < 0) {
		err_set(
		    e, R_SANDBOX, NULL, "the system call filter cannot be set: %s", strerror(-r));
		return err_hint(e, "for debugging only: --no-sandbox");
	}
	snprintf(text, sizeof(text), "Landlock (ABI %d), seccomp", abi);
	*level = text;
	return 0;
}
