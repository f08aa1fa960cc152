/*
 * page_ca.h - our own authorities as API and pages show them
 */
#pragma once

#include "front/route.h"
#include "op/op_ca.h"

extern const struct field ca_create_fields[];

struct ca_order ca_order_of(struct ctx *, const struct request *);
/* "clock": has it jumped, and what does it show? */
void	put_clock(struct ctx *, const struct request *, json_t *view);
/* One CA certificate; an authority with all of them. */
int	put_ca(struct ctx *, const struct request *, json_t *, const struct ca_row *);
int	put_ca_authority(struct ctx *, const struct request *, json_t *, const struct ca_view *);
