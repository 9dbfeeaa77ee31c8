/* feedstore.c - the tables of sources and intakes, the commands that fill them, and how they are verified. */
#include "feedstore.sql.h"
#include "vuln/feedstore.h"
#include <string.h>

enum { FACT_BUILT = 3, NFACTS };
static const Fact facts[NFACTS] = { { "source", SQL_SOURCE_FACT_ROWS, SQL_SOURCE_FACT_KEYS },
                                    { "intake", SQL_INTAKE_FACT_ROWS, SQL_INTAKE_FACT_KEYS },
                                    { "bundle-key", SQL_KEY_FACT_ROWS, SQL_KEY_FACT_KEYS },
                                    { "built", SQL_BUILT_FACT_ROWS, SQL_BUILT_FACT_KEYS } };

static Str text(Str s) { return s.n ? s : S(""); }

/* ---- feed.source ---- */

static bool is_name(Str s) {
  for (size_t i = 0; i < s.n; i++)
    if (!is_digit(s.p[i]) && !is_lower(s.p[i]) && s.p[i] != '-') return false;
  return s.n > 0 && s.n <= 40 && s.p[0] != '-';
}

static bool has_control(Str s) {
  for (size_t i = 0; i < s.n; i++)
    if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127) return true;
  return false;
}

static Err source_check(Cx *cx, Str name, const SourceKind *kind, Str kind_name, Str url, Str scope) {
  if (!is_name(name))
    return fail(cx, E_INVALID, "A source is named by small letters, digits and '-': '%.*s' is not",
                STR(str_head(name, 60)));
  if (!kind) {
    Buf b = buf_new(cx->arena, 4096);
    for (size_t i = 0; i < nsource_kinds; i++) buf_fmt(&b, "%s%s", i ? ", " : "", source_kinds[i].name);
    return fail(cx, E_INVALID, "There is no kind of source '%.*s'; there are %.*s", STR(str_head(kind_name, 60)),
                STR(buf_str(&b)));
  }
  if (has_control(url) || has_control(scope) || url.n > 1000 || scope.n > 4000)
    return fail(cx, E_INVALID, "The address or scope of %.*s cannot be used as it is", STR(name));
  bool local = str_eq(kind_name, S("files"));
  if (local ? !str_starts(url, S("/")) : !str_starts(url, S("https://")))
    return fail(cx, E_INVALID,
                local ? "%.*s: say which folder or file, from / on" : "%.*s: only https:// addresses are asked",
                STR(name));
  return E_OK;
}

static Err source_run(Cx *cx, Call *call) {
  Str name = json_text(call->args, "name"), kind_name = json_text(call->args, "kind"),
      url = json_text(call->args, "url"), scope = json_text(call->args, "scope");
  const SourceKind *kind = source_kind(kind_name);
  bool enabled = json_bool(call->args, "enabled", true);
  if (kind && !url.n) url = str_of(kind->url);
  if (kind && !scope.p) scope = str_of(kind->scope);
  TRY(source_check(cx, name, kind, kind_name, url, scope));
  int64_t days = json_int(call->args, "max_age_days", kind->max_age_days), seq;
  if (days < 0 || days > 36500) return fail(cx, E_INVALID, "max_age_days is 0 (no limit) to 36500");
  TRY(store_run(cx, call->store, SQL_SOURCE_PUT,
                ARGS(v_text(name), v_text(kind_name), v_text(url), v_text(text(scope)), v_int(days), v_int(enabled),
                     v_int(call->now_us)),
                NULL));
  Entry e = vuln_entry(call, enabled ? S("feed.source") : S("feed.remove"));
  json_pair(call->result, "source", name);
  return ledger_fact_entry(cx, call->store, &facts[FACT_SOURCE], name, &e, &seq);
}

/* ---- feed.take ---- */

