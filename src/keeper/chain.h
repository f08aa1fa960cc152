/*
 * chain.h - records that each vouch for all before them
 */
#pragma once

#include "base/base.h"

#define CHAIN_MAC	16

/* The first bytes of HMAC-SHA256 over the MAC of the record before and this one. */
void	chain_mac(const unsigned char key[32], const unsigned char before[CHAIN_MAC],
	    const void *body, size_t len, unsigned char out[CHAIN_MAC]);
/* Nothing but zeros: what a file system leaves of data that power did not let it write. */
bool	chain_unwritten(const unsigned char *, size_t);
