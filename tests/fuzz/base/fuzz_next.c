/*
 * fuzz_next.c - any bytes as the plan of the next start
 *
 * The front may write this file, and root follows it: whatever it says, it names
 * files of ours and a folder beside them.
 */
#include "base/next.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	AUTO_BUF struct buf again = { 0 };
	char *text = malloc(len + 1);
	struct next n, same;
	struct err e = { 0 };

	memcpy(text, data, len);
	text[len] = '\0';
	if (next_parse(&n, text, &e) == 0) {
		if (!text_starts(n.aside, "replaced-") || strchr(n.aside, '/') != NULL)
			abort();
		next_text(&again, &n);
		buf_put(&again, "", 1);
		if (next_parse(&same, (char *)again.data, &e) < 0 ||
		    strcmp(same.what, n.what) != 0 || strcmp(same.aside, n.aside) != 0 ||
		    same.discard != n.discard || same.since != n.since ||
		    memcmp(same.becomes, n.becomes, sizeof(n.becomes)) != 0)
			abort();
	} else if (e.refusal != R_NEXT_PLAN || e.hint[0] == '\0') {
		abort();
	}
	free(text);
	return 0;
}