static Err pack_is_there(Cx *cx, const char *folder, Str pack) {
  Hash want;
  AUTO(Mapped) m = { 0 };
  if (!hash_from_hex(pack, &want)) return fail(cx, E_INVALID, "A pack is named by its SHA-256");
  TRY(archive_map(cx, archive_path(cx->arena, folder, pack).p, &m));
  if (!hash_eq(sha256((Str){ m.p, m.n }), want))
    return fail(cx, E_INTEGRITY, "archive/%.*s.pack is not what its name says", STR(pack));
  return E_OK;
}

static Err take_one(Cx *cx, Call *call, JVal *t) {
  Str outcome = json_text(t, "outcome"), pack = text(json_text(t, "pack")), source = json_text(t, "source");
  bool known = str_eq(outcome, S("taken")) || str_eq(outcome, S("unchanged")) || str_eq(outcome, S("refused")) ||
               str_eq(outcome, S("failed"));
  if (!known || !is_name(source)) return fail(cx, E_INVALID, "An intake names its source and what came of it");
  if (pack.n && !str_eq(outcome, S("taken"))) return fail(cx, E_INVALID, "Only what was taken has a pack");
  if (pack.n) TRY(pack_is_there(cx, store_folder(call->store), pack));
  int64_t n, seq;
  TRY(store_int(cx, call->store, SQL_INTAKE_NEXT, NO_ARGS, 1, &n));
  Str id = str_fmt(cx->arena, "INT-%05lld", (long long)n);
  Buf skipped = buf_new(cx->arena, 1 << 20);
  JsonOut o = json_out(&skipped, false);
  if (json_get(t, "skipped")) json_put_val(&o, json_get(t, "skipped"));
  else buf_z(&skipped, "[]");
  int64_t at = json_int(t, "at_us", call->now_us);
  TRY(store_run(cx, call->store, SQL_INTAKE_ADD,
                ARGS(v_int(n), v_text(id), v_text(source), v_text(text(json_text(t, "kind"))), v_text(outcome),
                     v_text(text(json_text(t, "words"))), v_text(text(json_text(t, "origin"))), v_int(at),
                     v_int(json_int(t, "records", 0)), v_int(json_int(t, "rows", 0)), v_int(json_int(t, "fresh", 0)),
                     v_int(json_int(t, "changed", 0)), v_int(json_int(t, "gone", 0)), v_int(json_int(t, "bad", 0)),
                     v_int(json_int(t, "live", 0)), v_text(text(json_text(t, "newest"))),
                     v_text(text(json_text(t, "cursor"))), v_text(pack), v_text(buf_str(&skipped)),
                     v_text(text(json_text(t, "bundle"))), v_int(json_int(t, "bundle_n", 0))),
                NULL));
  Entry e = vuln_entry(call, str_fmt(cx->arena, "feed.%.*s", STR(outcome)));
  return ledger_fact_entry(cx, call->store, &facts[FACT_INTAKE], id, &e, &seq);
}

/* Of which intakes the snapshot was made, so that it can be made again. */
static Err note_built(Cx *cx, Call *call, Str sha) {
  int64_t n, seq;
  Str *names;
  size_t count;
  TRY(store_int(cx, call->store, SQL_BUILT_OF, ARGS(v_text(sha)), -1, &n));
  if (n >= 0) return E_OK;
  TRY(store_int(cx, call->store, SQL_INTAKE_NEXT, NO_ARGS, 1, &n));
  TRY(store_run(cx, call->store, SQL_BUILT_ADD, ARGS(v_text(sha), v_int(n - 1)), NULL));
  TRY(feed_source_names(cx, call->store, &names, &count));
  for (size_t i = 0; i < count; i++)
    TRY(store_run(cx, call->store, SQL_BUILT_SOURCE_ADD, ARGS(v_text(sha), v_text(names[i])), NULL));
  Entry e = vuln_entry(call, S("feed.built"));
  return ledger_fact_entry(cx, call->store, &facts[FACT_BUILT], sha, &e, &seq);
}

