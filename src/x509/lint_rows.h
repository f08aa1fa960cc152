/*
 * lint_rows.h - rows of the lint that look at subject and names, and those of the
 * Baseline Requirements: does it find something?
 */
#pragma once

#include "x509/lint_view.h"

#define LINT_SET_BY "product rule"

/* lint_names.c */
bool	lint_subject_malformed(const struct lint_view *);
bool	lint_country(const struct lint_view *);
bool	lint_subject_long(const struct lint_view *);
bool	lint_nameless(const struct lint_view *);
bool	lint_names_empty(const struct lint_view *);
bool	lint_names_not_critical(const struct lint_view *);
bool	lint_names_critical(const struct lint_view *);
bool	lint_dns(const struct lint_view *);
bool	lint_ip(const struct lint_view *);
bool	lint_text(const struct lint_view *);

/* lint_baseline.c */
bool	lint_life(const struct lint_view *);
bool	lint_life_margin(const struct lint_view *);
bool	lint_unit(const struct lint_view *);
bool	lint_beyond_dv(const struct lint_view *);
bool	lint_cn_apart(const struct lint_view *);
bool	lint_other_names(const struct lint_view *);
bool	lint_internal(const struct lint_view *);
bool	lint_no_server(const struct lint_view *);
bool	lint_other_purposes(const struct lint_view *);
bool	lint_clients(const struct lint_view *);
bool	lint_no_revocation(const struct lint_view *);
bool	lint_no_access(const struct lint_view *);
bool	lint_other_key(const struct lint_view *);
