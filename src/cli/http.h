/*
 * http.h - one request to the daemon: its Unix socket, or HTTPS with a token
 */
#pragma once

#include "cli/cli.h"

#define SOCKET_NAME	"certwright.sock"	/* in the data directory */

/* Bytes of an answer that are taken at most; an audit export may be long. */
#define ANSWER_MAX	((size_t)1 << 30)

struct sending {
	const char	*method;
	const char	*path;		/* as on the wire: "/api/v1/..." */
	const char	*type;		/* of the body, or NULL: no body */
	const void	*body;
	size_t		 len;
	const char	*once;		/* an Idempotency-Key, or NULL */
};

/*
 * 0 with the answer whatever its status, or the exit code of what was said:
 * unreachable, denied at the socket, a server that is not trusted.
 */
int	http_send(struct cli *, const struct sending *, struct answer *);
/* A fingerprint as people write it: hex in any case, colons or none. */
int	fingerprint_parse(const char *, unsigned char out[32]);
/* data_dir.c. The first of the candidates that holds a daemon's data; else the last. */
const char *data_dir_of(const struct cli *);
