/*
 * attention.h - what the parts of Attention share
 */
#pragma once

#include "op/op_component.h"

#define URGENT_DAYS 7

struct weighed {
	int64_t		 weight;
	size_t		 place;		/* in the order found */
	struct attention what;
};
struct found {
	struct arena	*arena;
	struct weighed	*v;
	size_t		 n, room;
};

/* The heavier, the higher on the list. */
void	attention_add(struct found *, int64_t weight, struct attention);

/* Each adds what it finds; -1: see cx->err. */
int	attention_of_identity(struct ctx *, struct found *, const struct identity *);
int	attention_of_keys(struct ctx *, struct found *);
int	attention_of_roots(struct ctx *, struct found *);
int	attention_of_system(struct ctx *, struct found *);
