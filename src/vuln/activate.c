/* activate.c - which snapshot is in use: copied under its digest, never removed, overwritten only when what lies there
 * is not what its name says. */
#include "vuln.sql.h"
#include "vuln/store_inside.h"
#include <string.h>

enum { SNAPSHOT_MAX_BYTES = 1u << 30 };

static Str file_path(Cx *cx, Store *s, Str file) {
  return str_fmt(cx->arena, "%s/%.*s", store_folder(s), STR(file));
}

Err vuln_snapshots(Cx *cx, Store *s, SnapshotRows *out) {
  AUTO(Rows) r = { 0 };
  SnapshotRows list = { 0 };
  TRY(store_rows(cx, s, SQL_SNAPSHOT_LIST, ARGS(v_int(1000)), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    SnapshotRow *row = vec_push(cx->arena, &list);
    row->sha256 = str_dup(cx->arena, row_text(&r, 0));
    row->path = file_path(cx, s, row_text(&r, 1));
    row->sources = str_dup(cx->arena, row_text(&r, 2));
    row->activated_us = row_int(&r, 3);
    row->current = row_int(&r, 4) != 0;
  }
  *out = list;
  return E_OK;
}

Err vuln_current(Cx *cx, Store *s, SnapshotRow *out) {
  SnapshotRows list;
  TRY(vuln_snapshots(cx, s, &list));
  if (!list.n)
    return fail(cx, E_NOTFOUND,
                "No snapshot of advisories is in use yet; make one with: proofline feed build, then: proofline "
                "feed activate");
  *out = list.p[0];
  return E_OK;
}

/* "OSV 11048 2026-08-21T12:52:54Z", one source per line. */
static Str sources_text(Cx *cx, const Snapshot *snap) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  for (size_t i = 0; i < snapshot_sources(snap); i++) {
    FeedSource f = snapshot_source(snap, i);
    if (i) buf_byte(&b, '\n');
    buf_fmt(&b, "%.*s %lld %.*s", STR(f.name), (long long)f.records, STR(f.newest));
  }
  return buf_str(&b);
}

/* A source that is gone or lost more than a twentieth of its records is a broken feed, not a safer world. */
static Err not_shrunk(Cx *cx, const Snapshot *snap, Str old_sources) {
  for (FeedSource old; source_line(&old_sources, &old);) {
    int64_t now = 0;
    for (size_t i = 0; i < snapshot_sources(snap); i++)
      if (str_eq(snapshot_source(snap, i).name, old.name)) now = snapshot_source(snap, i).records;
    if (now * 20 < old.records * 19)
      return fail(
          cx, E_FEED,
          "%.*s has %lld records, the snapshot in use has %lld; it stays in use.  Check the feed; to take the "
          "smaller one anyway give a reason",
          STR(old.name), (long long)now, (long long)old.records);
  }
  return E_OK;
}

/* Named by its digest, yet perhaps damaged since. */
static bool is_whole(Cx *cx, const char *path, Str sha) {
  AUTO(SnapshotRef) there = NULL;
  if (snapshot_open(cx, path, &there) == E_OK) return str_eq(snapshot_sha256(there), sha);
  cx_forgive(cx);
  return false;
}

static Err place(Cx *cx, Store *s, const char *from, Str sha, Str file) {
  const char *folder = str_fmt(cx->arena, "%s/feeds", store_folder(s)).p;
  Str bytes, to = file_path(cx, s, file);
  TRY(folder_make(cx, folder, 0750));
  if (is_whole(cx, to.p, sha)) return E_OK;
  TRY(file_read(cx, from, SNAPSHOT_MAX_BYTES, &bytes));
  return file_write(cx, to.p, bytes, 0640);
}

Err activate_run(Cx *cx, Call *call) {
  const char *from = str_z(cx->arena, json_text(call->args, "path"));
  AUTO(SnapshotRef) given = NULL;
  AUTO(SnapshotRef) kept = NULL;
  SnapshotRows old;
  int64_t n, seq;
  TRY(snapshot_open(cx, from, &given));
  TRY(vuln_snapshots(cx, call->store, &old));
  if (old.n && !str_trim(call->reason).n) TRY(not_shrunk(cx, given, old.p[0].sources));
  Str sha = str_dup(cx->arena, snapshot_sha256(given)), file = str_fmt(cx->arena, "feeds/%.*s.snap", STR(sha));
  json_pair(call->result, "sha256", sha);
  bool same = old.n && str_eq(old.p[0].sha256, sha);
  json_pair_bool(call->result, "already", same);
  TRY(place(cx, call->store, from, sha, file));
  TRY(snapshot_open(cx, file_path(cx, call->store, file).p, &kept));
  if (!str_eq(snapshot_sha256(kept), sha))
    return fail(cx, E_INTEGRITY, "%.*s is not what its name says; remove it and activate the snapshot again",
                STR(file));
  if (same) return E_OK;
  TRY(store_int(cx, call->store, SQL_SNAPSHOT_NEXT, NO_ARGS, 1, &n));
  Str id = str_fmt(cx->arena, "FEED-%04lld", (long long)n);
  TRY(store_run(cx, call->store, SQL_SNAPSHOT_ADD,
                ARGS(v_text(id), v_text(sha), v_text(file), v_text(sources_text(cx, kept)), v_int(call->now_us)),
                NULL));
  Entry e = vuln_entry(call, S("feed.activate"));
  return ledger_fact_entry(cx, call->store, &vuln_facts[FACT_SNAPSHOT], id, &e, &seq);
}
