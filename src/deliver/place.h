/*
 * place.h - the files of a target: new ones in place of old ones, and back
 *
 * Beside a file NAME stand, while it changes, .NAME.certwright-new and
 * .NAME.certwright-old; who finds an old one at the start was interrupted. The key
 * is put in place before the certificate.
 */
#pragma once

#include "base/buf.h"
#include "deliver/targets.h"

/* What goes into them: PEM, or PKCS#12. */
struct pair {
	struct buf	 key, certificates, keystore;
};

/* The new files under their temporary names, on stable storage. R_DELIVER_FILE */
int	place_write(const struct target *, const struct pair *, struct err *);
/* The old ones are kept aside, the new ones in place. R_DELIVER_FILE; then
 * place_back. */
int	place_swap(const struct target *, struct err *);
/* What was there before is there again. */
void	place_back(const struct target *);
/* It is over: nothing is kept aside. */
void	place_done(const struct target *);
/* At the start: an interrupted delivery is taken back. true: there was one. */
bool	place_recover(const struct target *);
