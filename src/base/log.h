/*
 * log.h - one line on standard error, with the journal's <N> priority
 *
 * Never given a secret: callers pass ids, names and err messages. Control
 * characters are written as \xNN, so that nobody can forge a line.
 */
#pragma once

#include "base/base.h"
#include "base/err.h"

void	log_name(const char *program);			/* once, at start */
/* --help or --version alone: it was answered, and nothing else is to be done. */
bool	log_asked(int argc, char **argv, const char *usage);
void	log_error(const char *fmt, ...) PRINTF(1, 2);	/* <3> */
void	log_warn(const char *fmt, ...) PRINTF(1, 2);	/* <4> */
void	log_info(const char *fmt, ...) PRINTF(1, 2);	/* <6> */
void	log_err(const char *what, const struct err *);	/* message and hint */
