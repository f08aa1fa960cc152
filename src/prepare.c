/*
 * prepare.c - folders, sockets, children, privileges, sandbox: in this order
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/next.h"
#include "front/listen.h"
#include "front/sandbox.h"
#include "op/op_authority.h"
#include "page/page_system.h"
#include "prepare.h"
#include "routes.h"
#include "x509/license.h"

static bool
there(const char *folder, const char *name)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

/* Beside the program: a build folder, or what meson install made. */
void
prepare_folders(struct daemon *d)
{
	ssize_t n = readlink("/proc/self/exe", d->folder, sizeof(d->folder) - 1);

	d->folder[n < 0 ? 0 : n] = '\0';
	if (strrchr(d->folder, '/') != NULL)
		*strrchr(d->folder, '/') = '\0';
	snprintf(d->helpers, sizeof(d->helpers), "%s", d->folder);
	if (!there(d->helpers, "certwright-keeper"))
		snprintf(d->helpers, sizeof(d->helpers), "%s/../libexec/certwright", d->folder);
	snprintf(d->share, sizeof(d->share), "%s/../share/certwright", d->folder);
	if (d->config.share_dir != NULL)
		snprintf(d->share, sizeof(d->share), "%s", d->config.share_dir);
	else if (!there(d->share, "templates"))
		snprintf(d->share, sizeof(d->share), "%s/..", d->folder);
}

/* The data directory becomes the working directory, and is ours alone. */
static int
enter_data_dir(struct daemon *d)
{
	const char *path = d->config.data_dir;
	struct stat st;

	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		err_set(&d->e, R_DATA_DIR, NULL, "could not make the data directory %s: %s", path,
		    strerror(errno));
		return err_hint(&d->e, "--data-dir names a folder that this user may write to");
	}
	if (chdir(path) < 0 || stat(".", &st) < 0) {
		err_set(&d->e, R_DATA_DIR, NULL, "could not enter the data directory %s: %s", path,
		    strerror(errno));
		return err_hint(
		    &d->e, "--data-dir names a folder that this user may read and write");
	}
	d->lock = open("lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (d->lock < 0) {
		err_set(&d->e, errno == EROFS ? R_READ_ONLY : R_DATA_DIR, NULL,
		    "could not write to the data directory %s: %s", path, strerror(errno));
		return err_hint(
		    &d->e, "make it writable for this user, or give another --data-dir");
	}
	if (flock(d->lock, LOCK_EX | LOCK_NB) < 0) {
		err_set(&d->e, R_SECOND_DAEMON, NULL,
		    "another daemon already uses the data directory %s", path);
		return err_hint(&d->e, "end it first, or give this one a --data-dir of its own");
	}
	return chmod(".", 0700) < 0 && geteuid() == st.st_uid
	    ? err_errno(&d->e, "close the data directory")
	    : 0;
}

/* Absolute paths: after chdir, SIGHUP still finds the files. */
static void
keep_config_path(struct daemon *d)
{
	if (d->config.targets != NULL && realpath(d->config.targets, d->targets_file) != NULL)
		d->config.targets = d->targets_file;
	if (d->config.file != NULL && realpath(d->config.file, d->config_file) != NULL)
		d->config.file = d->config_file;
}

/* A backup that was put back, a bundle, a reset: before any file is opened. */
static int
take_what_was_brought(struct daemon *d)
{
	static struct next n;
	int r = next_apply(AT_FDCWD, &n, &d->e);

	if (r > 0)
		d->house.replaced = n.what;
	if (r > 0 && n.discard)
		log_info("%s: what was here is gone", n.what);
	else if (r > 0)
		log_info("%s: done; what was here is in %s", n.what, n.aside);
	return r < 0 ? -1 : 0;
}

static int
bind_all(struct daemon *d)
{
	for (size_t i = 0; i < d->config.nlisten; i++)
		if ((d->listeners[i] = listen_tcp(d->config.listen[i], &d->e)) < 0)
			return -1;
	for (size_t i = 0; i < d->config.nhttp_listen; i++)
		if ((d->plain[i] = listen_tcp(d->config.http_listen[i], &d->e)) < 0)
			return -1;
	return 0;
}

/* The product's cards: in the share folder, or in share/ of a checkout. */
static int
load_cards(struct daemon *d)
{
	char folder[4200];

	snprintf(folder, sizeof(folder), "%s/%sauthorities", d->share,
	    there(d->share, "authorities") ? "" : "share/");
	return cards_load(&d->house.cards, folder, false, &d->e);
}

/* Who signs licences. */
static int
load_license_key(struct daemon *d)
{
	AUTO_BUF struct buf pem = { 0 };

	if (d->config.license_key == NULL)
		return 0;
	if (file_read(&pem, d->config.license_key, 65536, &d->e) < 0) {
		d->e.refusal = R_CONFIG;
		d->e.kind = ERR_USAGE;
		return -1;
	}
	return license_vendor(pem.data, pem.len, &d->house.license_key, &d->e);
}

/* While we may: sockets, files, children. Then we may no more. */
int
prepare(struct daemon *d)
{
	size_t threads;

	d->loops = d->config.loops > 0 ? (size_t)d->config.loops
				       : (size_t)sysconf(_SC_NPROCESSORS_ONLN);
	threads = d->loops + (size_t)d->config.workers + EXTRA_KEEPERS +
	    (size_t)d->config.renew_at_once;
	users_find(&d->users);
	keep_config_path(d);
	if (assets_load(&d->assets, &d->templates, d->share, &d->e) < 0 || load_cards(d) < 0 ||
	    load_license_key(d) < 0 ||
	    routes_new(&d->routes, route_tables, d->templates, &d->e) < 0 || bind_all(d) < 0 ||
	    enter_data_dir(d) < 0 || take_what_was_brought(d) < 0 ||
	    (d->unix_listener = listen_unix("certwright.sock", &d->e)) < 0 ||
	    children_start(&d->children, d->helpers, &d->users, threads, &d->config, &d->e) < 0 ||
	    keys_provider_load(&d->e) < 0 || users_drop(&d->users, &d->e) < 0)
		return -1;
	page_system_set(d->routes);
	d->house.sandbox = "none (--no-sandbox)";
	d->house.no_sandbox = d->config.no_sandbox;
	if (d->config.no_sandbox)
		return 0;
	return sandbox_front(
	    d->config.file == NULL ? NULL : d->config_file, &d->house.sandbox, &d->e);
}
