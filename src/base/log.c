/*
 * log.c - one line on standard error, with the journal's <N> priority
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"

static const char *program = "certwright";

void
log_name(const char *name)
{
	program = name;
}

bool
log_asked(int argc, char **argv, const char *usage)
{
	if (argc != 2)
		return false;
	if (strcmp(argv[1], "--help") == 0)
		fputs(usage, stdout);
	else if (strcmp(argv[1], "--version") == 0)
		printf("%s %s\n", program, CERTWRIGHT_VERSION);
	else
		return false;
	return true;
}

static void
log_line(int priority, const char *fmt, va_list ap)
{
	char text[1600], line[2048];
	size_t n;
	int len;

	vsnprintf(text, sizeof(text), fmt, ap);
	len = snprintf(line, sizeof(line), "<%d>%s: ", priority, program);
	n = (size_t)len;
	for (const char *p = text; *p != '\0' && n < sizeof(line) - 8; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			n += (size_t)snprintf(
			    line + n, sizeof(line) - n, "\\x%02x", (unsigned char)*p);
		else
			line[n++] = *p;
	}
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* nowhere left to say it */
}

#define LOG(name, priority)                  \
	void name(const char *fmt, ...)      \
	{                                    \
		va_list ap;                  \
                                             \
		va_start(ap, fmt);           \
		log_line(priority, fmt, ap); \
		va_end(ap);                  \
	}

LOG(log_error, 3)
LOG(log_warn, 4)
LOG(log_info, 6)

void
log_err(const char *what, const struct err *e)
{
	log_error("%s%s%s%s%s", what == NULL ? "" : what, what == NULL ? "" : ": ", e->message,
	    e->hint[0] == '\0' ? "" : "; hint: ", e->hint);
}
