/*
 * shapes.h - what the API's answers look like, by name
 *
 * The document says it, and a test compares real answers with it.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

bool	shape_known(const char *name);
json_t	*shapes_schemas(void);			/* {name: JSON Schema} */
