/*
 * deliver.h - a key that may be delivered, to certwright-deliver
 *
 * It goes there over a socket of the keeper's own; the front, which asked, never
 * sees it. Whether it may go is in the key's wrapping.
 */
#pragma once

#include "keeper/opened.h"
#include "wire/message.h"

/*
 * fd -1: nothing is delivered here. R_KEY_NOT_DELIVERABLE; R_KEY_PURPOSE: it has no
 * certificate yet; R_DELIVER_GONE: nobody is there to take it.
 */
int	deliver_key(int fd, const struct opened *, const struct message *, struct err *);
