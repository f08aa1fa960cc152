/*
 * jsonscan.h - JSON's cost, before jansson sees a byte
 *
 * 1 MiB of tiny values would take 60 ms and 49 MB (P31): depth and number of
 * values are counted first.
 */
#pragma once

#include "base/err.h"

/* R_JSON_COST when too deep or too many; says nothing about validity. */
int	json_scan(const char *text, size_t len, struct err *);
