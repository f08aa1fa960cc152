/*
 * generate_parts.h - the parts of a request made by chance
 */
#pragma once

#include "generate.h"
#include "x509/der_put.h"

/* The request asks for this, whoever reads it. */
void asks(struct generated *, const char *item);

/* Each appends its part and notes its items. */
void generate_subject(struct buf *, struct chance *, struct generated *);
void generate_names(struct buf *, struct chance *, struct generated *); /* of a SAN */
void generate_attributes(struct buf *, struct chance *, struct generated *);
