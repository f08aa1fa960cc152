/*
 * cli.h - one run of the command line: what every command has at hand
 *
 * A command's function returns the exit code. What goes wrong is said on
 * standard error where it is found, by the functions below, which return the
 * exit code to hand on; 0 means go on.
 */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "base/buf.h"
#include "cli/option.h"

enum {
	EXIT_INTERNAL = 1, EXIT_USAGE, EXIT_AMENDED, EXIT_HELD, EXIT_REFUSED, EXIT_INPUT,
	EXIT_DENIED, EXIT_NOTFOUND, EXIT_CONFLICT, EXIT_LIMIT, EXIT_UNREACHABLE,
};

struct cli {
	struct err	 err;
	struct arena	*arena;
	struct args	 args;
	bool		 json;
	FILE		*out;
};

int	cli_run(int argc, char **argv);

/* Say cli->err as "certwright: ..." and "hint: ...". */
int	cli_fail(struct cli *);
/* The same for something else than an err; hint may be NULL or "". */
int	cli_say(struct cli *, int exit_code, const char *hint, const char *fmt, ...)
	    PRINTF(4, 5);

/* ---- input ----------------------------------------------------------------- */
const char *word(const struct cli *, size_t i);		/* NULL when not given */
const char *identity_of(const struct cli *);		/* --identity, or "portal" */
/* Whole file into `out`; "-" is standard input. What cannot be read: 6. */
int	read_input(struct cli *, const char *path, size_t max, struct buf *out);
/* A CSR: the first word's file, or the newest of the identity. */
int	read_csr(struct cli *, struct buf *file);
/* A password, passphrase or token: one final newline does not count. */
int	read_secret(struct cli *, const char *path, char **out);
/* "files": [{name, content}] of the words from `first` on. */
int	put_files(struct cli *, json_t *body, size_t first);
/* "sealed": a key file with its --passphrase-file, for the keeper alone. */
int	put_sealed(struct cli *, const char *path, json_t *body);
/* --passphrase-file into body.passphrase, when given. */
int	put_passphrase(struct cli *, json_t *body);

/* ---- asking ----------------------------------------------------------------- */
struct answer {
	long		 status;
	struct buf	 body;
	json_t		*json;		/* NULL when it is none */
};
void	answer_free(struct answer *);
static inline void
auto_answer(struct answer *a)
{
	answer_free(a);
}
#define AUTO_ANSWER	__attribute__((cleanup(auto_answer)))

/* "/accounts/%s": each %s is escaped as one segment of a path. In the arena. */
char	*api_path(struct cli *, const char *fmt, ...) PRINTF(2, 3);
/* The path with ?option=value of those that were given. */
const char *api_query(struct cli *, const char *path, const char *const *options, size_t n);
/* body: NULL, or taken. 0 when the answer is 2xx with JSON (or empty). */
int	api_call(struct cli *, const char *method, const char *path, json_t *body,
	    struct answer *);
/* The same, and then "WORD: done" of the command's first word; --json: the answer. */
int	api_act(struct cli *, const char *method, const char *path, json_t *body,
	    const char *done);
/* Raw bytes up, raw bytes down: no JSON asked of the answer. */
int	api_send(struct cli *, const char *path, const char *type, const struct buf *,
	    struct answer *);
/* The same; sent again it is not done again: what was answered comes again. */
int	api_send_once(struct cli *, const char *path, const char *type, const struct buf *,
	    struct answer *);
int	api_download(struct cli *, const char *path, struct answer *);
int	exit_of_status(long http_status);
int	exit_of_verdict(const char *verdict);		/* 1 for an unknown one */

/* ---- options that several groups share ------------------------------------------- */
#define OPTION_IDENTITY { .name = "identity", .value = "NAME", \
	.help = "of this identity (default: portal)" }
#define OPTION_KEEP_KEY { .name = "keep-key", .value = "REASON", \
	.help = "why the key of the certificate before is kept" }
#define OPTION_OUTPUT { .name = "output", .letter = 'o', .value = "FILE", \
	.help = "write to FILE (default and -: standard output)" }
#define OPTION_CODE { .name = "code", .value = "CODE", \
	.help = "your one-time code, where it takes two custodians" }
#define OPTION_PASSPHRASE { .name = "passphrase-file", .value = "FILE", \
	.help = "the passphrase of the files; - is standard input" }
