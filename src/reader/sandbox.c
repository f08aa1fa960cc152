/*
 * sandbox.c - what spawner and readers may still do (P41)
 *
 * A system call outside the list ends the process. No list has open, exec,
 * socket or connect; a reader cannot even fork. Filters only add up: the
 * reader's is laid over the spawner's.
 */
#include "base/syscalls.h"
#include "reader/sandbox.h"
#include "wire/confine.h"

#define DESCRIPTORS 8

static const int for_reader[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendto),
	SCMP_SYS(close),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static const int for_spawner[] = {
	SCMP_SYS(socketpair),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvmsg),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(fork),
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
	SCMP_SYS(kill),
	SCMP_SYS(tgkill),
	SCMP_SYS(prctl),
	SCMP_SYS(seccomp),
	SCMP_SYS(prlimit64),
	SCMP_SYS(setrlimit),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(getppid),
	SCMP_SYS(fcntl),
	SCMP_SYS(sigaltstack),
};

static int
load_filter(bool spawner, struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r = -1;

	if (filter != NULL &&
	    syscalls_add(filter, SCMP_ACT_ALLOW, for_reader, nitems(for_reader)) == 0 &&
	    (!spawner ||
		syscalls_add(filter, SCMP_ACT_ALLOW, for_spawner, nitems(for_spawner)) == 0) &&
	    syscalls_memory(filter) == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	if (r < 0)
		return err_set(e, R_SYSTEM, NULL, "could not set up the system call filter");
	return 0;
}

int
sandbox_spawner(struct err *e)
{
	return confine_spawner(e) < 0 ? -1 : load_filter(true, e);
}

int
sandbox_reader(struct err *e)
{
	return confine_child(DESCRIPTORS, e) < 0 ? -1 : load_filter(false, e);
}
