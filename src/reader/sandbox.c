/*
 * sandbox.c - what spawner and readers may still do (P41)
 *
 * A system call outside the list ends the process. No list has open, exec,
 * socket or connect; a reader cannot even fork. Filters only add up: the
 * reader's is laid over the spawner's.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <seccomp.h>
#include <signal.h>

#include "reader/sandbox.h"

#define CPU_SECONDS  5
#define MEMORY_BYTES (256ul * 1024 * 1024)
#define DESCRIPTORS  8

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
allow(scmp_filter_ctx filter, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) < 0)
			return -1;
	return 0;
}

/* Memory, never executable. */
static int
allow_memory(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);

	if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec) < 0 ||
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec) < 0)
		return -1;
	return 0;
}

static int
load_filter(bool spawner, struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r = -1;

	if (filter != NULL && allow(filter, for_reader, nitems(for_reader)) == 0 &&
	    (!spawner || allow(filter, for_spawner, nitems(for_spawner)) == 0) &&
	    allow_memory(filter) == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
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
	if (limit(RLIMIT_CORE, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, "give up privileges");
	return load_filter(true, e);
}

int
sandbox_reader(struct err *e)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    limit(RLIMIT_CORE, 0) < 0 || limit(RLIMIT_CPU, CPU_SECONDS) < 0 ||
	    limit(RLIMIT_NOFILE, DESCRIPTORS) < 0 || limit(RLIMIT_FSIZE, 0) < 0 ||
	    (!SANITIZED && limit(RLIMIT_AS, MEMORY_BYTES) < 0))
		return err_errno(e, "limit the reader");
	return load_filter(false, e);
}
