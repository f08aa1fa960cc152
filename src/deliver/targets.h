/*
 * targets.h - the list of targets: where a certificate goes, and what is run then
 *
 * certwright-targets(5). The list says which programs run with the rights of this
 * process, so it, they, and the folders that hold them must be changeable by root
 * (or who started the daemon) alone.
 */
#pragma once

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

#define TARGETS_MAX	1000
#define TARGETS_FILE	(1024 * 1024)	/* bytes of the list */
#define TARGET_ARGS	32
#define TARGET_TIMEOUT	30		/* seconds, unless it is said otherwise */
#define TARGET_TIMEOUT_MAX 600

enum target_kind { TARGET_FILES, TARGET_HAPROXY };
enum target_content { CONTENT_KEY, CONTENT_CERTIFICATES, CONTENT_BOTH, CONTENT_KEYSTORE };

struct target_file {
	enum target_content content;
	const char	*path;			/* absolute, without links */
	const char	*folder, *name;		/* of the path */
	mode_t		 mode;
};
struct target {
	const char	*name;
	enum target_kind kind;
	struct target_file files[2];		/* in the order in which they are put in place */
	size_t		 nfiles;
	uid_t		 owner;			/* of the files; (uid_t)-1: who writes them */
	gid_t		 group;			/* (gid_t)-1: the same */
	char		*test[TARGET_ARGS + 1], *reload[TARGET_ARGS + 1];	/* argv, or empty */
	int		 timeout_s;		/* of each program */
	const char	*socket;		/* haproxy: its runtime API */
	const char	*certificate;		/* what haproxy, or a keystore, calls it; or NULL */
	const char	*passphrase;		/* keystore: file with it */
	bool		 legacy;		/* keystore: for what is too old for PBES2 */
};
struct targets {
	struct target	*v;
	size_t		 n;
};

/* All in the arena. R_TARGETS with the line, R_TARGETS_OPEN: others could change it. */
int	targets_load(struct targets *, const char *path, struct arena *, struct err *);
/* The text alone: no file is looked at, and paths stay as they are. The text is changed. */
int	targets_parse(struct targets *, char *text, struct arena *, struct err *);
const struct target *targets_find(const struct targets *, const char *name);

/* safe.c: can nobody but root and our own user change the file or folder, or put
 * another in its place? The path without links, in the arena. R_TARGETS_OPEN */
int	safe_path(const char *path, struct arena *, const char **out, struct err *);
