/*
 * page_key.h - the pages about private keys, as people see them
 */
#pragma once

#include "page/page_procedure.h"

/* SSL Private Key: which key is next, which is active, what is out. */
int	key_page(struct ctx *, const struct request *, json_t *view);
/* What the page of one key shows besides the key itself. */
int	key_page_one(struct ctx *, json_t *view, const struct key_row *, const struct identity *);
