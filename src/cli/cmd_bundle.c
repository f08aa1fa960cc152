/*
 * cmd_bundle.c - the security bundle, made and put in on the daemon's own machine
 *
 * Who has a bundle and its passphrase has every key. So nobody gets one by signing
 * in: these commands read and write the keeper's files themselves, with the rights
 * of who runs them. The daemon gives a copy of its database, and no more.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "cli/bundle.h"
#include "cli/cli.h"
#include "cli/http.h"
#include "cli/show.h"

struct work {
	const char *passphrase, *output;
	const char *backup; /* name of the database's copy, which is removed in the end */
	int dir;	    /* the data directory */
	struct bundle bundle;
};

static int
passphrase(struct cli *cli, struct work *w, bool made)
{
	const char *file = args_value(&cli->args, "passphrase-file");
	char *text;
	int rc = read_secret(cli, file, &text);

	if (rc == 0 && made && strlen(text) < BUNDLE_PASSPHRASE)
		return cli_say(cli, EXIT_INPUT,
		    "take several words that belong to nothing else; the bundle is lost with it",
		    "the passphrase of a bundle has at least %d characters: it opens every key",
		    BUNDLE_PASSPHRASE);
	w->passphrase = rc == 0 ? text : NULL;
	return rc;
}

/* Where the keeper's files are: here, or nowhere. */
static int
enter(struct cli *cli, struct work *w)
{
	const char *dir = data_dir_of(cli);

	if (args_has(&cli->args, "server"))
		return cli_say(cli, EXIT_USAGE, "run it there, as root or as the daemon's user",
		    "a bundle is made and put in on the daemon's own machine");
	if ((w->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0)
		return 0;
	return cli_say(cli, errno == EACCES ? EXIT_DENIED : EXIT_INPUT,
	    "run it as root or as the daemon's user; --data-dir names its data directory",
	    "could not open the data directory %s: %s", dir, strerror(errno));
}

/* A file as it is now; it may grow, what it has stays. */
static int
look_at(struct cli *cli, struct work *w, size_t i, enum next_file f, const char *path)
{
	struct bundle_file *file = &w->bundle.files[i];
	struct stat st;

	file->file = f;
	file->fd = openat(w->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file->fd < 0 || fstat(file->fd, &st) < 0)
		return cli_say(cli, errno == EACCES ? EXIT_DENIED : EXIT_INPUT,
		    "the keeper's files are readable for root and for the keeper's user only",
		    "could not read %s: %s", path, strerror(errno));
	file->size = (uint64_t)st.st_size;
	return 0;
}

/* A copy of the database, which the daemon makes. */
static int
copy_database(struct cli *cli, struct work *w)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *name, *file, *made, *instance;
	json_int_t size;
	int rc = api_call(cli, "POST", "/bundles", NULL, &a);

	if (rc != 0)
		return rc;
	name = json_string_value(json_object_get(a.json, "name"));
	file = json_string_value(json_object_get(a.json, "file"));
	made = json_string_value(json_object_get(a.json, "made"));
	instance = json_string_value(json_object_get(a.json, "instance"));
	size = json_integer_value(json_object_get(a.json, "size"));
	if (name == NULL || file == NULL || made == NULL || instance == NULL || size <= 0 ||
	    strlen(made) >= sizeof(w->bundle.made) ||
	    strlen(instance) >= sizeof(w->bundle.instance))
		return cli_say(cli, EXIT_INTERNAL, NULL, "the daemon's answer is malformed");
	w->backup = arena_strdup(cli->arena, name);
	strcpy(w->bundle.made, made);
	strcpy(w->bundle.instance, instance);
	rc = look_at(cli, w, 3, NEXT_DATABASE, file);
	w->bundle.files[3].size = (uint64_t)size;
	return rc;
}

/*
 * The journal before the database, or it would know of events that are not in it;
 * the sign journal after it, so that no certificate is in neither.
 */
