/*
 * cmd_request.h - what the commands of the group request share
 */
#pragma once

#include "cli/cli.h"

/* The worst code of its elements. */
int	request_batch(struct cli *);
