/*
 * page_backup.h - what Settings, System and Settings, Security, Advanced share
 */
#pragma once

#include "front/view.h"
#include "op/op_backup.h"

void	put_backup(struct ctx *, const struct request *, json_t *, const struct backup *);
/* "next": what becomes of the data directory at the next start, or null. */
int	put_next_start(struct ctx *, json_t *view);
