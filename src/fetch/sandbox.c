/*
 * sandbox.c - what certwright-fetch may still do (P41)
 *
 * No file and no listening socket for any of its processes (Landlock); of system
 * calls a list, without exec. A job cannot fork. Filters only add up: the job's
 * is laid over the spawner's.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <signal.h>

#include <seccomp.h>

#include "base/landlock.h"
#include "fetch/outside.h"

#define CPU_SECONDS  5
#define MEMORY_BYTES (256ul * 1024 * 1024)
#define DESCRIPTORS  64

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

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

static int
add(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seccomp_rule_add(filter, action, calls[i], 0) < 0)
			return -1;
	return 0;
}

/* Sockets of the internet only; memory, never executable. */
static int
allow_in_part(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp four = SCMP_A0(SCMP_CMP_EQ, AF_INET);
	const struct scmp_arg_cmp six = SCMP_A0(SCMP_CMP_EQ, AF_INET6);

	if (seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec) < 0 ||
	    seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec) < 0 ||
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

	if (f != NULL && add(f, SCMP_ACT_ALLOW, for_job, nitems(for_job)) == 0 &&
	    (!spawner || add(f, SCMP_ACT_ALLOW, for_spawner, nitems(for_spawner)) == 0) &&
	    add(f, SCMP_ACT_KILL_PROCESS, deadly, nitems(deadly)) == 0 && allow_in_part(f) == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	if (r < 0)
		return err_set(e, R_SYSTEM, NULL, "could not set up the system call filter");
	return 0;
}

static int
limit(__rlimit_resource_t what, rlim_t value)
{
	const struct rlimit l = { value, value };

	return setrlimit(what, &l);
}

int
sandbox_spawner(struct err *e)
{
	int fd, abi;

	if (limit(RLIMIT_CORE, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, "give up privileges");
	if ((fd = landlock_begin(NET_BIND, &abi)) < 0 || landlock_close(fd) < 0) {
		err_set(e, R_SANDBOX, NULL,
		    "the kernel's Landlock is not there: the sandbox cannot be closed");
		return err_hint(
		    e, "start Linux with lsm=...,landlock; for debugging only: --no-sandbox");
	}
	return load_filter(true, e);
}

int
sandbox_job(struct err *e)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || limit(RLIMIT_CPU, CPU_SECONDS) < 0 ||
	    limit(RLIMIT_NOFILE, DESCRIPTORS) < 0 || limit(RLIMIT_FSIZE, 0) < 0 ||
	    (!SANITIZED && limit(RLIMIT_AS, MEMORY_BYTES) < 0))
		return err_errno(e, "limit the job");
	return load_filter(false, e);
}
