/* decision.c - whether a statement names a package, what was said at a moment, and what has changed since. */
#include "vuln/decision.h"
#include "decision.sql.h"
#include "vuln/store_inside.h"

Err vuln_verdict_at(Cx *cx, Store *s, int64_t pkgver, Str vuln, int64_t t_us, VerdictRow *out, bool *found) {
  AUTO(Rows) r = { 0 };
  bool got = false;
  TRY(store_rows(cx, s, SQL_CHANGE_AT, ARGS(v_int(pkgver), v_text(vuln), v_int(t_us)), &r));
  TRY(rows_next(cx, &r, &got));
  if (got) *out = verdict_row(cx->arena, &r);
  *found = got;
  return E_OK;
}

Err vuln_changed_in(Cx *cx, Store *s, Str run, VulnIds *out) {
  AUTO(Rows) r = { 0 };
  VulnIds list = { 0 };
  TRY(store_rows(cx, s, SQL_CHANGE_VULNS, ARGS(v_text(run)), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    vec_add(cx->arena, &list, str_dup(cx->arena, row_text(&r, 0)));
  }
  *out = list;
  return E_OK;
}

/* ---- whose package ------------------------------------------------------------------------------------- */

static bool qualifiers_agree(const Purl *statement, const Purl *have) {
  for (size_t i = 0; i < statement->nqualifiers; i++) {
    const PurlQualifier *q = &statement->qualifier[i];
    bool same = false;
    for (size_t k = 0; k < have->nqualifiers && !same; k++)
      same = str_eq(have->qualifier[k].key, q->key) && str_eq(have->qualifier[k].value, q->value);
    if (!same) return false;
  }
  return true;
}

static bool purls_match(const Purl *statement, const Purl *have) {
  return str_eq(statement->type, have->type) && str_eq(statement->ns, have->ns) &&
         str_eq(statement->name, have->name) &&
         (!statement->version.n || str_eq(statement->version, have->version)) && qualifiers_agree(statement, have);
}

static bool is_purl(Str s) { return str_starts(s, S("pkg:")); }

/* "openssl 3.0.11", "openssl@3.0.11" or "openssl". */
static bool words_match(Str words, Str name, Str version) {
  Str head, rest = STR_NONE;
  if (!name.n) return false;
  if (str_eq_nocase(words, name)) return true;
  if (words.n <= name.n || !str_eq_nocase(str_slice(words, 0, name.n), name)) return false;
  head = str_slice(words, name.n, words.n);
  if (*head.p != ' ' && *head.p != '@') return false;
  rest = str_trim(str_slice(head, 1, head.n));
  return str_eq(rest, version);
}

bool package_matches(Cx *cx, Str statement, Str purl, Str name, Str version) {
  Cx probe = { .arena = cx->arena };
  Purl want, have;
  statement = str_trim(statement);
  if (!statement.n) return false;
  if (!is_purl(statement)) return words_match(statement, name, version) || str_eq(statement, purl);
  if (purl_read(&probe, statement, &want) != E_OK) return false;
  if (!purl.n) return words_match(want.name, name, version) && (!want.version.n || str_eq(want.version, version));
  return purl_read(&probe, purl, &have) == E_OK && purls_match(&want, &have);
}

/* The same without the versions: the decision speaks of this package, perhaps of another version of it. */
bool package_same_identity(Cx *cx, Str statement, Str purl, Str name) {
  Cx probe = { .arena = cx->arena };
  Purl want, have;
  if (is_purl(statement) && purl.n && purl_read(&probe, statement, &want) == E_OK &&
      purl_read(&probe, purl, &have) == E_OK) {
    want.version = STR_NONE;
    return purls_match(&want, &have);
  }
  Str head = STR_NONE, rest;
  (void)str_cut(statement, '@', &head, &rest);
  return package_matches(cx, head, purl, name, STR_NONE);
}

/* ---- what has changed since ---------------------------------------------------------------------------- */

static Str tenths(Arena *a, int x10) { return x10 < 0 ? S("unscored") : str_fmt(a, "%d.%d", x10 / 10, x10 % 10); }

static void compare(Cx *cx, const VerdictRow *then, const VerdictRow *now, Triggers *out) {
  Arena *a = cx->arena;
  if (now->kev && !then->kev)
    vec_add(a, out, (Trigger){ "kev", S("it is now on the list of known exploited vulnerabilities") });
  if (now->epss_x1e9 - (then->epss_x1e9 < 0 ? 0 : then->epss_x1e9) >= EPSS_JUMP_X1E9)
    vec_add(a, out,
            (Trigger){ "epss", str_fmt(a, "EPSS rose from %lld %% to %lld %%",
                                       (long long)((then->epss_x1e9 < 0 ? 0 : then->epss_x1e9) / 10000000),
                                       (long long)(now->epss_x1e9 / 10000000)) });
  if (now->cvss_x10 != then->cvss_x10)
    vec_add(a, out,
            (Trigger){ "score", str_fmt(a, "its score changed from %.*s to %.*s", STR(tenths(a, then->cvss_x10)),
                                        STR(tenths(a, now->cvss_x10))) });
  if (now->outcome != then->outcome || !str_eq(now->fixed, then->fixed))
    vec_add(a, out, (Trigger){ "range", str_fmt(a, "the advisory's versions changed: %.*s", STR(now->reason)) });
}

Err verdict_triggers(Cx *cx, Store *s, const VerdictRow *now, int64_t decided_us, int32_t valid_until, int32_t today,
                     Triggers *out) {
  VerdictRow then = { 0 };
  Triggers list = { 0 };
  bool found = false;
  if (valid_until && valid_until < today)
    vec_add(cx->arena, &list,
            (Trigger){ "expired", str_fmt(cx->arena, "it was to be looked at again by %.*s",
                                          STR(date_text(cx->arena, valid_until))) });
  if (!now->active) vec_add(cx->arena, &list, (Trigger){ "retracted", S("the advisory is no longer said to apply") });
  TRY(vuln_verdict_at(cx, s, now->pkgver, now->vuln, decided_us, &then, &found));
  if (found && now->active && then.active) compare(cx, &then, now, &list);
  *out = list;
  return E_OK;
}

Err score_changes(Cx *cx, Store *s, Str vuln, ScoreChanges *out) {
  AUTO(Rows) r = { 0 };
  ScoreChanges list = { 0 };
  TRY(store_rows(cx, s, SQL_CHANGE_SCORES, ARGS(v_text(vuln)), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    const ScoreChange *last = list.n ? &list.p[list.n - 1] : NULL;
    ScoreChange c = { row_int(&r, 0), (int)row_int(&r, 1), row_int(&r, 2) != 0, row_int(&r, 3) };
    if (!last || last->cvss_x10 != c.cvss_x10 || last->kev != c.kev || last->epss_x1e9 != c.epss_x1e9)
      vec_add(cx->arena, &list, c);
  }
  *out = list;
  return E_OK;
}
