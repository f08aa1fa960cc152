/*
 * data_dir.c - where the daemon's data directory is
 */
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>

#include "cli/http.h"

static bool
holds_data(struct arena *a, const char *dir)
{
	static const char *const names[] = { SOCKET_NAME, "certwright.db", "kek" };
	struct stat st;

	for (size_t i = 0; i < nitems(names); i++) {
		if (stat(arena_printf(a, "%s/%s", dir, names[i]), &st) == 0 || errno == EACCES)
			return true;
	}
	return false;
}

const char *
data_dir_of(const struct cli *cli)
{
	const char *dir = args_value(&cli->args, "data-dir");

	if (dir == NULL)
		dir = getenv("CERTWRIGHT_DATA_DIR");
	if (dir != NULL && dir[0] != '\0')
		return dir;
	return holds_data(cli->arena, "./data") ? "./data" : "/var/lib/certwright";
}
