/*
 * targets.c - the list of targets
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "deliver/targets.h"

#define NAME_MAX_BYTES 64

/* One entry as it is read. */
struct entry {
	struct target *t;
	const char *kind, *certificate, *key, *combined, *keystore, *mode;
	int line; /* where it begins */
};

static int
fault(struct err *e, int line, const char *what, const char *value)
{
	err_set(e, R_TARGETS, NULL, "targets line %d: %s%s%.200s", line, what,
	    value[0] == '\0' ? "" : ": ", value);
	return err_hint(e, "certwright-targets(5) says what stands in a list of targets");
}

/* ---- values ------------------------------------------------------------------------ */

static int
set_path(const char **into, const char *value, int line, struct err *e)
{
	size_t n = strlen(value);

	if (value[0] != '/' || n < 2 || n > 255 || value[n - 1] == '/' ||
	    strstr(value, "/../") != NULL)
		return fault(e, line, "it is no absolute path", value);
	*into = value;
	return 0;
}

/* Words with blanks between them: there is no shell, and nothing is quoted. */
static int
set_argv(char *argv[TARGET_ARGS + 1], char *value, int line, struct err *e)
{
	char *word;
	size_t n = 0;

	memset(argv, 0, sizeof(char *) * (TARGET_ARGS + 1));
	while ((word = strsep(&value, " \t")) != NULL) {
		if (word[0] == '\0')
			continue;
		if (n == TARGET_ARGS)
			return fault(e, line, "a program has at most 31 arguments", "");
		argv[n++] = word;
	}
	if (n == 0 || argv[0][0] != '/')
		return fault(e, line, "a program is an absolute path", n == 0 ? "" : argv[0]);
	return 0;
}

static int
set_timeout(int *into, const char *value, int line, struct err *e)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (end == value || *end != '\0' || n < 1 || n > TARGET_TIMEOUT_MAX)
		return fault(e, line, "a timeout is 1 to 600 seconds", value);
	*into = (int)n;
	return 0;
}

static int
set_owner(struct target *t, const char *value, int line, struct err *e)
{
	struct passwd *pw = getpwnam(value);

	if (pw == NULL)
		return fault(e, line, "there is no such user", value);
	t->owner = pw->pw_uid;
	return 0;
}

static int
set_group(struct target *t, const char *value, int line, struct err *e)
{
	struct group *gr = getgrnam(value);

	if (gr == NULL)
		return fault(e, line, "there is no such group", value);
	t->group = gr->gr_gid;
	return 0;
}

static int
set_legacy(struct target *t, const char *value, int line, struct err *e)
{
	t->legacy = strcmp(value, "yes") == 0;
	return t->legacy || strcmp(value, "no") == 0 ? 0 : fault(e, line, "it is yes or no", value);
}

static int
set(struct entry *x, const char *name, char *value, int line, struct err *e)
{
	struct target *t = x->t;

	if (strcmp(name, "certificate") == 0)
		return set_path(&x->certificate, value, line, e);
	if (strcmp(name, "key") == 0)
		return set_path(&x->key, value, line, e);
	if (strcmp(name, "combined") == 0)
		return set_path(&x->combined, value, line, e);
	if (strcmp(name, "keystore") == 0)
		return set_path(&x->keystore, value, line, e);
	if (strcmp(name, "passphrase") == 0)
		return set_path(&t->passphrase, value, line, e);
	if (strcmp(name, "legacy") == 0)
		return set_legacy(t, value, line, e);
	if (strcmp(name, "socket") == 0)
		return set_path(&t->socket, value, line, e);
	if (strcmp(name, "test") == 0)
		return set_argv(t->test, value, line, e);
	if (strcmp(name, "reload") == 0)
		return set_argv(t->reload, value, line, e);
	if (strcmp(name, "timeout") == 0)
		return set_timeout(&t->timeout_s, value, line, e);
	if (strcmp(name, "owner") == 0)
		return set_owner(t, value, line, e);
	if (strcmp(name, "group") == 0)
		return set_group(t, value, line, e);
	if (strcmp(name, "kind") == 0)
		x->kind = value;
	else if (strcmp(name, "mode") == 0)
		x->mode = value;
	else if (strcmp(name, "name") == 0)
		t->certificate = value;
	else
		return fault(e, line, "unknown setting", name);
	return 0;
}

