/*
 * purpose.h - what a key may sign: bits, authenticated with its wrapping
 */
#pragma once

enum key_purpose {
	PURPOSE_CSR =		1 << 0,
	PURPOSE_TLS_SERVER =	1 << 1,
	PURPOSE_SELF_SIGNED =	1 << 2,
	PURPOSE_AUDIT =		1 << 3,
};
#define PURPOSE_ALL	(PURPOSE_CSR | PURPOSE_TLS_SERVER | PURPOSE_SELF_SIGNED | PURPOSE_AUDIT)
