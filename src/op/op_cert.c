/*
 * op_cert.c - certificates that were installed
 */
#include "base/buf.h"
#include "op/op_install.h"

DEFINE_AUTO(X509, X509, X509_free)

int
op_cert_list(struct ctx *cx, const struct identity *i, struct cert_row **out, size_t *n)
{
	return store_cert_list(cx, i->id, out, n);
}

int
op_cert_load(struct ctx *cx, const char *id, struct cert_row *c)
{
	return store_cert_load(cx, id, c);
}

int
op_cert_active(struct ctx *cx, const struct identity *i, struct cert_row *c)
{
	if (i->active[0] != '\0')
		return store_cert_load(cx, i->active, c);
	err_set(&cx->err, R_NOT_FOUND, NULL, "the identity %s has no certificate", i->name);
	return err_hint(&cx->err, "install what the CA sent");
}

int
op_install_history(struct ctx *cx, const struct identity *i, struct install_row **out, size_t *n)
{
	return store_install_list(cx, i->id, out, n);
}

const char *
cert_state(const struct identity *i, const struct cert_row *c)
{
	if (strcmp(c->id, i->active) == 0)
		return "active";
	return strcmp(c->id, i->previous) == 0 ? "previous" : "kept";
}

const char *
cert_row_pem(struct ctx *cx, const struct cert_row *c, bool chain)
{
	AUTO_BUF struct buf b = { 0 };
	const unsigned char *p = c->chain, *end = p + c->chain_len, *start;
	X509 *x;

	buf_put_text(&b, cert_pem_of_der(cx->arena, c->der, c->der_len));
	while (chain && p < end) {
		start = p;
		if ((x = d2i_X509(NULL, &p, (long)(end - p))) == NULL)
			break;
		X509_free(x);
		buf_put_text(&b, cert_pem_of_der(cx->arena, start, (size_t)(p - start)));
	}
	return arena_strdup(cx->arena, buf_text(&b));
}

int
cert_row_text(struct ctx *cx, const struct cert_row *c, const char **out)
{
	AUTO(X509) X509 *x = NULL;
	const unsigned char *p = c->der;

	if ((x = d2i_X509(NULL, &p, (long)c->der_len)) == NULL)
		return err_set(
		    &cx->err, R_DB_DAMAGED, NULL, "the stored certificate cannot be read");
	*out = cert_text(cx->arena, x);
	return 0;
}
