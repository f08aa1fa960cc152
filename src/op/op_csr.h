/*
 * op_csr.h - certification requests of an identity
 *
 * The seven fields and the alternative names are saved with the identity; a
 * request is made from them and never changes. Nothing that is out is lost: a
 * new request leaves the older ones as they are.
 */
#pragma once

#include "store/store.h"
#include "x509/countries.h"
#include "x509/csr.h"

#define KEY_NOTE_MAX	200		/* characters */

/* As typed. NULL: keep what is saved; "": nothing. */
struct csr_typed {
	const char	*country, *state, *locality, *organization, *unit,
			*common_name, *email;
	const char	*names;			/* one a line */
	const char	*digest;		/* "sha256" ...; "": by the key */
	const char	*keep_key;		/* why the key of a certificate is kept, or NULL */
};

/*
 * Save the fields and make a request, in one transaction. The key is the
 * newest that was never installed, else the active one's. All seven fields
 * are needed, and those of the tenant count (op_preset.h). Faults stand at the
 * field; then nothing is saved. R_NO_KEY
 * A request from the key of a certificate that was installed keeps that key
 * (key_note): it is not sent before somebody said why (op_submit.h).
 */
int	op_csr_regenerate(struct ctx *, const struct identity *, const struct csr_typed *,
	    struct request_row *, struct key_row *);
/* The fields of op_csr_regenerate alone: would they be taken? Nothing is changed. */
int	op_csr_check_fields(struct ctx *, const struct identity *, const struct csr_typed *);
/* Why a key is kept: R_TEXT_*, R_NAME_LONG at "keep_key". */
int	key_note_check(struct ctx *, const char *why);
/* One of the seven fields, not empty: *out is how it is written. Faults stand at it. */
int	csr_field_check(struct ctx *, const char *field, const char *value, const char **out);
int	op_csr_load(struct ctx *, const char *id, struct request_row *);
/* The newest of this identity. R_NOT_FOUND */
int	op_csr_newest(struct ctx *, const struct identity *, struct request_row *);
int	op_csr_list(struct ctx *, const struct identity *, struct request_row **, size_t *);

/* Any CSR: every wish once, and its faults. Changes nothing. */
int	op_csr_check(struct ctx *, const void *data, size_t len, struct sheet *);

/* The saved alternative names with the common name in front, one a line. */
const char *identity_names(struct ctx *, const struct identity *);
/* PEM and raw dump of a stored request, in the arena. */
const char *request_pem(struct ctx *, const struct request_row *);
int	request_text(struct ctx *, const struct request_row *, const char **);
/* U-label form of a DNS name, or NULL when it is the same. */
const char *name_unicode(struct ctx *, const char *name);
