/*
 * err.c - one error, made where the fault is known, carried unchanged
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"

static const struct {
	enum err_kind kind;
	const char *id;
} refusals[] = {
	[REFUSAL_NONE] = { ERR_NONE, "none" },
#define REFUSAL(name, kind, id) [name] = { kind, id },
#include "base/refusals/all.def"
#undef REFUSAL
};

static const struct {
	int status;
	int exit_code;
	const char *title;
} kinds[] = {
	[ERR_NONE] = { 200, 0, "Done" },
	[ERR_INVALID] = { 400, 6, "Invalid input" },
	[ERR_UNAUTHENTICATED] = { 401, 7, "Not signed in" },
	[ERR_DENIED] = { 403, 7, "Denied" },
	[ERR_NOTFOUND] = { 404, 8, "Not found" },
	[ERR_CONFLICT] = { 409, 9, "Conflict" },
	[ERR_TOOBIG] = { 413, 6, "Too large" },
	[ERR_REFUSED] = { 422, 5, "Refused" },
	[ERR_LIMIT] = { 429, 10, "Limit reached" },
	[ERR_INTERNAL] = { 500, 1, "Internal error" },
	[ERR_REMOTE] = { 502, 11, "The other side failed" },
	[ERR_UNAVAILABLE] = { 503, 11, "Unavailable" },
	[ERR_USAGE] = { 500, 2, "Usage" },
};

#ifdef CERTWRIGHT_TEST
/*
 * A test build notes each refusal it reaches, once a process; a test compares
 * with the catalogue. Opened before main: behind a sandbox nothing is opened.
 */
#define REACHED "CERTWRIGHT_REFUSALS_REACHED"
static int reached_fd = -1;

__attribute__((constructor)) static void
open_reached(void)
{
	const char *path = getenv(REACHED);

	if (path != NULL)
		reached_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void
note_reached(enum refusal r)
{
	static atomic_bool noted[nitems(refusals)];
	char line[80];
	int n;

	/* the reader, whose filter lets it write to its pair only, unsets it */
	if (reached_fd < 0 || getenv(REACHED) == NULL || atomic_exchange(&noted[r], true))
		return;
	n = snprintf(line, sizeof(line), "%s\n", refusals[r].id);
	if (write(reached_fd, line, (size_t)n) != n)
		reached_fd = -1;
}
#else
#define note_reached(r) ((void)0)
#endif

/* What people are told may quote what they sent, and cut it anywhere. */
static void PRINTF(3, 0) put_text(char *out, size_t size, const char *fmt, va_list ap)
{
	vsnprintf(out, size, fmt, ap);
	utf8_mend(out);
}

int
err_set(struct err *e, enum refusal r, const char *field, const char *fmt, ...)
{
	va_list ap;

	if (err_is_set(e))
		return -1;
	e->refusal = r;
	e->kind = refusals[r].kind;
	snprintf(e->field, sizeof(e->field), "%s", field == NULL ? "" : field);
	utf8_mend(e->field);
	va_start(ap, fmt);
	put_text(e->message, sizeof(e->message), fmt, ap);
	va_end(ap);
	e->detail[0] = e->hint[0] = '\0';
	note_reached(r);
	return -1;
}

int
err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (e->hint[0] == '\0') {
		va_start(ap, fmt);
		put_text(e->hint, sizeof(e->hint), fmt, ap);
		va_end(ap);
	}
	return -1;
}

int
err_detail(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (e->detail[0] == '\0') {
		va_start(ap, fmt);
		put_text(e->detail, sizeof(e->detail), fmt, ap);
		va_end(ap);
	}
	return -1;
}

int
err_errno(struct err *e, const char *what, ...)
{
	int saved = errno;
	enum refusal r = R_SYSTEM;
	char text[256];
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	if (saved == ENOSPC || saved == EDQUOT)
		r = R_DISK_FULL;
	else if (saved == EROFS)
		r = R_READ_ONLY;
	else if (saved == ENOMEM)
		r = R_NOMEM;
	err_set(e, r, NULL, "could not %s: %s", text, strerror(saved));
	errno = saved;
	return -1;
}

int
err_nomem(struct err *e)
{
	err_set(e, R_NOMEM, NULL, "not enough memory");
	return err_hint(e, "try again in a moment");
}

void
err_clear(struct err *e)
{
	memset(e, 0, sizeof(*e));
}

const char *
refusal_id(enum refusal r)
{
	return r < REFUSAL_COUNT ? refusals[r].id : "none";
}

enum err_kind
refusal_kind(enum refusal r)
{
	return r < REFUSAL_COUNT ? refusals[r].kind : ERR_INTERNAL;
}

enum refusal
refusal_by_id(const char *id)
{
	for (size_t i = 1; i < nitems(refusals); i++)
		if (strcmp(refusals[i].id, id) == 0)
			return (enum refusal)i;
	return REFUSAL_NONE;
}

int
err_http_status(enum err_kind k)
{
	return kinds[k].status;
}

int
err_exit_code(enum err_kind k)
{
	return kinds[k].exit_code;
}

const char *
err_kind_title(enum err_kind k)
{
	return kinds[k].title;
}
