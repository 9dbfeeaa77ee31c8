/* Which backups stay, and what the log knows of them. */
#include "app/backup/backup.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int newest_first(const void *a, const void *b) {
  return str_cmp(((const BackupInfo *)b)->created, ((const BackupInfo *)a)->created);
}

typedef VEC(BackupInfo) BackupInfos;

static Err list(Cx *cx, const char *to, Str origin, BackupInfos *out) {
  DIR *d = opendir(to);
  if (!d) return fail(cx, E_IO, "Cannot read %s: %s", to, strerror(errno));
  for (const struct dirent *f; (f = readdir(d)) != NULL;) {
    BackupInfo info;
    Cx probe = { .arena = cx->arena };
    if (f->d_name[0] == '.' || !str_ends(str_of(f->d_name), S(".backup"))) continue;
    if (backup_info(&probe, str_fmt(cx->arena, "%s/%s", to, f->d_name).p, &info) != E_OK) continue;
    if (str_eq(info.origin, origin)) vec_add(cx->arena, out, info); /* never another log's */
  }
  (void)closedir(d);
  return E_OK;
}

Err backup_retain(Cx *cx, const char *to, Str origin, int64_t keep, int64_t *dropped) {
  BackupInfos all = { 0 };
  Str month = S("");
  *dropped = 0;
  if (keep <= 0) return E_OK;
  TRY(list(cx, to, origin, &all));
  if (all.n) qsort(all.p, all.n, sizeof *all.p, newest_first);
  for (size_t i = 0; i < all.n; i++) {
    Str mine = str_head(all.p[i].created, 7);
    bool last_of_month = !str_eq(mine, month);
    month = mine;
    if (i < (size_t)keep || last_of_month) continue;
    if (unlink(str_z(cx->arena, all.p[i].path)) != 0)
      return fail(cx, E_IO, "The backup was made, but the old %.*s could not be removed: %s", STR(all.p[i].path),
                  strerror(errno));
    (*dropped)++;
  }
  return E_OK;
}

/* ---- the log ------------------------------------------------------------------------------------------- */

static Err note_run(Cx *cx, Call *call) {
  Hash h;
  int64_t seq;
  Str act = json_text(call->args, "act"), hex = json_text(call->args, "sha256");
  if (!str_eq(act, S("backup.made")) && !str_eq(act, S("backup.tested")))
    problem(cx, S("act"), "choice", "is not known");
  if (!hash_from_hex(hex, &h)) problem(cx, S("sha256"), "hash", "is not a SHA-256 in hexadecimal digits");
  TRY(problems_fail(cx));
  Entry e = { .act = act,
              .actor = call->actor,
              .auth = call->auth,
              .source = call->source,
              .request = call->request,
              .obj = S("backup:store"),
              .to = str_head(json_text(call->args, "to"), 100),
              .new_hash = h,
              .reason = json_text(call->args, "words"),
              .t_us = call->now_us };
  TRY(ledger_append(cx, call->store, &e, &seq));
  json_pair_int(call->result, "seq", seq);
  return E_OK;
}

static const ArgSpec note_args[] = { { "act", ARG_TEXT, true, "backup.made or backup.tested" },
                                     { "sha256", ARG_TEXT, true, "of the backup file" },
                                     { "to", ARG_TEXT, false, "entries of the log that it holds" },
                                     { "words", ARG_TEXT, false, "what it holds, and where it is" } };
const Command backup_command = { "backup.note", note_args, COUNT(note_args),
                                 "backup",      note_run,  "says in the log that a backup was made or tested" };

Err backup_last(Cx *cx, Store *s, BackupNote *out) {
  LogRows rows = { 0 };
  *out = (BackupNote){ 0 };
  TRY(ledger_entries(cx, s, S("backup:store"), INT64_MAX, 0, 1000, &rows));
  for (size_t i = 0; i < rows.n; i++) {
    bool made = str_eq(rows.p[i].act, S("backup.made"));
    if (made && !out->made_us) {
      out->made_us = rows.p[i].t_us;
      out->made = rows.p[i].reason;
    }
    if (!made && !out->tested_us) {
      out->tested_us = rows.p[i].t_us;
      out->tested = rows.p[i].reason;
    }
  }
  return E_OK;
}
