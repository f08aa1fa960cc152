/*
 * syscalls.h - rules that all our system call filters share
 *
 * In a header: only who sets a filter links libseccomp. 0, or a negative errno.
 */
#pragma once

#include <sys/mman.h>

#include <seccomp.h>

#include "base/base.h"

static inline int
syscalls_add(scmp_filter_ctx f, uint32_t action, const int *calls, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = seccomp_rule_add(f, action, calls[i], 0);
	return r;
}

/* Memory, never executable. */
static inline int
syscalls_memory(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec);

	return r != 0 ? r : seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec);
}
