/*
 * op_pki.c - where others find our CRLs, OCSP answers and CA certificates
 */
#include "base/config.h"
#include "op/ocsp_cache.h"
#include "op/op_pki.h"

int
pki_addresses(struct ctx *cx, struct arena *a, const char *ca, const char **crl, const char **ocsp,
    const char **issuer)
{
	const char *base = cx->config->http_url;

	*crl = *ocsp = *issuer = NULL;
	if (base == NULL && cx->config->nhttp_listen > 0)
		base = arena_printf(a, "http://%s", cx->config->http_listen[0]);
	if (base == NULL)
		return 0;
	*crl = arena_printf(a, "%s/crl/%s.crl", base, ca);
	*ocsp = arena_printf(a, "%s/ocsp/%s", base, ca);
	*issuer = arena_printf(a, "%s/ca/%s.crt", base, ca);
	return 0;
}

void
pki_changed(const char *ca, const char *serial)
{
	ocsp_cache_drop(ca, serial);
	crl_changed(ca);
}
