/*
 * page_policy.h - what a profile grants, in sentences
 */
#pragma once

#include "front/route.h"
#include "op/op_authority.h"

/*
 * [{what, sentence}] for people: keys, signature, subject, names, key usage,
 * all else, life, what is always added, approval. Lines of the card that are
 * not in force any more, or that an earlier line decides, are left out.
 */
json_t	*policy_sentences(struct ctx *, const struct profile *);
