/*
 * base.h - what every file may assume
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define nitems(a)	(sizeof(a) / sizeof((a)[0]))
#define PRINTF(f, a)	__attribute__((format(printf, f, a)))
#define UNUSED		__attribute__((unused))
#define NEVER_NULL	__attribute__((returns_nonnull))

/*
 * AUTO(type) name = NULL; frees `name` when it leaves scope. A module that
 * has `void x_free(struct x *)` says DEFINE_AUTO(x, struct x, x_free) once.
 * The free function takes NULL.
 */
#define DEFINE_AUTO(tag, type, freefn)					\
	static inline void auto_free_##tag(type **p)			\
	{								\
		if (*p != NULL)						\
			freefn(*p);					\
	}
#define AUTO(tag)	__attribute__((cleanup(auto_free_##tag)))

static inline void
auto_free_mem(void *p)
{
	free(*(void **)p);
}

/* AUTO_CLOSE int fd = -1; closes the descriptor when it leaves scope. */
void auto_close(int *fd);
#define AUTO_CLOSE	__attribute__((cleanup(auto_close)))
