/*
 * op_link.h - a link for the requester: the sheet of one request, to read
 *
 * 256 random bits, of which the database has the SHA-256; it is told once, to
 * who made it. A request has one link at most. It ends by itself, when another
 * one is made, and when it is withdrawn; what has ended, was withdrawn or never
 * was cannot be told apart. Who opens it is nobody and can do nothing.
 */
#pragma once

#include "op/op_session.h"
#include "store/store.h"

#define LINK_DAYS	14
#define LINK_DAYS_MAX	90

/* days 0: LINK_DAYS. R_LINK_DAYS, R_NOT_FOUND. The token is for the caller's
 * eyes: it is in no record. */
int	op_link_make(struct ctx *, const char *submission, int64_t days,
	    struct link_row *, char token[SECRET_TEXT_SIZE]);
int	op_link_withdraw(struct ctx *, const char *submission);	/* R_NOT_FOUND */
/* 1 there is one that is good; 0, -1 */
int	op_link_of(struct ctx *, const char *submission, struct link_row *);
/* What it shows; cx->tenant is that of the request from then on. R_LINK_NONE */
int	op_link_open(struct ctx *, const char *token, struct link_row *,
	    struct submission_row *);
