/*
 * export.h - a private key on its way out: encrypted, in one of three forms
 */
#pragma once

#include "keeper/opened.h"
#include "wire/format.h"

struct key_export {
	uint8_t		 format;	/* enum key_format */
	bool		 has_passphrase;
	struct bytes	 passphrase;
	struct bytes	 certificates;	/* PKCS#12 only: DER, this key's first; may be empty */
};

/* May it, as far as one sees? R_KEY_NOT_EXPORTABLE, R_EXPORT_PASSPHRASE,
 * R_EXPORT_FORMAT, R_EXPORT_CERTIFICATES. */
int	export_check(const struct opened *, const struct key_export *, struct err *);
/*
 * After export_check. Replaces what `out` held. R_EXPORT_CERTIFICATES;
 * R_ACTIVATE_OTHER, R_SIGN_GUARD when the first certificate is for another key,
 * or none.
 */
int	export_key(const struct opened *, const struct key_export *, struct buf *out,
	    struct err *);
