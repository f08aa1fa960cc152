/*
 * template.c - pages without logic in them: loading
 */
#include <ctype.h>
#include <strings.h>

#include "front/template_node.h"

struct parse {
	const char *name, *at, *end, *start;
	enum where where;
	char attribute[32];
	size_t attribute_len;
	char tag[16];
	size_t tag_len;
	char quote;
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
	*n = (struct node){ .kind = kind, .text = text, .len = len, .where = p->where };
	if (p->where == WHERE_QUOTED)
		n->url = strcmp(p->attribute, "href") == 0 || strcmp(p->attribute, "src") == 0 ||
		    strcmp(p->attribute, "action") == 0 || strcmp(p->attribute, "formaction") == 0;
	return n;
}

/* In a tag: names of attributes and the quotes of their values. */
static int
follow_tag(struct parse *p, char c)
{
	if (c == '>') {
		p->where = WHERE_TEXT;
		if (strcasecmp(p->tag, "script") == 0 || strcasecmp(p->tag, "style") == 0)
			p->where = WHERE_RAW;
	} else if (c == '"' || c == '\'') {
		p->where = WHERE_QUOTED;
		p->quote = c;
	} else if (c == '=') {
		p->attribute[p->attribute_len] = '\0';
	} else if (isspace((unsigned char)c)) {
		p->attribute_len = 0;
	} else if (p->attribute_len + 1 < sizeof(p->attribute)) {
		p->attribute[p->attribute_len++] = (char)tolower((unsigned char)c);
		p->attribute[p->attribute_len] = '\0';
	}
	return 0;
}

/* Where in HTML the text leads. */
static void
follow(struct parse *p, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (p->where == WHERE_TEXT && c == '<' && i + 1 < len && text[i + 1] != ' ') {
			p->where = WHERE_TAG;
			p->attribute_len = 0;
			p->tag_len = 0;
			while (i + 1 < len &&
			    (isalnum((unsigned char)text[i + 1]) || text[i + 1] == '/' ||
				text[i + 1] == '!')) {
				i++;
				if (p->tag_len + 1 < sizeof(p->tag))
					p->tag[p->tag_len++] = text[i];
			}
			p->tag[p->tag_len] = '\0';
		} else if (p->where == WHERE_TAG) {
			follow_tag(p, c);
		} else if (p->where == WHERE_QUOTED && c == p->quote) {
			p->where = WHERE_TAG;
			p->attribute_len = 0;
		} else if (p->where == WHERE_RAW && c == '<' && i + 1 < len && text[i + 1] == '/') {
			p->where = WHERE_TAG;
			p->tag[0] = '\0';
		}
	}
}

static bool
is_path(const char *s, size_t len)
{
	if (len == 0 || len > 80)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && strchr("._-", s[i]) == NULL)
			return false;
	return true;
}

static int parse_until(struct parse *, const char *name, size_t len, int depth);

static int
parse_section(struct parse *p, enum node_kind kind, const char *name, size_t len, int depth)
{
	size_t at = p->t->n;
	enum where before = p->where;

	if (depth > TEMPLATE_DEPTH)
		return fail(p, "sections are nested too deep");
	add(p, kind, name, len);
	if (parse_until(p, name, len, depth + 1) < 0)
		return -1;
	if (p->where != before)
		return fail(p, "a section ends elsewhere in the HTML than it started");
	p->t->v[at].end = p->t->n;
	return 0;
}

static int
parse_value(struct parse *p, const char *name, size_t len)
{
	if (!is_path(name, len))
		return fail(p, "a name has odd characters");
	if (p->where != WHERE_TEXT && p->where != WHERE_QUOTED)
		return fail(p, "a value may stand in text or in a quoted attribute only");
	if (p->where == WHERE_QUOTED &&
	    (strncmp(p->attribute, "on", 2) == 0 || strcmp(p->attribute, "style") == 0))
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
		if (p->where != WHERE_TEXT)
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

		if (stop > p->at) {
			add(p, NODE_TEXT, p->at, (size_t)(stop - p->at));
			follow(p, p->at, (size_t)(stop - p->at));
		}
		p->at = stop;
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
	if (p.where != WHERE_TEXT) {
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
