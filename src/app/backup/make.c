/* A backup is made of a copy, read back, restored and verified before it gets its name. */
#include "app/backup/backup.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef VEC(PackIn) PackIns;

static Str path_in(Arena *a, const char *folder, const char *name) { return str_fmt(a, "%s/%s", folder, name); }

static Err size_of(Cx *cx, const char *path, int64_t *out) {
  struct stat st;
  if (stat(path, &st) != 0) return fail(cx, E_IO, "Cannot read %s: %s", path, strerror(errno));
  *out = st.st_size;
  return E_OK;
}

/* ---- what goes in -------------------------------------------------------------------------------------- */

static Err add_file(Cx *cx, PackIns *in, BackupInfo *info, Str name, const char *path) {
  int64_t bytes = 0;
  TRY(size_of(cx, path, &bytes));
  info->bytes += bytes;
  PackIn f = { name, path };
  vec_add(cx->arena, in, f);
  return E_OK;
}

static int by_name(const void *a, const void *b) {
  return str_cmp(((const PackIn *)a)->name, ((const PackIn *)b)->name);
}

/* The snapshots that assessments cite; they never change once they have their name. */
static Err add_feeds(Cx *cx, PackIns *in, BackupInfo *info, const char *folder) {
  const char *feeds = path_in(cx->arena, folder, "feeds").p;
  DIR *d = opendir(feeds);
  if (!d) return E_OK;
  Err e = E_OK;
  for (const struct dirent *f; e == E_OK && (f = readdir(d)) != NULL;) {
    struct stat st;
    const char *path = str_fmt(cx->arena, "%s/%s", feeds, f->d_name).p;
    if (f->d_name[0] == '.' || str_ends(str_of(f->d_name), S(".tmp")) || lstat(path, &st) != 0 ||
        !S_ISREG(st.st_mode))
      continue;
    e = add_file(cx, in, info, str_fmt(cx->arena, "feeds/%s", f->d_name), path);
  }
  (void)closedir(d);
  return e;
}

/* The copy is one moment of the store; what the lines say is read from it, not from the store that goes on. */
static Err describe(Cx *cx, const char *copy, BackupInfo *info, Str *note) {
  Store *s = NULL;
  TreeHead head, signed_head;
  LogRows last = { 0 };
  TRY(store_open(cx, copy, STORE_READ, &s));
  Err e = ledger_head(cx, s, &head);
  if (e == E_OK) e = ledger_origin(cx, s, &info->origin);
  if (e == E_OK) e = ledger_last_checkpoint(cx, s, &signed_head, note);
  if (e == E_OK) e = ledger_entries(cx, s, STR_NONE, head.size - 1, head.size - 1, 1, &last);
  info->origin = str_dup(cx->arena, info->origin);
  store_close(s);
  TRY(e);
  if (!note->n) return fail(cx, E_BUSY, "The log is not signed yet. No backup was made. Try again in a moment");
  info->size = head.size;
  info->root = hash_hex(cx->arena, head.root);
  info->upto = last.n ? time_text(cx->arena, last.p[0].t_us) : S("");
  info->created = time_text(cx->arena, cx->now_us);
  return E_OK;
}

static Err gather(Cx *cx, const char *folder, const char *copy, BackupInfo *info, PackIns *in) {
  Store *s = NULL;
  Str note = STR_NONE, key;
  Arena *a = cx->arena;
  TRY(store_open(cx, folder, STORE_READ, &s));
  Err e = store_backup(cx, s, path_in(a, copy, "proofline.db").p);
  store_close(s);
  TRY(e);
  TRY(describe(cx, copy, info, &note));
  TRY(folder_make(cx, path_in(a, copy, "signer").p, 0700));
  TRY(file_read(cx, path_in(a, folder, "signer/key.pub").p, 4096, &key));
  TRY(file_write(cx, path_in(a, copy, "signer/key.pub").p, key, 0600));
  TRY(file_write(cx, path_in(a, copy, "signer/head").p, note, 0600));
  TRY(add_file(cx, in, info, S("proofline.db"), path_in(a, copy, "proofline.db").p));
  TRY(add_file(cx, in, info, S("signer/head"), path_in(a, copy, "signer/head").p));
  TRY(add_file(cx, in, info, S("signer/key.pub"), path_in(a, copy, "signer/key.pub").p));
  const char *settings = path_in(a, folder, "proofline.toml").p;
  if (file_exists(settings)) TRY(add_file(cx, in, info, S("proofline.toml"), settings));
  TRY(add_feeds(cx, in, info, folder));
  qsort(in->p, in->n, sizeof *in->p, by_name);
  return E_OK;
}

/* ---- proving it ---------------------------------------------------------------------------------------- */

Err backup_verify(Cx *cx, const char *folder, const BackupInfo *info) {
  Store *s = NULL;
  VerifyReport report = { 0 };
  Str origin = STR_NONE;
  TRY(store_open(cx, folder, STORE_READ, &s));
  Err e = ledger_origin(cx, s, &origin);
  bool same = e == E_OK && str_eq(origin, info->origin);
  if (e == E_OK) e = ledger_verify(cx, s, app_verify_parts, app_nverify_parts, &report);
  store_close(s);
  TRY(e);
  if (report.findings.n) {
    const Finding *f = &report.findings.p[0];
    return fail(cx, E_INTEGRITY, "The backup %.*s does not verify: %zu findings, the first: %.*s %.*s: %.*s",
                STR(info->path), report.findings.n, STR(f->kind), STR(f->object), STR(f->what));
  }
  if (!same || report.head.size != info->size || !str_eq(hash_hex(cx->arena, report.head.root), info->root))
    return fail(cx, E_INTEGRITY, "The backup %.*s does not hold the log that it says it holds", STR(info->path));
  return E_OK;
}