static int
collect(struct cli *cli, struct work *w)
{
	int rc;

	for (size_t i = 0; i < BUNDLE_FILES; i++)
		w->bundle.files[i].fd = -1;
	if ((rc = look_at(cli, w, 0, NEXT_KEK, "kek")) != 0 ||
	    (rc = look_at(cli, w, 1, NEXT_JOURNAL, "journal")) != 0 ||
	    (rc = copy_database(cli, w)) != 0)
		return rc;
	return look_at(cli, w, 2, NEXT_SIGN_JOURNAL, "sign-journal");
}

/* Written, and read back: nobody finds out later that it does not open. */
static int
write_and_read_back(struct cli *cli, struct work *w)
{
	struct bundle again = { 0 };
	int rc = 0;

	if (bundle_write(w->output, &w->bundle, w->passphrase, &cli->err) < 0 ||
	    bundle_look(w->output, w->passphrase, &again, &cli->err) < 0 ||
	    bundle_read(w->output, &again, -1, &cli->err) < 0)
		rc = cli_fail(cli);
	explicit_bzero(w->bundle.key, sizeof(w->bundle.key));
	explicit_bzero(again.key, sizeof(again.key));
	return rc;
}

static int
make(struct cli *cli, struct work *w)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	w->output = args_value(&cli->args, "output");
	if (w->output == NULL || strcmp(w->output, "-") == 0)
		return cli_say(cli, EXIT_USAGE, "name a file with -o: it is written and read back",
		    "a bundle goes to a file");
	if (access(w->output, F_OK) == 0)
		return cli_say(cli, EXIT_CONFLICT, "remove it, or name another file",
		    "%s is there already", w->output);
	if ((rc = passphrase(cli, w, true)) != 0 || (rc = enter(cli, w)) != 0)
		return rc;
	if ((rc = collect(cli, w)) == 0)
		rc = write_and_read_back(cli, w);
	for (size_t i = 0; i < BUNDLE_FILES; i++)
		if (w->bundle.files[i].fd >= 0)
			close(w->bundle.files[i].fd);
	if (w->backup != NULL) {
		int gone = api_call(
		    cli, "DELETE", api_path(cli, "/backups/%s", w->backup), NULL, &a);

		return rc != 0 ? rc : gone;
	}
	return rc;
}

static void
say_bundle(struct cli *cli, const char *file, const struct bundle *b)
{
	json_t *o;

	if (cli->json) {
		o = json_pack("{s:s,s:s,s:s,s:I}", "file", file, "made", b->made, "instance",
		    b->instance, "database_size", (json_int_t)b->files[3].size);
		show_json(cli, o);
		json_decref(o);
	}
}

static int export(struct cli *cli)
{
	struct work w = { .dir = -1 };
	int rc = make(cli, &w);

	if (rc != 0)
		return rc;
	say_bundle(cli, w.output, &w.bundle);
	show_line(
	    cli, "%s: written and read back, everything of %s is in it", w.output, w.bundle.made);
	show_line(cli, "who has it and its passphrase has every key: keep them apart");
	return 0;
}

/* What was looked at; its key is needed no more. */
static int
read_all(struct cli *cli, struct work *w, int dir)
{
	int r = bundle_read(word(cli, 0), &w->bundle, dir, &cli->err);

	explicit_bzero(w->bundle.key, sizeof(w->bundle.key));
	return r;
}

static int
verify(struct cli *cli)
{
	struct work w = { .dir = -1 };
	int rc = passphrase(cli, &w, false);

	if (rc != 0)
		return rc;
	if (bundle_look(word(cli, 0), w.passphrase, &w.bundle, &cli->err) < 0 ||
	    read_all(cli, &w, -1) < 0)
		return cli_fail(cli);
	say_bundle(cli, word(cli, 0), &w.bundle);
	show_line(cli, "%s: whole, made %s", word(cli, 0), w.bundle.made);
	return 0;
}