/* ---- an entry as a whole --------------------------------------------------------------- */

static int
read_mode(const struct entry *x, mode_t *mode, struct err *e)
{
	char *end;
	unsigned long n;

	*mode = 0600;
	if (x->mode == NULL)
		return 0;
	n = strtoul(x->mode, &end, 8);
	if (end == x->mode || *end != '\0' || (n & ~0660UL) != 0 || (n & 0600) != 0600)
		return fault(e, x->line, "a key's mode is 600, 640 or 660", x->mode);
	*mode = (mode_t)n;
	return 0;
}

static void
add_file(struct target *t, enum target_content content, const char *path, mode_t mode)
{
	if (path != NULL)
		t->files[t->nfiles++] =
		    (struct target_file){ .content = content, .path = path, .mode = mode };
}

static int
check_keystore(const struct entry *x, struct err *e)
{
	bool given = x->t->passphrase != NULL || x->t->legacy;

	if (x->keystore == NULL && given)
		return fault(e, x->line, "passphrase and legacy are for a keystore", x->t->name);
	if (x->keystore != NULL && x->t->passphrase == NULL)
		return fault(e, x->line, "a keystore has the file of a passphrase", x->t->name);
	return 0;
}

/* Between the two renames a crash leaves a new key and an old certificate, until the
 * next start; a combined file has no such moment. */
static int
check_files(const struct entry *x, struct err *e)
{
	bool pair = x->certificate != NULL && x->key != NULL;
	int forms = pair + (x->combined != NULL) + (x->keystore != NULL);

	if ((x->certificate != NULL) != (x->key != NULL) || forms > 1)
		return fault(e, x->line,
		    "it has certificate and key, or a combined file with both, or a keystore",
		    x->t->name);
	if (forms == 0)
		return fault(e, x->line, "it has no file", x->t->name);
	if (x->t->socket != NULL || (x->t->certificate != NULL && x->keystore == NULL))
		return fault(e, x->line, "socket and name are for haproxy", x->t->name);
	return check_keystore(x, e);
}

static int
check_haproxy(const struct entry *x, struct err *e)
{
	const struct target *t = x->t;

	if (t->socket == NULL || t->certificate == NULL || x->certificate != NULL ||
	    x->key != NULL || x->keystore != NULL || t->reload[0] != NULL)
		return fault(
		    e, x->line, "it has socket and name, and may have a combined file", t->name);
	if (strpbrk(t->certificate, " \t;<\\\"'") != NULL)
		return fault(e, x->line, "the name of a certificate has no blanks", t->certificate);
	return check_keystore(x, e);
}

static int
end_entry(struct entry *x, struct err *e)
{
	struct target *t = x->t;
	mode_t mode;

	if (t == NULL)
		return 0;
	if (x->kind == NULL || (strcmp(x->kind, "files") != 0 && strcmp(x->kind, "haproxy") != 0))
		return fault(e, x->line, "its kind is files or haproxy", t->name);
	t->kind = strcmp(x->kind, "files") == 0 ? TARGET_FILES : TARGET_HAPROXY;
	if ((t->kind == TARGET_FILES ? check_files(x, e) : check_haproxy(x, e)) < 0 ||
	    read_mode(x, &mode, e) < 0)
		return -1;
	add_file(t, CONTENT_KEY, x->key, mode);
	add_file(t, CONTENT_CERTIFICATES, x->certificate, 0644);
	add_file(t, CONTENT_BOTH, x->combined, mode);
	add_file(t, CONTENT_KEYSTORE, x->keystore, mode);
	return 0;
}

static bool
name_fits(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= NAME_MAX_BYTES &&
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
	    n &&
	    strchr("._-", name[0]) == NULL;
}

