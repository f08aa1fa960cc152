/*
 * cmd_pull.h - another host fetches its certificate
 */
#pragma once

#include "cli/cli.h"

int	component_pull(struct cli *);
extern const struct option pull_options[];
