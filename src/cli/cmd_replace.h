/*
 * cmd_replace.h - key replace, which cmd_key.c has in its table
 */
#pragma once

#include "cli/cli.h"

int	key_replace(struct cli *);		/* 0 it is replaced; EXIT_HELD */
