/*
 * outside.h - one job of certwright-fetch, and what its parts share
 */
#pragma once

#include <sys/socket.h>

#include <openssl/ssl.h>

#include "base/address.h"
#include "fetch/message.h"

#define RESOLVERS_MAX	3
#define TARGETS_MAX	8

/* What it was started with. */
struct outside {
	struct address_net allow[ADDRESS_NETS_MAX];
	size_t		 nallow;
	char		 resolvers[RESOLVERS_MAX][80];	/* "ADDR@PORT", as libunbound has it */
	size_t		 nresolvers;
	SSL_CTX		*tls;		/* looks, and verifies nothing */
	struct buf	 trusted;	/* CAs of the system, PEM */
	bool		 sandbox;
};

struct job {
	const struct outside *outside;
	struct fetch_job asked;
	struct arena	*arena;
	struct err	 err;
	int64_t		 deadline_ms;
};

/* What it does now, for the message when its time is up: "connecting to ..." */
void	job_stage(struct job *, const char *fmt, ...) PRINTF(2, 3);

/* Before the sandbox: libraries, the system's resolvers. */
int	outside_prepare(struct outside *, struct err *);
/* "ADDR" or "ADDR:PORT"; R_CONFIG */
int	outside_resolver(struct outside *, const char *text, struct err *);
/* A one-shot process: one job from `fd`, one answer, the end. */
_Noreturn void outside_run(int fd, const struct outside *);

/* The spawner: no file, no program; its children less. */
int	sandbox_spawner(struct err *);
int	sandbox_job(struct err *);

/* ---- resolve.c ---------------------------------------------------------------- */
struct target {
	struct sockaddr_storage addr;
	socklen_t	 len;
	char		 text[64];	/* the address */
};
/* Resolved once, and judged: only what may be connected to. */
int	resolve(struct job *, const char *host, uint16_t port, struct target *, size_t *n);
/* May this be connected to, after all? */
bool	target_is(const struct job *, const struct target *, const struct sockaddr *);
int	do_txt(struct job *, struct buf *answer);

/* ---- probe.c, get.c, send.c ------------------------------------------------------------- */
int	do_tls(struct job *, struct buf *answer);
int	do_http(struct job *, struct buf *answer);
int	do_mail(struct job *, struct buf *answer);
int	do_post(struct job *, struct buf *answer);
