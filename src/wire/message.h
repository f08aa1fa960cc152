/*
 * message.h - the keeper protocol: every message, packed and unpacked
 *
 * One table (message.c) says which fields each operation carries, there and
 * back; PROTOCOL.keeper is its prose. A message that does not fit its row
 * to the last byte is malformed, and the keeper ends on it.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

#define WIRE_VERSION	1

enum wire_op {
	OP_STATE = 1, OP_GENERATE, OP_IMPORT, OP_IMPORT_SEALED, OP_IMPORT_KEY, OP_ACTIVATE,
	OP_SIGN, OP_EXPORT, OP_HMAC, OP_SEAL, OP_UNSEAL, OP_DESTROY, OP_ANCHOR,
	OP_SERIAL, OP_UNRECONCILED, OP_CHECKPOINT,
	OP_CODE = 17, OP_APPROVE, OP_CUSTODIAN_ADD, OP_CUSTODIAN_REMOVE, OP_CUSTODIANS,
	OP_SIGN_SEVERAL, OP_DELIVER,
	OP_COUNT
};

/* Key types on the wire; stable numbers, in blobs too. */
enum wire_key {
	WIRE_RSA = 1,			/* size in `bits` */
	WIRE_P256, WIRE_P384, WIRE_P521, WIRE_ED25519,
};

/* How to sign: one number for algorithm, digest and padding. */
enum wire_scheme {
	SCHEME_RSA_PKCS1_SHA256 = 1, SCHEME_RSA_PKCS1_SHA384, SCHEME_RSA_PKCS1_SHA512,
	SCHEME_RSA_PSS_SHA256, SCHEME_RSA_PSS_SHA384, SCHEME_RSA_PSS_SHA512,
	SCHEME_ECDSA_SHA256, SCHEME_ECDSA_SHA384, SCHEME_ECDSA_SHA512,
	SCHEME_ED25519, SCHEME_COUNT
};

struct bytes {
	const unsigned char	*data;
	size_t			 len;
};

struct message {
	uint8_t		 op;
	bool		 refused;	/* answers only: `why` says it */
	/* which of these count is said by the row of the operation */
	char		 id[ID_SIZE], tenant[ID_SIZE];
	uint8_t		 type;		/* enum wire_key */
	uint16_t	 bits;
	uint32_t	 purposes;	/* of the key, or the one to sign for */
	uint8_t		 exportable;
	uint8_t		 scheme;
	uint8_t		 format;	/* enum key_format, to export as */
	uint16_t	 count;
	uint64_t	 sequence;
	unsigned char	 hash[32];
	struct bytes	 blob, data, spki, passphrase;
	struct bytes	 tickets;	/* of custodians, one after another */
	uint32_t	 code;
	bool		 has_passphrase;
	char		 text[256];	/* aad, or what was found */
	/* state */
	uint16_t	 pool_have[3], pool_want[3];
	uint32_t	 destroyed, unreconciled;
	unsigned char	 kek_id[16];
	struct err	 why;
};

/* Packs a question, or (answer) an answer. Replaces what `out` held. */
void	message_pack(struct buf *out, const struct message *, bool answer);
/* Unpacks; bytes are borrowed from `data`. -1: malformed. */
int	message_unpack(struct message *, const void *data, size_t, bool answer);
/* Of `sign-several`: the questions that one has, or the answers. */
#define SEVERAL_MAX	64

const char *message_name(uint8_t op);		/* "sign"; "?" */
/* A refusal: id, field, message, hint. */
void	why_pack(struct buf *, const struct err *);
int	why_unpack(struct view *, struct err *);
