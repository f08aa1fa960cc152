/*
 * op_pki.c - where others find our CRLs, OCSP answers and CA certificates
 */
#include "base/config.h"
#include "base/text.h"
#include "op/ocsp_cache.h"
#include "op/op_pki.h"
#include "store/store.h"

const char *
pki_base(struct ctx *cx, struct arena *a)
{
	if (cx->config->http_url != NULL)
		return cx->config->http_url;
	return cx->config->nhttp_listen == 0
	    ? NULL
	    : arena_printf(a, "http://%s", cx->config->http_listen[0]);
}

const char *
pki_crl_address(struct arena *a, const char *base, const struct crl_which *w)
{
	const char *delta = w->delta ? ".delta" : "";

	return w->shard == 0
	    ? arena_printf(a, "%s/crl/%s%s.crl", base, w->ca, delta)
	    : arena_printf(a, "%s/crl/%s.%lld%s.crl", base, w->ca, (long long)w->shard, delta);
}

bool
pki_crl_path(const char *path, char ca[ID_SIZE], struct crl_which *w)
{
	static const char before[] = "/crl/";
	const char *p = path + strlen(before);
	char *end;

	*w = (struct crl_which){ .ca = ca };
	if (!text_starts(path, before) || strlen(p) < ID_SIZE)
		return false;
	memcpy(ca, p, ID_SIZE - 1);
	ca[ID_SIZE - 1] = '\0';
	p += ID_SIZE - 1;
	if (p[0] == '.' && p[1] >= '1' && p[1] <= '9') {
		w->shard = strtol(p + 1, &end, 10);
		p = end;
	}
	if ((w->delta = text_starts(p, ".delta.")))
		p += strlen(".delta");
	return id_valid(ca) && w->shard <= SHARDS_MAX && strcmp(p, ".crl") == 0;
}

int
pki_addresses(struct ctx *cx, struct arena *a, const char *ca, const char **crl, const char **ocsp,
    const char **issuer)
{
	const char *base = pki_base(cx, a);

	*crl = *ocsp = *issuer = NULL;
	if (base == NULL)
		return 0;
	*crl = pki_crl_address(a, base, &(struct crl_which){ .ca = ca });
	*ocsp = arena_printf(a, "%s/ocsp/%s", base, ca);
	*issuer = arena_printf(a, "%s/ca/%s.crt", base, ca);
	return 0;
}

void
pki_changed(const char *ca, const char *serial, int64_t shard)
{
	ocsp_cache_drop(ca, serial);
	crl_changed(ca, shard);
}
