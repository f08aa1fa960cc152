/*
 * config.h - what the daemon was told: one table of options
 *
 * The same names on the command line (--name VALUE, --name=VALUE) and in the
 * configuration file (name = VALUE); the command line comes first.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#define LISTEN_MAX	16

struct config {
	const char	*listen[LISTEN_MAX];	/* "127.0.0.1:8443", "[::1]:8443" */
	size_t		 nlisten;
	const char	*http_listen[LISTEN_MAX];	/* plain HTTP: CRL, OCSP, CA certificates */
	size_t		 nhttp_listen;
	const char	*http_url;		/* base of their addresses, no final slash; or NULL */
	const char	*outbound_allow[LISTEN_MAX];	/* "10.0.0.0/8": also connected to */
	size_t		 noutbound_allow;
	const char	*resolver;		/* "192.0.2.53:53", or NULL: the system's */
	int64_t		 proof_port;		/* where the file of a proof is asked for */
	const char	*data_dir;
	const char	*share_dir;		/* NULL: beside the executable */
	const char	*targets;		/* list of targets (certwright-targets(5)), or NULL */
	const char	*license_key;		/* certificate of who signs licences, or NULL */
	const char	*file;			/* --config, or NULL */
	int64_t		 workers;
	int64_t		 renew_at_once;		/* threads that renew */
	int64_t		 renew_spread;		/* percent of a life */
	int64_t		 loops;			/* 0: as many as cores */
	bool		 no_sandbox;
	bool		 check_config, dump_routes, help, version;
	struct buf	 text;			/* of the file: options point into it */
};

/* Strings point into argv and the file as it was read. R_CONFIG, R_USAGE. */
int	config_read(struct config *, int argc, char **argv, struct err *);
void	config_free(struct config *);		/* also of one that was refused */
/* The lines of a configuration file, over what `c` has. The text is changed and
 * must live as long as `c`, which points into it. R_CONFIG with the line */
int	config_text(struct config *c, char *text, struct err *);
/* Host and port of "ADDR:PORT" or "[ADDR]:PORT". R_CONFIG */
int	config_address(const char *text, char host[64], char port[8], struct err *);
/* The same of "ADDR" or "ADDR:PORT", with a port otherwise. */
int	config_server(const char *text, int otherwise, char host[64], char port[8], struct err *e);
void	config_usage(void);			/* --help, to standard output */
/* Each option of the file with the value in force; those that may be given
 * often (`many`) once a value, those without a value not at all. */
typedef void config_fn(void *arg, const char *name, const char *value, bool many);
void	config_each(const struct config *, config_fn *, void *arg);
