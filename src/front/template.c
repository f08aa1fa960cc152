/*
 * template.c - pages without logic in them: loading
 */
#include <ctype.h>
#include <strings.h>

#include "front/template_node.h"

/* Where in HTML the text leads. */
struct place {
	enum where where;
	char tag[16];
	char attribute[32];   /* of the tag, its name in lower case */
	bool named;	      /* the name has ended: white space came */
	bool equals, literal; /* "=" came, then a value without quotes */
	char quote;
};

struct parse {
	const char *name, *at, *end, *start;
	struct place place;
	struct template *t;
	struct err *e;
};

static int
fail(struct parse *p, const char *why)
{
	int line = 1;

	for (const char *c = p->start; c < p->at && c < p->end; c++)
		line += *c == '\n';
	return err_set(p->e, R_TEMPLATE, NULL, "template %s line %d: %s", p->name, line, why);
}

/* Attributes that name a place: their values are made safe as such. */
static bool
is_url(const char *attribute)
{
	static const char *const names[] = { "href", "src", "action", "formaction", "poster",
		"cite", "data", "ping", "manifest", "background", "xlink:href" };

	for (size_t i = 0; i < nitems(names); i++)
		if (strcmp(attribute, names[i]) == 0)
			return true;
	return false;
}

static struct node *
add(struct parse *p, enum node_kind kind, const char *text, size_t len)
{
	struct template *t = p->t;
	struct node *n;

	if (t->n == t->cap) {
		size_t cap = t->cap == 0 ? 64 : 2 * t->cap;
		struct node *v = realloc(t->v, cap * sizeof(*v));

		if (v == NULL)
			abort();
		t->v = v;
		t->cap = cap;
	}
	n = &t->v[t->n++];
	*n = (struct node){ .kind = kind, .text = text, .len = len, .where = p->place.where };
	n->url = p->place.where == WHERE_QUOTED && is_url(p->place.attribute);
	return n;
}

/* The next attribute of a tag, or none. */
static void
next_attribute(struct place *at)
{
	at->attribute[0] = '\0';
	at->named = at->equals = at->literal = false;
}

static void
append(char *text, size_t size, char c)
{
	size_t n = strlen(text);

	if (n + 1 < size) {
		text[n] = c;
		text[n + 1] = '\0';
	}
}

/* In a tag: names of attributes and the quotes of their values. */
static const char *
follow_tag(struct place *at, char c)
{
	if (c == '>') {
		at->where = strcasecmp(at->tag, "script") == 0 || strcasecmp(at->tag, "style") == 0
		    ? WHERE_RAW
		    : WHERE_TEXT;
	} else if (isspace((unsigned char)c)) {
		if (at->literal)
			next_attribute(at);
		at->named = at->attribute[0] != '\0';
	} else if (at->literal || (at->equals && c != '"' && c != '\'')) {
		at->literal = true;
	} else if (at->equals) {
		at->where = WHERE_QUOTED;
		at->quote = c;
	} else if (c == '=') {
		at->equals = true;
	} else if (c == '"' || c == '\'') {
		return "a quote stands where no value is";
	} else {
		if (at->named)
			next_attribute(at);
		append(at->attribute, sizeof(at->attribute), (char)tolower((unsigned char)c));
	}
	return NULL;
}

/* A tag starts at text[i]: its name is taken. Returns where it ends. */
static size_t
follow_name(struct place *at, const char *text, size_t len, size_t i)
{
	at->where = WHERE_TAG;
	at->tag[0] = '\0';
	next_attribute(at);
	do
		append(at->tag, sizeof(at->tag), text[++i]);
	while (i + 1 < len && isalnum((unsigned char)text[i + 1]));
	return i;
}

