/*
 * tests.h - the groups of test_reader
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask.h"
#include "made.h"

struct group {
	const struct CMUnitTest	*tests;
	size_t			 n;
};
extern const struct group key_group, bundle_group, hostile_group, process_group;

/* One question to readers_bundle, all in one arena. */
struct asked {
	struct arena		*arena;
	struct reader_bundle	 bundle;
	struct err		 err;
	int			 result;
};
void	ask_bundle(struct asked *, const char *name, const struct buf *,
	    const char *passphrase);
void	asked_clear(struct asked *);
bool	has_text(const char **list, size_t n, const char *part);
/* The refusal, at its field, with a hint; clears. */
void	assert_refused(const char *name, struct buf file, const char *passphrase,
	    enum refusal, const char *field);
/* These certificates by CN in this order, with this repair (or none: NULL). */
void	assert_read(const char *name, struct buf file, const char *passphrase,
	    const char *first, const char *second, const char *repair);
