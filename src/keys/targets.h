/*
 * targets.h - where certificates can be delivered on this host
 *
 * The front's side of certwright-deliver, which has read the list of targets and
 * alone may write their files and run their programs. The key goes to it from the
 * keeper.
 */
#pragma once

#include "keys/keys.h"
#include "wire/delivery.h"

struct targets;				/* its socket, and the list as read; thread-safe */

struct targets	*targets_attach(int fd);	/* owns fd */
void		 targets_detach(struct targets *);	/* NULL is fine */
/* Has the list read again; what is wrong with it leaves the old one. R_TARGETS,
 * R_TARGETS_OPEN, R_DELIVER_GONE */
int	targets_read(struct targets *, struct err *);
/* All of them, in the arena, in the order of the list. */
struct delivery_target *targets_list(struct targets *, struct arena *, size_t *n);

struct delivery {
	const char	*target;
	const void	*blob;			/* of the key */
	size_t		 blob_len;
	const void	*certificates;		/* DER, the leaf first */
	size_t		 certificates_len;
};
/*
 * Returns when target has the new pair and uses it; on failure it has what it had
 * before. R_KEY_NOT_DELIVERABLE, R_DELIVER_*. At most DELIVERY_AT_ONCE at a time, each to
 * another target: who asks for more waits.
 */
int	targets_deliver(struct targets *, struct keeper *, const struct delivery *, struct err *);
/* certwright-deliver has ended: what it was about is not known. */
bool	targets_gone(const struct targets *);