/* NULL, or what is wrong with the HTML. */
static const char *
follow(struct place *at, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i], next = i + 1 < len ? text[i + 1] : '\0';
		const char *fault = NULL;

		if (at->where == WHERE_TEXT && c == '<') {
			if (i + 1 == len)
				return "a tag is cut by {{";
			if (len - i >= 4 && memcmp(text + i, "<!--", 4) == 0)
				return "comments are {{! }}";
			if (isalpha((unsigned char)next) || strchr("/!?", next) != NULL)
				i = follow_name(at, text, len, i);
		} else if (at->where == WHERE_TAG) {
			fault = follow_tag(at, c);
		} else if (at->where == WHERE_QUOTED && c == at->quote) {
			at->where = WHERE_TAG;
			next_attribute(at);
		} else if (at->where == WHERE_RAW && c == '<' && next == '/') {
			at->where = WHERE_TAG;
			at->tag[0] = '\0';
			next_attribute(at);
		}
		if (fault != NULL)
			return fault;
	}
	return NULL;
}

static bool
is_path(const char *s, size_t len)
{
	if (len == 0 || len > 80)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '.' && s[i] != '_' && s[i] != '-')
			return false;
	return true;
}

static int parse_until(struct parse *, const char *name, size_t len, int depth);

/* What follows a section in a tag must not grow together with it. */
static bool
is_apart(const struct parse *p)
{
	const char *at = p->at;

	return at < p->end &&
	    (isspace((unsigned char)*at) || *at == '>' ||
		(p->end - at > 2 && memcmp(at, "{{", 2) == 0 && strchr("#^/", at[2]) != NULL));
}

/* With the section and without it, HTML must go on in the same place. */
static const char *
same_place(struct parse *p, const struct place *before)
{
	struct place *now = &p->place;

	if (now->where != before->where ||
	    (now->where == WHERE_QUOTED &&
		(now->quote != before->quote || strcmp(now->attribute, before->attribute) != 0)))
		return "a section ends elsewhere in the HTML than it started";
	if (now->where == WHERE_TAG && ((now->equals && !now->literal) || !is_apart(p)))
		return "a section in a tag is not whole attributes";
	if (now->where == WHERE_TAG)
		next_attribute(now);
	return NULL;
}

static int
parse_section(struct parse *p, enum node_kind kind, const char *name, size_t len, int depth)
{
	struct place before = p->place;
	size_t at = p->t->n;
	const char *fault;

	if (depth > TEMPLATE_DEPTH)
		return fail(p, "sections are nested too deep");
	if (before.where == WHERE_TAG &&
	    ((before.equals && !before.literal) || p->at == p->end ||
		!isspace((unsigned char)*p->at)))
		return fail(p, "a section in a tag starts with a space");
	add(p, kind, name, len);
	if (parse_until(p, name, len, depth + 1) < 0)
		return -1;
	if ((fault = same_place(p, &before)) != NULL)
		return fail(p, fault);
	p->t->v[at].end = p->t->n;
	return 0;
}

static int
parse_value(struct parse *p, const char *name, size_t len)
{
	const struct place *at = &p->place;

	if (!is_path(name, len))
		return fail(p, "a name has odd characters");
	if (at->where != WHERE_TEXT && at->where != WHERE_QUOTED)
		return fail(p, "a value may stand in text or in a quoted attribute only");
	if (at->where == WHERE_QUOTED &&
	    (strncmp(at->attribute, "on", 2) == 0 || strcmp(at->attribute, "style") == 0 ||
		strcmp(at->attribute, "srcset") == 0 || strcmp(at->attribute, "srcdoc") == 0))
		return fail(p, "no value in scripts or styles");
	add(p, NODE_VALUE, name, len);
	return 0;
}

/* What stands between {{ and }}. 1: it closes the section `open`. */
static int
parse_mark(struct parse *p, const char *s, size_t len, const char *open, size_t open_len, int depth)
{
	char kind = len > 0 ? s[0] : '\0';

	if (kind == '!')
		return 0;
	if (kind != '\0' && strchr("#^/>", kind) != NULL) {
		for (s++, len--; len > 0 && *s == ' '; s++, len--)
			;
		if (!is_path(s, len))
			return fail(p, "a name has odd characters");
	}
	switch (kind) {
	case '#':
		return parse_section(p, NODE_SECTION, s, len, depth);
	case '^':
		return parse_section(p, NODE_INVERTED, s, len, depth);
	case '>':
		if (p->place.where != WHERE_TEXT)
			return fail(p, "a partial may stand in text only");
		add(p, NODE_PARTIAL, s, len);
		return 0;
	case '/':
		if (open == NULL || len != open_len || memcmp(s, open, len) != 0)
			return fail(p, "it closes a section that is not open");
		return 1;
	}
	return parse_value(p, s, len);
}

