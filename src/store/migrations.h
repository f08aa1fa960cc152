/*
 * migrations.h - sql/NNNN_*.sql, embedded at build time in order
 */
#pragma once

#include "base/base.h"

struct migration {
	int		 version;
	const char	*sql;
};

extern const struct migration migrations[];
extern const size_t migration_count;
