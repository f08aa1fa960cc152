/*
 * jsonscan.c - JSON's cost, before jansson sees a byte
 */
#include "base/limits.h"
#include "front/jsonscan.h"

/* Just past the string that starts at `i` (on its quote). */
static size_t
skip_string(const char *text, size_t len, size_t i)
{
	for (i++; i < len && text[i] != '"'; i++)
		if (text[i] == '\\')
			i++;
	return i + 1;
}

int
json_scan(const char *text, size_t len, struct err *e)
{
	size_t depth = 0, values = 0;

	for (size_t i = 0; i < len;) {
		char c = text[i];

		depth += c == '{' || c == '[';
		depth -= (c == '}' || c == ']') && depth > 0;
		values += c == '"' || c == '{' || c == '[' || c == ',';
		if (depth > LIMIT_JSON_DEPTH || values > LIMIT_JSON_VALUES)
			return err_set(e, R_JSON_COST, NULL,
			    "the JSON is deeper than %d or has more than %d values",
			    LIMIT_JSON_DEPTH, LIMIT_JSON_VALUES);
		i = c == '"' ? skip_string(text, len, i) : i + 1;
	}
	return 0;
}
