/*
 * counted.h - what the counted paths find when they begin
 *
 * A fresh database with the identity "portal", its key, a request and a
 * certificate; the product's cards, routes and templates; a keeper whose
 * answer to one signature lies ready. Nothing hangs on time or chance.
 */
#pragma once

#include "base/buf.h"
#include "front/view.h"
#include "op/house.h"
#include "store/store.h"
#include "wire/message.h"

#define COUNTED_NOW 1796083200 /* 1 Dec 2026 */

struct counted {
	struct ctx	 cx;		/* an operator; the arena is of one run */
	struct house	 house;
	struct view_house view;
	struct identity	 portal;
	struct key_row	 key;
	struct request_row request;	/* inserted by a path; its id counts up */
	struct buf	 csr;		/* DER, of this key */
	struct bytes	 tbs, spki;	/* of it */
	char		*body;		/* counted_authority: what is posted */
};

/* share: the top of the sources. Ends the process when something fails. */
void	counted_open(struct counted *, const char *share);
/* The keeper's answer to the next signature lies ready. */
void	counted_signature(struct counted *);
/* What was asked of the keeper is taken away, so that the socket stays empty. */
void	counted_drain(struct counted *);
/* An authority "house", a keeper that signs for it, and a request to post to it. */
void	counted_authority(struct counted *);
void	counted_close(struct counted *);
/* 0 is fine, anything else ends the process with the error of cx. */
void	counted_check(struct counted *, int result, const char *what);
#define CHECK(c, call) counted_check(c, call, #call)
