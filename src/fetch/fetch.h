/*
 * fetch.h - outbound traffic, made elsewhere: the front's side
 *
 * The front opens no connection. certwright-fetch, started before the sandbox
 * closes, forks a one-shot process for each job; it resolves a name once, judges
 * the addresses (base/address.h, P34) and connects to what it judged. A job
 * takes as long as its time says and no longer, so nothing that answers a GET
 * may wait for one.
 *
 * All answers are in the arena. Refusals: R_FETCH_TARGET (no such target can
 * be), R_FETCH_FORBIDDEN (P34), R_FETCH_DNS, R_FETCH_CONNECT, R_FETCH_TLS,
 * R_FETCH_HTTP, R_FETCH_LATE (the time was up), R_FETCH_STOPPED (the job's
 * process ended), R_FETCH_BUSY (all places are taken), R_FETCH_GONE.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define FETCH_LIVE_MAX		12		/* jobs at once */
#define FETCH_TIME_MS		5000		/* of a job, where 0 is given */
#define FETCH_TIME_MAX_MS	20000
#define FETCH_BODY_MAX		(64 * 1024)	/* of an HTTP answer */
#define FETCH_CHAIN_MAX		(96 * 1024)	/* DER, all certificates together */
#define FETCH_CERTS_MAX		16
#define FETCH_TXT_MAX		32		/* records of a name */
#define FETCH_URL_MAX		1024
#define FETCH_CA_MAX		(32 * 1024)	/* certificates of CAs, PEM */
#define FETCH_MESSAGE_MAX	(64 * 1024)	/* a mail, or what is posted */

struct fetcher;				/* the door to certwright-fetch; thread-safe */

struct fetcher	*fetcher_attach(int fd);
void		 fetcher_detach(struct fetcher *);

struct fetch_bytes {
	const unsigned char *data;
	size_t		 len;
};

/* ---- what a server presents -------------------------------------------------- */
enum fetch_start {
	FETCH_TLS = 0,			/* TLS at once */
	FETCH_SMTP,			/* STARTTLS of SMTP first */
};
struct fetch_server {
	const char	*host;		/* a name, or an address without brackets */
	uint16_t	 port;
	const char	*name;		/* SNI; NULL: none is sent */
	enum fetch_start start;
	unsigned	 time_ms;
};
struct fetch_presented {
	const char	*version;	/* "TLSv1.3" */
	const char	*address;	/* it was asked at: "192.0.2.1" */
	struct fetch_bytes *certs;	/* DER as presented, the server's own first */
	size_t		 n;		/* at least 1 */
};
/* Nothing is verified: what is presented is what is told. */
int	fetch_tls(struct fetcher *, const struct fetch_server *, struct arena *,
	    struct fetch_presented *, struct err *);

/* ---- HTTP GET of one URL --------------------------------------------------------- */
struct fetch_answer {
	unsigned	 status;	/* 404 is an answer, too */
	struct fetch_bytes body;
};
/* http:// only; no redirect is followed, no proxy asked. */
int	fetch_http(struct fetcher *, const char *url, unsigned time_ms, struct arena *,
	    struct fetch_answer *, struct err *);

/* ---- TXT records of a name ---------------------------------------------------------- */
/* Each record's strings joined, as bytes; *n is 0 where there is none. */
int	fetch_txt(struct fetcher *, const char *name, unsigned time_ms, struct arena *,
	    struct fetch_bytes **, size_t *n, struct err *);

/* ---- what is sent ------------------------------------------------------------------------ */
/* The server's certificate is verified: by `ca` (PEM), or by what the system trusts. */
enum fetch_security {
	FETCH_STARTTLS = 0,			/* or nothing is said */
	FETCH_IMPLICIT,				/* TLS at once */
	FETCH_PLAIN,				/* only to an address of this host */
};
struct fetch_mail {
	const char	*host;
	uint16_t	 port;
	enum fetch_security security;
	const char	*user, *password;	/* NULL: nobody signs in */
	const char	*from, *to;		/* addresses; one a message */
	const char	*ca;			/* or NULL */
	const struct buf *message;		/* as RFC 5322 has it */
	unsigned	 time_ms;
};
/* 0: the server took it. */
int	fetch_mail(struct fetcher *, const struct fetch_mail *, struct arena *, struct err *);

struct fetch_post {
	const char	*url;			/* https:// only */
	const char	*signature;		/* header Certwright-Signature */
	const char	*ca;			/* or NULL */
	const char	*body;			/* JSON */
	unsigned	 time_ms;
};
/* No redirect is followed; of the answer only the status is told. */
int	fetch_post(struct fetcher *, const struct fetch_post *, struct arena *, unsigned *status,
	    struct err *);
