/*
 * sandbox.c - what certwright-fetch may still do (P41)
 *
 * No file and no listening socket for any of its processes (Landlock); of system
 * calls a list, without exec. A job cannot fork. Filters only add up: the job's
 * is laid over the spawner's.
 */
#include <sys/socket.h>

#include <errno.h>

#include "base/landlock.h"
#include "base/syscalls.h"
#include "fetch/outside.h"
#include "wire/confine.h"

#define DESCRIPTORS 64

static const int for_job[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendto),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(connect),
	SCMP_SYS(bind), /* UDP: Landlock refuses it for TCP */
	SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(epoll_create),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(eventfd2),
	SCMP_SYS(socketpair), /* libunbound speaks to itself */
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(pipe),
	SCMP_SYS(pipe2),
	SCMP_SYS(fcntl),
	SCMP_SYS(ioctl),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(lseek),
	SCMP_SYS(close),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(uname),
	SCMP_SYS(sysinfo),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(setitimer),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(prlimit64),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static const int for_spawner[] = {
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(fork),
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
	SCMP_SYS(kill),
	SCMP_SYS(tgkill),
	SCMP_SYS(prctl),
	SCMP_SYS(seccomp),
	SCMP_SYS(setrlimit),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(getppid),
};

static const int deadly[] = { SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(bpf), SCMP_SYS(mount),
	SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4) };

/* Sockets of the internet only; memory, never executable. */
static int
allow_in_part(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp four = SCMP_A0(SCMP_CMP_EQ, AF_INET);
	const struct scmp_arg_cmp six = SCMP_A0(SCMP_CMP_EQ, AF_INET6);

	if (syscalls_memory(f) < 0 ||
	    seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, four) < 0 ||
	    seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, six) < 0)
		return -1;
	return 0;
}

/* What is not on the list is refused: libraries look for files that need not be there. */
static int
load_filter(bool spawner, struct err *e)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = -1;

	if (f != NULL && syscalls_add(f, SCMP_ACT_ALLOW, for_job, nitems(for_job)) == 0 &&
	    (!spawner || syscalls_add(f, SCMP_ACT_ALLOW, for_spawner, nitems(for_spawner)) == 0) &&
	    syscalls_add(f, SCMP_ACT_KILL_PROCESS, deadly, nitems(deadly)) == 0 &&
	    allow_in_part(f) == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	if (r < 0)
		return err_set(e, R_SYSTEM, NULL, "could not set up the system call filter");
	return 0;
}

int
sandbox_spawner(struct err *e)
{
	int fd, abi;

	if (confine_spawner(e) < 0)
		return -1;
	if ((fd = landlock_begin(NET_BIND, &abi)) < 0 || landlock_close(fd) < 0)
		return landlock_missing(e);
	return load_filter(true, e);
}

int
sandbox_job(struct err *e)
{
	return confine_child(DESCRIPTORS, e) < 0 ? -1 : load_filter(false, e);
}
