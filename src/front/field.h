/*
 * field.h - a field, declared once: form, API check, OpenAPI
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum field_kind { FIELD_TEXT, FIELD_LINES, FIELD_SECRET, FIELD_BOOL, FIELD_INT,
    FIELD_CHOICE, FIELD_FILES, FIELD_EMAIL,
    FIELD_LIST /* of objects, with the route's `elements`; API only */ };

struct field {
	const char	*name;			/* JSON member and form name */
	const char	*label;			/* exactly as on the screen */
	enum field_kind	 kind;
	size_t		 max;			/* characters, bytes of a file, or elements */
	bool		 required;
	const char	*choices;		/* FIELD_CHOICE: "a|b|c" */
	const char	*help;
};
