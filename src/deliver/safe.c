/*
 * safe.c - is it ours alone to change?
 */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "deliver/targets.h"

/* Owner root or ourselves; writable by nobody else, or what is in it cannot be
 * taken away by others (a sticky folder). */
static int
check_one(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_set(e, R_TARGETS_OPEN, NULL, "%s: %s", path, strerror(errno));
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		err_set(e, R_TARGETS_OPEN, NULL, "%s belongs to another user (%u)", path,
		    (unsigned)st.st_uid);
		return err_hint(
		    e, "what certwright-deliver uses must belong to root: chown root %s", path);
	}
	if ((st.st_mode & 022) != 0 && (st.st_mode & (S_IFMT | S_ISVTX)) != (S_IFDIR | S_ISVTX)) {
		err_set(e, R_TARGETS_OPEN, NULL, "others may write to %s (mode %03o)", path,
		    (unsigned)st.st_mode & 0777);
		return err_hint(e, "chmod go-w %s", path);
	}
	return 0;
}

int
safe_path(const char *path, struct arena *a, const char **out, struct err *e)
{
	char real[PATH_MAX], *slash;

	if (realpath(path, real) == NULL)
		return err_set(e, R_TARGETS_OPEN, NULL, "%s: %s", path, strerror(errno));
	*out = arena_strdup(a, real);
	if (check_one(real, e) < 0)
		return -1;
	while ((slash = strrchr(real, '/')) != NULL && slash != real) {
		*slash = '\0';
		if (check_one(real, e) < 0)
			return -1;
	}
	return check_one("/", e);
}
