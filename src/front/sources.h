/*
 * sources.h - connections counted by where they come from
 *
 * So that no one holds all that there are. An address is a source; of IPv6 its
 * /64, which a site has to itself. All calls may come from any thread.
 */
#pragma once

#include <sys/socket.h>

#include "base/base.h"

/*
 * Who has its share is looked at once more after a moment: what it has closed may
 * not be seen yet.
 */
#define SOURCES_MOMENT_MS	100

struct sources;
struct source;			/* one that has a connection at least */

/* Each may have `most`. NULL: no memory. */
struct sources *sources_new(size_t most);
void	sources_free(struct sources *);		/* of tests: all were given back */
/*
 * One more of this peer. NULL: it has all that it may. *first: the first that was
 * refused since it had none; who says so says it once. first NULL: who asks will
 * ask again.
 */
struct source *sources_take(struct sources *, const struct sockaddr *, bool *first);
/*
 * The peer of this socket. NULL, too: it is gone. The first that is refused is
 * logged, when this was the last try.
 */
struct source *sources_take_fd(struct sources *, int fd, bool last);
void	sources_give(struct sources *, struct source *);
