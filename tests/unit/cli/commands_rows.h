/*
 * commands_rows.h - each command: what it asks, what it is answered, what it says
 */
#pragma once

#include "base/base.h"

struct row {
	const char	*line;		/* '' is an empty word; the file "in" has "abc" */
	const char	*asks;		/* "METHOD /path body", a line a question */
	const char	*answers[4];	/* the last one for all that follow */
	int		 rc;
	const char	*says;		/* stands in what is said; "": nothing is said */
	bool		 raw;		/* a file as it is: no words, no JSON */
};

extern const struct row rows[];
extern const size_t nrows;