static Err take_run(Cx *cx, Call *call) {
  JSON_EACH(t, json_get(call->args, "tries")) TRY(take_one(cx, call, t));
  Str path = json_text(call->args, "path"), sha = json_text(call->args, "sha256");
  if (!path.n) return E_OK;
  TRY(activate_run(cx, call));
  return note_built(cx, call, sha);
}

static Err key_run(Cx *cx, Call *call) {
  Str key = json_text(call->args, "key"), name = json_text(call->args, "name");
  bool trusted = json_bool(call->args, "trusted", true);
  Hash h;
  int64_t seq;
  if (!hash_from_hex(key, &h) || !str_eq(key, str_lower(cx->arena, key)))
    return fail(cx, E_INVALID,
                "A bundle's key is 64 hexadecimal digits; the other site prints it with: proofline feed key");
  TRY(store_run(cx, call->store, SQL_KEY_PUT,
                ARGS(v_text(key), v_text(text(name)), v_int(trusted), v_int(call->now_us)), NULL));
  Entry e = vuln_entry(call, trusted ? S("feed.trust") : S("feed.distrust"));
  return ledger_fact_entry(cx, call->store, &facts[FACT_KEY], key, &e, &seq);
}

static const ArgSpec source_args[] = {
  { "name", ARG_TEXT, true, "small letters, digits, '-'" },
  { "kind", ARG_TEXT, true, "osv, nvd, nvd-feeds, cve, github, kev, epss, csaf, debian, alpine, files" },
  { "url", ARG_TEXT, false, "address; empty: the usual one of its kind" },
  { "scope", ARG_TEXT, false, "what of it: ecosystems, first year, further hosts" },
  { "max_age_days", ARG_INT, false, "a feed whose newest record is older is refused; 0: no limit" },
  { "enabled", ARG_BOOL, false, "no: it is no longer asked, and its advisories leave the next snapshot" },
};
static const ArgSpec take_args[] = {
  { "tries", ARG_LIST, true, "what came of each source" },
  { "path", ARG_TEXT, false, "the snapshot made of the archive with them" },
  { "sha256", ARG_TEXT, false, "of that snapshot" },
};
static const ArgSpec key_args[] = {
  { "key", ARG_TEXT, true, "public key of another site's bundles, 64 hexadecimal digits" },
  { "name", ARG_TEXT, false, "whose it is" },
  { "trusted", ARG_BOOL, false, "no: its bundles are refused from now on" },
};
static const Command source_command = {
  "feed.source",   source_args, COUNT(source_args),
  "feed.activate", source_run,  "Adds, changes or ends a source of advisories"
};
static const Command take_command = {
  "feed.take",     take_args, COUNT(take_args),
  "feed.activate", take_run,  "Records what came from the sources, and takes the snapshot made of it into use"
};
static const Command key_command = { "feed.trust",    key_args,
                                     COUNT(key_args), "feed.activate",
                                     key_run,         "Believes the signed bundles of another site, or no longer" };
const Command *const feed_commands[] = { &source_command, &take_command, &key_command };
const size_t feed_ncommands = COUNT(feed_commands);

/* ---- verifying ---- */

/* Every pack that an intake speaks of lies in the archive and is what its name says. */
static Err derived(Cx *cx, Store *s, VerifyReport *report) {
  AUTO(Rows) r = { 0 };
  Map seen = map_new(cx->arena, 256);
  TRY(store_rows(cx, s, SQL_INTAKE_ALL_PACKS, NO_ARGS, &r));
  for (bool got = true; got;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Str pack = str_dup(cx->arena, row_text(&r, 2));
    if (map_get(&seen, pack) != MAP_NONE) continue;
    map_put(&seen, pack, 1);
    if (pack_is_there(cx, store_folder(s), pack) == E_OK) continue;
    verify_find(cx, report, "archive", str_fmt(cx->arena, "%.*s", STR(row_text(&r, 1))), "%.*s", STR(cx->words));
    cx_forgive(cx);
  }
  return E_OK;
}

