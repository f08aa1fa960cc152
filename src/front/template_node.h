/*
 * template_node.h - a template once loaded: a flat list of nodes
 */
#pragma once

#include "front/template.h"

#define TEMPLATE_DEPTH	16

enum where { WHERE_TEXT, WHERE_TAG, WHERE_QUOTED, WHERE_RAW };
enum node_kind { NODE_TEXT, NODE_VALUE, NODE_SECTION, NODE_INVERTED, NODE_PARTIAL };

struct node {
	enum node_kind	 kind;
	const char	*text;		/* literal text, or a name */
	size_t		 len;
	size_t		 end;		/* sections: index just past the last child */
	enum where	 where;
	bool		 url;		/* in href, src, action */
};

struct template {
	char		*name, *text;
	struct node	*v;
	size_t		 n, cap;
};

struct templates {
	struct template	**v;
	size_t		 n;
};

const struct template *template_find(const struct templates *, const char *name, size_t len);
