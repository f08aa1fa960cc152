/*
 * confine.c - what a spawner and its children give up before their filters
 */
#include <sys/prctl.h>
#include <sys/resource.h>

#include <signal.h>

#include "wire/confine.h"

#define CPU_SECONDS  5
#define MEMORY_BYTES (256ul * 1024 * 1024)

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

static int
limit(__rlimit_resource_t what, rlim_t value)
{
	const struct rlimit l = { value, value };

	return setrlimit(what, &l);
}

int
confine_spawner(struct err *e)
{
	if (limit(RLIMIT_CORE, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, "give up privileges");
	return 0;
}

int
confine_child(unsigned long descriptors, struct err *e)
{
	if (confine_spawner(e) < 0)
		return -1;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || limit(RLIMIT_CPU, CPU_SECONDS) < 0 ||
	    limit(RLIMIT_NOFILE, descriptors) < 0 || limit(RLIMIT_FSIZE, 0) < 0 ||
	    (!SANITIZED && limit(RLIMIT_AS, MEMORY_BYTES) < 0))
		return err_errno(e, "limit the child");
	return 0;
}
