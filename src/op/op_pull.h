/*
 * op_pull.h - components whose host fetches its certificate itself
 *
 * The key is made there (`certwright component pull`). The host has a token that may
 * send a CSR for the names of this component to the authority of this component, ask
 * what became of it, and nothing else: who takes the host has no more than the host.
 */
#pragma once

#include "op/op_authority.h"
#include "op/op_session.h"
#include "store/component_row.h"

#define PULL_PREFIX	"cwp_"
#define PULL_TOKEN_SIZE	(SECRET_TEXT_SIZE + 4)
#define PULL_NAME_MAX	58		/* with "pull:" it is the name of an actor */

struct pull_wish {
	const char	*name, *authority, *profile, *days;	/* the last two "": its default */
	const char	*names;			/* one a line */
};
/* `token` is shown once. R_COMPONENT_NAME, R_COMPONENT_EXISTS, R_PULL_NAMES, R_NAME_*,
 * and what op_preview_parse refuses */
int	op_pull_add(struct ctx *, const struct pull_wish *, struct component_row *,
	    char token[PULL_TOKEN_SIZE]);

/* ---- who comes with such a token (ACTOR_HOST) ------------------------------------- */
int	op_pull_recognise(struct ctx *, const unsigned char hash[32]);	/* R_TOKEN_UNKNOWN */
/* What is asked for, as the component has it. R_PULL_OTHER: it is something else. */
int	op_pull_preview(struct ctx *, const char *authority, const char *profile,
	    const char *days, struct preview *);
/* As op_submit. R_PULL_OTHER: the CSR has a name that is not the component's. */
int	op_pull_submit(struct ctx *, const void *csr, size_t len, const struct preview *,
	    struct sheet *, struct submission_row *);
/* R_NOT_FOUND: it was sent by somebody else. */
int	op_pull_owns(struct ctx *, const struct submission_row *);

/* ---- where it stands ------------------------------------------------------------------ */
/* What the newest submission of it became: 1 issued, 0 none or not yet (state "" or as in
 * submission_row), -1. */
int	op_pull_state(struct ctx *, const struct component_row *, const char **state,
	    struct issued_row *);