static const char *const table_names[] = { "feed_source", "feed_intake", "feed_built", "feed_built_source",
                                           "feed_key" };
const VerifyPart feed_verify_part = {
  "feedstore", facts, NFACTS, derived, table_names, COUNT(table_names), feed_schema, FEED_STEPS
};

/* ---- reading ---- */

Err feed_source_names(Cx *cx, Store *s, Str **names, size_t *n) {
  AUTO(Rows) r = { 0 };
  VEC(Str) list = { 0 };
  TRY(store_rows(cx, s, SQL_INTAKE_SOURCES, NO_ARGS, &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    vec_add(cx->arena, &list, str_dup(cx->arena, row_text(&r, 0)));
  }
  *names = list.p;
  *n = list.n;
  return E_OK;
}

Err pack_fold_file(Cx *cx, const char *folder, Str sha256, Arena *a, ArchiveState *state) {
  Mapped m = { 0 };
  Pack p;
  TRY(archive_map(cx, archive_path(cx->arena, folder, sha256).p, &m));
  Cx own = { .arena = a, .now_us = cx->now_us };
  if (pack_open(&own, (Str){ m.p, m.n }, &p) != E_OK || !str_eq(p.sha256, sha256))
    return fail(cx, E_INTEGRITY, "archive/%.*s.pack is damaged. Nothing was built; restore it from a backup",
                STR(sha256));
  archive_fold(state, &p);
  return E_OK;
}

static Err state_until(Cx *cx, Store *s, Str source, int64_t last, Arena *a, ArchiveState *out) {
  AUTO(Rows) r = { 0 };
  ArchiveState state = archive_state(a);
  TRY(store_rows(cx, s, SQL_INTAKE_PACKS, ARGS(v_text(source), v_int(last)), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    TRY(pack_fold_file(cx, store_folder(s), str_dup(a, row_text(&r, 0)), a, &state));
  }
  *out = state;
  return E_OK;
}

Err source_state(Cx *cx, Store *s, Str source, Arena *a, ArchiveState *out) {
  return state_until(cx, s, source, INT64_MAX, a, out);
}

static void status_take(Cx *cx, Rows *r, FeedStatus *f) {
  f->outcome = str_dup(cx->arena, row_text(r, 0));
  f->words = str_dup(cx->arena, row_text(r, 1));
  f->tried_us = row_int(r, 2);
}

/* The last try that was good: what it left. */
static Err status_good(Cx *cx, Store *s, int64_t n, int64_t since, FeedStatus *f) {
  AUTO(Rows) r = { 0 };
  bool got = false;
  TRY(store_rows(cx, s, SQL_STATUS_TRY, ARGS(v_int(n)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) return E_OK;
  f->good_us = row_int(&r, 2);
  if (n > since) f->cursor = str_dup(cx->arena, row_text(&r, 7));
  return E_OK;
}

static Err status_counts(Cx *cx, Store *s, int64_t n, FeedStatus *f) {
  AUTO(Rows) r = { 0 };
  bool got = false;
  TRY(store_rows(cx, s, SQL_STATUS_TRY, ARGS(v_int(n)), &r));
  TRY(rows_next(cx, &r, &got));
  if (!got) return E_OK;
  f->rows = row_int(&r, 4);
  f->live = row_int(&r, 5);
  return E_OK;
}

static Err status_last(Cx *cx, Store *s, int64_t n, FeedStatus *f) {
  AUTO(Rows) r = { 0 };
  bool got = false;
  TRY(store_rows(cx, s, SQL_STATUS_TRY, ARGS(v_int(n)), &r));
  TRY(rows_next(cx, &r, &got));
  if (got) {
    status_take(cx, &r, f);
    f->bad = row_int(&r, 9);
    f->skipped = str_dup(cx->arena, row_text(&r, 10));
  }
  return E_OK;
}

Err feed_status(Cx *cx, Store *s, Str name, FeedStatuses *out) {
  AUTO(Rows) r = { 0 };
  FeedStatuses list = { 0 };
  TRY(store_rows(cx, s, SQL_STATUS_LIST, ARGS(v_text(text(name))), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    FeedStatus *f = vec_push(cx->arena, &list);
    Str *const texts[] = { &f->name, &f->kind, &f->url, &f->scope };
    for (int i = 0; i < 4; i++) *texts[i] = str_dup(cx->arena, row_text(&r, i));
    f->max_age_days = row_int(&r, 4);
    f->enabled = row_int(&r, 5) == 1;
    f->imported = row_int(&r, 5) == 2;
    int64_t since = row_int(&r, 6);
    TRY(status_last(cx, s, row_int(&r, 7), f));
    TRY(status_good(cx, s, row_int(&r, 8), since, f));
    TRY(status_counts(cx, s, row_int(&r, 9), f));
    TRY(store_text(cx, s, SQL_NEWEST_OF, ARGS(v_text(f->name), v_int(since)), &f->newest));
    int64_t newest;
    f->newest_us = time_parse(f->newest, &newest) ? newest : 0;
    int64_t limit = f->max_age_days * US_PER_DAY;
    f->stale = limit && f->newest_us && cx->now_us - f->newest_us > limit;
  }
  *out = list;
  return E_OK;
}

Err feed_intakes(Cx *cx, Store *s, Str source, size_t limit, FeedIntakes *out) {
  AUTO(Rows) r = { 0 };
  FeedIntakes list = { 0 };
  TRY(store_rows(cx, s, SQL_INTAKE_LIST, ARGS(v_text(text(source)), v_int((int64_t)limit)), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    FeedIntake *i = vec_push(cx->arena, &list);
    Str *const texts[] = { &i->id, &i->source, &i->kind, &i->outcome, &i->words, &i->origin };
    for (int k = 0; k < 6; k++) *texts[k] = str_dup(cx->arena, row_text(&r, k));
    int64_t *const numbers[] = {
      &i->at_us, &i->records, &i->rows, &i->fresh, &i->changed, &i->gone, &i->bad, &i->live
    };
    for (int k = 0; k < 8; k++) *numbers[k] = row_int(&r, 6 + k);
    i->newest = str_dup(cx->arena, row_text(&r, 14));
    i->pack = str_dup(cx->arena, row_text(&r, 15));
    i->skipped = str_dup(cx->arena, row_text(&r, 16));
  }
  *out = list;
  return E_OK;
}

/* ---- again ---- */

Err feed_rebuild(Cx *cx, Store *s, Str sha, const char *out_path, FeedBuild *out) {
  int64_t last;
  TRY(store_int(cx, s, SQL_BUILT_OF, ARGS(v_text(sha)), -1, &last));
  if (last < 0)
    return fail(cx, E_NOTFOUND, "Snapshot %.*s was not made of the archive: it cannot be made again", STR(sha));
  AUTO(Rows) r = { 0 };
  AUTO(Cx) own = cx_new((size_t)8 << 30);
  VEC(const ArchiveState *) states = { 0 };
  TRY(store_rows(cx, s, SQL_BUILT_SOURCES, ARGS(v_text(sha)), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    ArchiveState *state = NEW(own.arena, ArchiveState);
    TRY(state_until(cx, s, str_dup(cx->arena, row_text(&r, 0)), last, own.arena, state));
    vec_add(own.arena, &states, state);
  }
  TRY(archive_build(cx, states.p, states.n, out_path, out));
  if (!str_eq(out->sha256, sha))
    return fail(cx, E_INTEGRITY,
                "The archive gives snapshot %.*s, not %.*s: either was changed, or another version of "
                "Proofline made it",
                STR(out->sha256), STR(sha));
  return E_OK;
}