/* At the next start this is done with all files of the data directory. */
static int
plan(struct cli *cli, const struct work *w, const char *what, bool bring)
{
	struct next n;

	next_init(&n, time(NULL), what);
	n.discard = !bring;
	if (bring && time_parse(w->bundle.made, &n.since) < 0)
		n.since = 1; /* then all of the database before is asked */
	n.becomes[NEXT_WAL] = n.becomes[NEXT_SHM] = NEXT_TAKEN;
	for (int f = NEXT_DATABASE; f < NEXT_FILES; f++)
		n.becomes[f] = bring ? NEXT_BROUGHT : NEXT_TAKEN;
	if (next_save(w->dir, &n, &cli->err) < 0) {
		next_cancel(w->dir, &(struct err){ 0 });
		return cli_fail(cli);
	}
	if (bring)
		show_line(
		    cli, "what is in the data directory then is kept in its folder %s", n.aside);
	show_line(cli, "next: systemctl restart certwrightd");
	return 0;
}

/* Of what was planned before, a plan is the last. */
static int
instead(struct cli *cli, const struct work *w)
{
	struct next before;

	if (next_load(w->dir, &before, &(struct err){ 0 }) > 0)
		show_line(cli, "%s, which was planned, does not take place", before.what);
	return next_cancel(w->dir, &cli->err);
}

static int
import(struct cli *cli)
{
	const char *dir = data_dir_of(cli);
	struct work w = { .dir = -1 };
	int rc;

	if ((rc = passphrase(cli, &w, false)) != 0)
		return rc;
	if (!args_has(&cli->args, "server") && mkdir(dir, 0700) < 0 && errno != EEXIST) {
		err_errno(&cli->err, "make the data directory %s", dir);
		return cli_fail(cli);
	}
	if ((rc = enter(cli, &w)) != 0)
		return rc;
	if (bundle_look(word(cli, 0), w.passphrase, &w.bundle, &cli->err) < 0 ||
	    instead(cli, &w) < 0)
		return cli_fail(cli);
	if (read_all(cli, &w, w.dir) < 0) {
		next_cancel(w.dir, &(struct err){ 0 });
		return cli_fail(cli);
	}
	say_bundle(cli, word(cli, 0), &w.bundle);
	show_line(cli, "%s: takes its place at the next start of the daemon", word(cli, 0));
	return plan(cli, &w, arena_printf(cli->arena, "the bundle made %s", w.bundle.made), true);
}

static int
reset(struct cli *cli)
{
	struct work w = { .dir = -1 };
	char host[256] = "";
	int rc;

	gethostname(host, sizeof(host) - 1);
	if (strcmp(word(cli, 0), host) != 0)
		return cli_say(cli, EXIT_INPUT, "type the name that hostname(1) prints",
		    "\"%s\" is not the name of this machine: nothing was done", word(cli, 0));
	if ((rc = make(cli, &w)) != 0)
		return rc;
	if (instead(cli, &w) < 0)
		return cli_fail(cli);
	say_bundle(cli, w.output, &w.bundle);
	show_line(cli, "%s: written and read back", w.output);
	show_line(cli,
	    "the next start of the daemon begins anew: all keys, certificates and "
	    "accounts here are gone then, but for this bundle");
	return plan(cli, &w, "the reset to factory defaults", false);
}

#define OPTION_BUNDLE_PASSPHRASE                                              \
	{                                                                     \
		.name = "passphrase-file", .value = "FILE", .required = true, \
		.help = "the bundle's passphrase; - is standard input"        \
	}
static const struct option made[] = {
	OPTION_BUNDLE_PASSPHRASE,
	{ .name = "output",
	    .letter = 'o',
	    .value = "FILE",
	    .required = true,
	    .help = "write to FILE, which is not there yet" },
	{ 0 },
};
static const struct option read_options[] = {
	OPTION_BUNDLE_PASSPHRASE,
	{ 0 },
};
static const struct command commands[] = {
	{ "export", "", made, export, "Write all keys, certificates and settings, encrypted" },
	{ "verify", "FILE", read_options, verify, "Say whether a bundle is whole and opens" },
	{ "import", "FILE", read_options, import, "Put a bundle in at the daemon's next start" },
	{ "reset", "HOSTNAME", made, reset,
	    "Begin anew at the next start, after a bundle was made" },
	{ 0 },
};

extern const struct group bundle_group;
const struct group bundle_group = { "bundle",
	"A whole installation in one encrypted file, and the reset.", commands };
