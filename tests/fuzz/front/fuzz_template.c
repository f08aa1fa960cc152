/*
 * fuzz_template.c - any text as templates, separated by NUL: frame, page, part
 *
 * Each is rendered with a view that tries to get out: no value of it may stand
 * raw in the page.
 */
#include <stdio.h>

#include "front/template.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);
int LLVMFuzzerInitialize(int *, char ***);

static json_t *view;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	view = json_pack("{ss,ss,s[s,s],s{ss,s[{ss}]},si,sb,sn,s[]}", "v", "<zq>\"'&zq=x ", "u",
	    "javascript:uq", "l", "<zq>", ".zq\"zq.", "o", "v", "'zq'", "l", "v", "<zq.", "n", -7,
	    "t", 1, "z", "e");
	return view == NULL ? -1 : 0;
}

static const char *const raw[] = { "<zq", "zq>", "zq\"", "\"'&zq", "'zq" };

static bool
has(const void *data, size_t len, const char *what)
{
	return len > 0 && memmem(data, len, what, strlen(what)) != NULL;
}

/* A page may only hold what a template itself has. */
static void
judge(struct buf *page, const unsigned char *data, size_t len)
{
	if (has(data, len, "zq"))
		return;
	for (size_t i = 0; i < nitems(raw); i++)
		if (has(page->data, page->len, raw[i]))
			abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static const char *const names[] = { "frame", "page", "part" };
	struct templates *all = NULL;
	const unsigned char *p = data, *end = data + len, *stop;
	AUTO_BUF struct buf page = { 0 };
	struct err e = { 0 };
	bool good = true;

	if (len > 4096)
		return 0;
	for (size_t i = 0; i < nitems(names) && p <= end; i++, p = stop + 1) {
		if ((stop = memchr(p, '\0', (size_t)(end - p))) == NULL)
			stop = end;
		good = good &&
		    templates_add(&all, names[i], (const char *)p, (size_t)(stop - p), &e) == 0;
	}
	if (!good && (e.refusal != R_TEMPLATE || e.message[0] == '\0'))
		abort();
	if (good && templates_check(all, &e) == 0) {
		const char *name = templates_have(all, "page") ? "page" : NULL;

		if (templates_render(all, "frame", name, view, &page, &e) == 0)
			judge(&page, data, len);
	}
	templates_free(all);
	return 0;
}
