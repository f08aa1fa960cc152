/*
 * cmd_scan.h - which certificates are out there
 */
#pragma once

#include "cli/cli.h"

int	component_scan(struct cli *);
int	component_found(struct cli *);
int	component_forget(struct cli *);
extern const struct option scan_options[];
