/*
 * sandbox.c - what is left to the front once it serves
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "base/landlock.h"
#include "base/syscalls.h"
#include "front/sandbox.h"

static int
landlock(const char *config_file, int *abi)
{
	int fd = landlock_begin(NET_BIND | NET_CONNECT, abi);

	if (fd < 0)
		return -1;
	if (landlock_allow(fd, ".", FS_WORK) < 0 ||
	    landlock_allow(fd, "/usr/share/publicsuffix", FS_READ) < 0 ||
	    (config_file != NULL && landlock_allow(fd, config_file, FS_READ) < 0)) {
		close(fd);
		return -1;
	}
	return landlock_close(fd);
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
	struct scmp_arg_cmp itself = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid());
	int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread);

	/* its flags cannot be looked at: libc goes back to clone */
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (r == 0)
		r = syscalls_memory(f);
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

	if (r == 0)
		r = syscalls_add(f, SCMP_ACT_ALLOW, allowed, nitems(allowed));
	if (r == 0)
		r = allow_in_part(f);
	/* P35: no program is run, no connection is made; who tries, ends */
	if (r == 0)
		r = syscalls_add(f, SCMP_ACT_KILL_PROCESS, deadly, nitems(deadly));
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

	if (landlock(config_file, &abi) < 0)
		return landlock_missing(e);
	if ((r = filter()) < 0) {
		err_set(
		    e, R_SANDBOX, NULL, "the system call filter cannot be set: %s", strerror(-r));
		return err_hint(e, "for debugging only: --no-sandbox");
	}
	snprintf(text, sizeof(text), "Landlock (ABI %d), seccomp", abi);
	*level = text;
	return 0;
}