static Err try_restore(Cx *cx, const BackupInfo *info, const Stream *stream, const char *to) {
  uint8_t head[STREAM_HEAD];
  memcpy(head, info->head.p + info->head.n - STREAM_HEAD, STREAM_HEAD);
  Stream *again = stream_reopen(cx->arena, stream, head);
  if (!again) return fail(cx, E_BUG, "The head of the backup could not be read back");
  TRY(folder_make(cx, to, 0700));
  Err e = backup_unpack(cx, info, again, to);
  stream_end(again);
  TRY(e);
  return backup_verify(cx, to, info);
}

static Err hash_file(Cx *cx, const char *path, Str *hex, int64_t *bytes) {
  FILE *f = fopen(path, "re");
  if (!f) return fail(cx, E_IO, "Cannot read %s: %s", path, strerror(errno));
  Sha256 *h = sha256_new(cx->arena);
  char *chunk = arena_alloc(cx->arena, STREAM_CHUNK);
  *bytes = 0;
  for (size_t n; (n = fread(chunk, 1, STREAM_CHUNK, f)) > 0;) {
    sha256_add(h, (Str){ chunk, n });
    *bytes += (int64_t)n;
  }
  bool good = !ferror(f);
  *hex = hash_hex(cx->arena, sha256_end(h));
  (void)fclose(f);
  return good ? E_OK : fail(cx, E_IO, "Cannot read %s", path);
}

/* "proofline-6f1c2c9e-20261122T084512Z-812.backup": log, time, entries; orders by time. */
static const char *final_name(Cx *cx, const char *to, const BackupInfo *i) {
  Buf time = buf_new(cx->arena, 64);
  Str instance, rest;
  for (size_t k = 0; k < i->created.n && i->created.p[k] != '.'; k++)
    if (i->created.p[k] != '-' && i->created.p[k] != ':') buf_byte(&time, i->created.p[k]);
  (void)str_cut(str_slice(i->origin, str_find_char(i->origin, '/') + 1, i->origin.n), '/', &instance, &rest);
  return str_fmt(cx->arena, "%s/proofline-%.*s-%.*sZ-%lld.backup", to, STR(str_head(instance, 8)),
                 STR(buf_str(&time)), (long long)i->size)
      .p;
}

static Err name_it(Cx *cx, const char *part, const char *to, BackupDone *done) {
  const char *path = final_name(cx, to, &done->info);
  TRY(hash_file(cx, part, &done->sha256, &done->file_bytes));
  if (link(part, path) != 0)
    return fail(cx, errno == EEXIST ? E_CONFLICT : E_IO, "Cannot make %s: %s. No backup was made", path,
                strerror(errno));
  done->info.path = str_of(path);
  return E_OK;
}

static Err make_in(Cx *cx, const char *folder, const char *work, const char *to, BackupDone *done) {
  uint8_t key[32];
  PackIns in = { 0 };
  Stream *stream = NULL;
  Arena *a = cx->arena;
  Err e = backup_key_read(cx, path_in(a, folder, BACKUP_KEY_FILE).p, "public", key);
  if (e == E_NOTFOUND) {
    cx_forgive(cx);
    return fail(cx, E_CONFIG,
                "There is no backup key in %s. Make one, and keep its secret half offline: proofline backup "
                "keygen --out FILE",
                folder);
  }
  TRY(e);
  const char *copy = path_in(a, work, "copy").p, *part = str_fmt(a, "%s/.proofline-%d.part", to, (int)getpid()).p;
  TRY(folder_make(cx, copy, 0700));
  TRY(gather(cx, folder, copy, &done->info, &in));
  (void)unlink(part); /* of a process of the same number that was killed */
  e = backup_write(cx, part, &done->info, key, in.p, in.n, &stream);
  if (e == E_OK) e = folder_remove(cx, copy); /* room for the trial */
  if (e == E_OK) e = try_restore(cx, &done->info, stream, path_in(a, work, "trial").p);
  stream_end(stream);
  if (e == E_OK) e = name_it(cx, part, to, done);
  (void)unlink(part);
  return e;
}

Err backup_make(Cx *cx, const char *folder, const char *to, int64_t keep, BackupDone *out) {
  char *work = str_z(cx->arena, path_in(cx->arena, folder, "backup-XXXXXX"));
  *out = (BackupDone){ 0 };
  if (!file_exists(path_in(cx->arena, folder, "proofline.db").p))
    return fail(cx, E_NOTFOUND, "There is no store in %s", folder);
  TRY(folder_make(cx, to, 0700));
  if (!mkdtemp(work))
    return fail(cx, E_IO, "Cannot make a folder in %s: %s. No backup was made", folder, strerror(errno));
  Err e = make_in(cx, folder, work, to, out);
  Cx own = { .arena = cx->arena };
  Err gone = folder_remove(&own, work);
  TRY(e);
  if (gone != E_OK) return fail(cx, gone, "%.*s", STR(own.words));
  return backup_retain(cx, to, out->info.origin, keep, &out->dropped);
}
