/*
 * cmd_ca.h - what the commands of the group ca share
 */
#pragma once

#include "cli/cli.h"

int	show_authority(struct cli *, const struct answer *);
/* The body of create and csr out of the options. */
int	ca_order(struct cli *, json_t **out);
int	ca_csr(struct cli *);
int	ca_install(struct cli *);
int	ca_import(struct cli *);
int	ca_import_history(struct cli *);
int	ca_offline(struct cli *);
int	ca_online(struct cli *);
int	ca_retire(struct cli *);
int	ca_approve(struct cli *);