static int
begin_entry(struct targets *all, struct entry *x, char *text, int line, struct err *e)
{
	size_t n = strlen(text);

	if (end_entry(x, e) < 0)
		return -1;
	if (text[n - 1] != ']')
		return fault(e, line, "an entry begins with [NAME]", text);
	text[n - 1] = '\0';
	text = text_trim(text + 1);
	if (!name_fits(text))
		return fault(e, line, "a name is 1 to 64 letters, digits or . _ -", text);
	if (targets_find(all, text) != NULL)
		return fault(e, line, "there are two of this name", text);
	if (all->n == TARGETS_MAX)
		return fault(e, line, "there are more than 1000 targets", "");
	*x = (struct entry){ .t = &all->v[all->n++], .line = line };
	*x->t = (struct target){
		.name = text, .owner = (uid_t)-1, .group = (gid_t)-1, .timeout_s = TARGET_TIMEOUT
	};
	return 0;
}

/* Two targets in one file would undo each other. */
static int
check_apart(const struct targets *all, struct err *e)
{
	for (size_t i = 0; i < 2 * all->n; i++)
		for (size_t j = 0; j < i; j++) {
			const char *a = all->v[i / 2].files[i % 2].path;
			const char *b = all->v[j / 2].files[j % 2].path;

			if (a != NULL && b != NULL && strcmp(a, b) == 0)
				return err_set(e, R_TARGETS, NULL,
				    "targets: two files are the same: %.200s", a);
		}
	return 0;
}

int
targets_parse(struct targets *all, char *text, struct arena *a, struct err *e)
{
	struct entry x = { 0 };
	char *line, *eq;
	int number = 0;

	all->n = 0;
	all->v = arena_new_array(a, TARGETS_MAX, struct target);
	while ((line = strsep(&text, "\n")) != NULL) {
		line = text_trim(line);
		number++;
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (line[0] == '[') {
			if (begin_entry(all, &x, line, number, e) < 0)
				return -1;
			continue;
		}
		if ((eq = strchr(line, '=')) == NULL || x.t == NULL)
			return fault(e, number,
			    x.t == NULL ? "no entry begins before it" : "no \"=\"", line);
		*eq = '\0';
		if (set(&x, text_trim(line), text_trim(eq + 1), number, e) < 0)
			return -1;
	}
	return end_entry(&x, e) < 0 ? -1 : check_apart(all, e);
}

const struct target *
targets_find(const struct targets *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].name, name) == 0)
			return &all->v[i];
	return NULL;
}

/* ---- what it names is there, and ours ---------------------------------------------------- */

static int
settle_file(struct target_file *f, struct arena *a, struct err *e)
{
	const char *slash = strrchr(f->path, '/'), *folder;

	folder = slash == f->path ? "/" : arena_dup(a, f->path, (size_t)(slash - f->path));
	if (safe_path(folder, a, &f->folder, e) < 0)
		return -1;
	f->name = slash + 1;
	f->path = arena_printf(a, "%s/%s", strcmp(f->folder, "/") == 0 ? "" : f->folder, f->name);
	return 0;
}

static int
settle(struct target *t, struct arena *a, struct err *e)
{
	const char *ignored;

	for (size_t i = 0; i < t->nfiles; i++)
		if (settle_file(&t->files[i], a, e) < 0)
			return -1;
	if (t->passphrase != NULL && safe_path(t->passphrase, a, &t->passphrase, e) < 0)
		return -1;
	/* run as it is called: some programs are many, by their name */
	if ((t->test[0] != NULL && safe_path(t->test[0], a, &ignored, e) < 0) ||
	    (t->reload[0] != NULL && safe_path(t->reload[0], a, &ignored, e) < 0))
		return -1;
	return 0;
}

int
targets_load(struct targets *all, const char *path, struct arena *a, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	const char *real;

	if (safe_path(path, a, &real, e) < 0)
		return -1;
	if (file_read(&text, real, TARGETS_FILE, e) < 0) {
		e->refusal = R_TARGETS;
		e->kind = ERR_USAGE;
		return -1;
	}
	if (strlen(buf_text(&text)) != text.len)
		return err_set(e, R_TARGETS, NULL, "%s is no text: it has a NUL byte", path);
	if (targets_parse(all, arena_strdup(a, buf_text(&text)), a, e) < 0)
		return -1;
	for (size_t i = 0; i < all->n; i++)
		if (settle(&all->v[i], a, e) < 0)
			return -1;
	return check_apart(all, e);
}
