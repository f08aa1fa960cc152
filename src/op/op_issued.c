/*
 * op_issued.c - what answered a request: the certificate and its issuers
 */
#include "op/op_ca.h"
#include "op/op_issue.h"
#include "x509/cert.h"
#include "x509/der.h"

int
op_issued(struct ctx *cx, const struct submission_row *row, struct issued_row *issued)
{
	if (row->serial == NULL) {
		err_set(&cx->err, R_NOT_FOUND, NULL, "no certificate was issued to this request");
		err_hint(&cx->err, "it is %s", row->state);
		return -1;
	}
	if (row->made == NULL)
		return store_issued_find(cx, row->serial, issued);
	*issued = *row->made;
	return 0;
}

bool
issued_presumed(const struct issued_row *issued)
{
	struct der d = der_of(issued->der, issued->der_len), in;

	return issued->der_len == 0 || /* of another CA's history: nothing but its serial */
	    (der_expect(&d, DER_SEQUENCE, &in) == 0 && in.len > 0 && in.data[0] == DER_CONTEXT(0));
}

const char *
issued_pem(struct ctx *cx, const struct issued_row *issued)
{
	return cert_pem_of_der(cx->arena, issued->der, issued->der_len);
}

/* The CA that signs now is in memory. */
static bool
is_at_hand(struct ctx *cx, const char *id, struct ca_row *ca)
{
	size_t n;
	const struct own *v = op_owns(cx, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].ca, id) == 0) {
			*ca = (struct ca_row){ .der = v[i].der,
				.der_len = v[i].der_len,
				.chain = v[i].chain,
				.chain_len = v[i].chain_len };
			return true;
		}
	return false;
}

static void
add_cert(struct reader_object *all, size_t *n, const unsigned char *der, size_t len)
{
	if (*n == 0 || !cert_self_issued(der, len))
		all[(*n)++] = (struct reader_object){ der, len, "what was issued" };
}

/* It, and its issuers without the root, DER. */
static int
issued_certs(struct ctx *cx, const struct issued_row *issued, struct reader_object **out, size_t *n)
{
	IN_TENANT(cx, TENANT_SYSTEM); /* whose the CA is */
	struct reader_object *all;
	struct der above, one, whole;
	struct ca_row ca;

	if (!is_at_hand(cx, issued->ca, &ca) && store_ca_load(cx, issued->ca, &ca) < 0)
		return -1;
	*out = all = arena_new_array(cx->arena, LIMIT_CHAIN + 3, struct reader_object);
	*n = 0;
	add_cert(all, n, issued->der, issued->der_len);
	add_cert(all, n, ca.der, ca.der_len);
	above = der_of(ca.chain, ca.chain_len);
	while (*n < LIMIT_CHAIN + 3 && der_expect_whole(&above, DER_SEQUENCE, &one, &whole) == 0)
		add_cert(all, n, whole.data, whole.len);
	return 0;
}

int
issued_chain(struct ctx *cx, const struct issued_row *issued, const char ***out, size_t *n)
{
	struct reader_object *all;

	if (issued_certs(cx, issued, &all, n) < 0)
		return -1;
	*out = arena_new_array(cx->arena, *n, const char *);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = cert_pem_of_der(cx->arena, all[i].der, all[i].len);
	return 0;
}

/* A submission of this id, or the newest of this request that was issued here. */
static int
find_answered(struct ctx *cx, const char *id, struct submission_row *row)
{
	struct submission_row *list;
	size_t n;

	if (store_submission_load(cx, id, row) == 0)
		return 0;
	if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	if (store_submission_of(cx, id, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (list[i].serial != NULL) {
			*row = list[i];
			return 0;
		}
	err_set(&cx->err, R_NOT_FOUND, "request", "no certificate was issued here to %.40s", id);
	return err_hint(&cx->err, "`certwright request list` shows what was");
}

int
op_issued_answer(struct ctx *cx, struct answer_input *in)
{
	struct submission_row row;
	struct issued_row issued;
	struct reader_object *all;

	if (find_answered(cx, in->request, &row) < 0 || op_issued(cx, &row, &issued) < 0 ||
	    issued_certs(cx, &issued, &all, &in->nissued) < 0)
		return -1;
	in->issued = all;
	in->request = row.request[0] == '\0' ? NULL : arena_strdup(cx->arena, row.request);
	return 0;
}
