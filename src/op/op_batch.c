/*
 * op_batch.c - up to 100 requests at once, each judged for itself (P21)
 */
#include "base/clock.h"
#include "op/op_batch.h"
#include "op/op_csr.h"

static int
missing(struct ctx *cx, const char *field, const char *what)
{
	err_set(&cx->err, R_FIELD_REQUIRED, field, "%s is required", what);
	return err_hint(&cx->err, "each element names its authority and its CSR");
}

/* The CSR of the request here, or the one that was sent. */
static int
submit(struct ctx *cx, struct batch_element *el)
{
	struct request_row r;

	if (el->authority == NULL)
		return missing(cx, "authority", "an authority");
	if (el->request == NULL && el->csr == NULL)
		return missing(cx, "csr", "a CSR");
	if (op_preview_parse(cx, el->authority, el->profile, el->days, NULL, &el->preview) < 0)
		return -1;
	if (el->request == NULL)
		return op_submit(
		    cx, el->csr, strlen(el->csr), &el->preview, &el->words, &el->sheet, &el->row);
	return op_csr_load(cx, el->request, &r) < 0
	    ? -1
	    : op_submit(cx, r.der, r.der_len, &el->preview, &el->words, &el->sheet, &el->row);
}

/* One that cannot be tried any more says so, and not that it is at fault. */
static int
still_possible(struct ctx *cx, size_t wishes)
{
	if (wishes > BATCH_WISHES_MAX) {
		err_set(&cx->err, R_BATCH_FULL, NULL,
		    "those before it had more than %d wishes in all: it was not tried",
		    BATCH_WISHES_MAX);
		return err_hint(&cx->err, "send it in a batch of fewer requests");
	}
	if (clock_monotonic_ms() < cx->deadline_ms)
		return 0;
	err_set(&cx->err, R_BATCH_LATE, NULL, "the time for this batch is over: it was not tried");
	return err_hint(&cx->err, "send it again, in a smaller batch");
}

static bool
is_of_the_key(enum refusal r)
{
	return r == R_IDEMPOTENCY_CLAIMED || r == R_IDEMPOTENCY_OTHER;
}

/* The next one begins as a request of its own does. */
static void
refused(struct ctx *cx, struct batch_element *el, bool claimed)
{
	db_rollback(cx);
	cx->claim.taken = claimed; /* what was rolled back claimed nothing */
	el->err = cx->err;
	if (el->err.kind != ERR_INTERNAL && el->err.kind != ERR_UNAVAILABLE)
		audit_refusal(
		    cx, "request.submit", el->authority == NULL ? "" : el->authority, &el->err);
	err_clear(&cx->err);
}

int
op_batch(struct ctx *cx, struct batch_element *v, size_t n)
{
	bool claimed = false;
	size_t wishes = 0;

	if (n == 0 || n > BATCH_MAX) {
		err_set(&cx->err, R_BATCH_SIZE, "requests",
		    "%zu requests; a batch has 1 to %d, and nothing was done", n, BATCH_MAX);
		return err_hint(&cx->err, "send them in several batches");
	}
	for (size_t i = 0; i < n; i++) {
		struct batch_element *el = &v[i];

		cx->err = el->err;
		if (!err_is_set(&cx->err) && still_possible(cx, wishes) == 0 &&
		    submit(cx, el) == 0) {
			claimed = true;
		} else if (is_of_the_key(cx->err.refusal)) {
			return -1;
		} else {
			refused(cx, el, claimed);
		}
		wishes += el->sheet.n;
	}
	return 0;
}
