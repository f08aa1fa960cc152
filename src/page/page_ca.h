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
/* "waiting", "expires": a second custodian approves first (202). */
void	put_ca_waits(struct ctx *, const struct request *, json_t *view, const struct consent *);
/* In the portal: `two` (there are two custodians) and `waits`, what was asked for. */
int	put_ca_acts(struct ctx *, const struct request *, json_t *view, const char *name);
/* One CA certificate; an authority with all of them. */
int	put_ca(struct ctx *, const struct request *, json_t *, const struct ca_row *);
int	put_ca_authority(struct ctx *, const struct request *, json_t *, const struct ca_view *);
