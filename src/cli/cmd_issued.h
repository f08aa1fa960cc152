/*
 * cmd_issued.h - commands of the group certificate about our own authorities
 */
#pragma once

#include "cli/cli.h"

int	issued_list(struct cli *);
int	issued_export(struct cli *);
int	issued_revoke(struct cli *);
int	issued_release(struct cli *);