static int
parse_until(struct parse *p, const char *open, size_t open_len, int depth)
{
	while (p->at < p->end) {
		const char *mark = memmem(p->at, (size_t)(p->end - p->at), "{{", 2);
		const char *stop = mark == NULL ? p->end : mark, *close;
		int r;

		const char *from = p->at, *fault;

		p->at = stop;
		if (stop > from) {
			add(p, NODE_TEXT, from, (size_t)(stop - from));
			if ((fault = follow(&p->place, from, (size_t)(stop - from))) != NULL)
				return fail(p, fault);
		}
		if (mark == NULL)
			break;
		if ((close = memmem(mark, (size_t)(p->end - mark), "}}", 2)) == NULL)
			return fail(p, "{{ without }}");
		p->at = close + 2;
		r = parse_mark(p, mark + 2, (size_t)(close - mark - 2), open, open_len, depth);
		if (r != 0)
			return r < 0 ? -1 : 0;
	}
	return open == NULL ? 0 : fail(p, "a section is not closed");
}

static const struct template *
find(const struct templates *all, const char *name, size_t len)
{
	for (size_t i = 0; all != NULL && i < all->n; i++)
		if (strlen(all->v[i]->name) == len && memcmp(all->v[i]->name, name, len) == 0)
			return all->v[i];
	return NULL;
}

const struct template *
template_find(const struct templates *all, const char *name, size_t len)
{
	return find(all, name, len);
}

static void
template_free(struct template *t)
{
	free(t->v);
	free(t->text);
	free(t->name);
	free(t);
}

int
templates_add(struct templates **all, const char *name, const char *text, size_t len, struct err *e)
{
	struct template *t = calloc(1, sizeof(*t)), **v;
	struct parse p = { .name = name, .t = t, .e = e };

	if (*all == NULL)
		*all = calloc(1, sizeof(**all));
	if (t == NULL || *all == NULL || (t->name = strdup(name)) == NULL ||
	    (t->text = malloc(len + 1)) == NULL)
		abort();
	memcpy(t->text, text, len);
	t->text[len] = '\0';
	p.start = p.at = t->text;
	p.end = t->text + len;
	if (find(*all, name, strlen(name)) != NULL || parse_until(&p, NULL, 0, 0) < 0) {
		err_set(e, R_TEMPLATE, NULL, "template %s is there twice", name);
		template_free(t);
		return -1;
	}
	if (p.place.where != WHERE_TEXT) {
		fail(&p, "it ends inside a tag");
		template_free(t);
		return -1;
	}
	if ((v = realloc((*all)->v, ((*all)->n + 1) * sizeof(struct template *))) == NULL)
		abort();
	(*all)->v = v;
	(*all)->v[(*all)->n++] = t;
	return 0;
}

/* Each partial exists, and none includes itself by way of others. */
static int
check_one(const struct templates *all, const struct template *t, int depth, struct err *e)
{
	if (depth > TEMPLATE_DEPTH)
		return err_set(e, R_TEMPLATE, NULL, "template %s includes itself", t->name);
	for (size_t i = 0; i < t->n; i++) {
		const struct node *n = &t->v[i];
		const struct template *other;

		if (n->kind != NODE_PARTIAL || (n->len == 4 && memcmp(n->text, "main", 4) == 0))
			continue;
		if ((other = find(all, n->text, n->len)) == NULL)
			return err_set(e, R_TEMPLATE, NULL,
			    "template %s includes %.*s, which is not there", t->name, (int)n->len,
			    n->text);
		if (check_one(all, other, depth + 1, e) < 0)
			return -1;
	}
	return 0;
}

int
templates_check(const struct templates *all, struct err *e)
{
	for (size_t i = 0; all != NULL && i < all->n; i++)
		if (check_one(all, all->v[i], 0, e) < 0)
			return -1;
	return 0;
}

bool
templates_have(const struct templates *all, const char *name)
{
	return find(all, name, strlen(name)) != NULL;
}

void
templates_free(struct templates *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->n; i++)
		template_free(all->v[i]);
	free(all->v);
	free(all);
}
