/* A store from a backup: made and verified beside the target, moved there as the last step. */
#include "app/backup/backup.h"
#include "app/whole/whole.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- is it the right one ------------------------------------------------------------------------------- */

static Err open_stream(Cx *cx, const RestoreAsk *ask, const BackupInfo *info, Stream **out) {
  BoxKey key;
  uint8_t secret[32], head[STREAM_HEAD];
  TRY(backup_key_read(cx, ask->key, "secret", secret));
  if (!box_key_of(secret, &key)) return fail(cx, E_INVALID, "%s holds no usable key. Nothing was restored", ask->key);
  Str id = backup_key_id(cx->arena, key.public);
  memcpy(head, info->head.p + info->head.n - STREAM_HEAD, STREAM_HEAD);
  *out = stream_open(cx->arena, &key, head);
  if (*out) return E_OK;
  if (!str_eq(id, info->key_id))
    return fail(cx, E_DENIED, "%s was made for the key %.*s; %s is the key %.*s. Nothing was restored", ask->file,
                STR(info->key_id), ask->key, STR(id));
  return fail(cx, E_UNREADABLE, "%s is damaged: its key cannot be opened. Nothing was restored", ask->file);
}

/* Size and origin of a checkpoint note: its first two lines. */
static bool note_head(Str note, Str *origin, int64_t *size) {
  Str line;
  return str_line(&note, origin) && str_line(&note, &line) && str_int(line, size);
}

/* What was signed after the backup would be lost without a word (security of the log: a restore never rewrites one).
 */
static Err not_older(Cx *cx, const RestoreAsk *ask, const BackupInfo *info, const char *path, bool needed) {
  Str note, origin;
  int64_t size;
  Cx probe = { .arena = cx->arena };
  Err e = file_read(&probe, path, 64 * 1024, &note);
  if (e == E_NOTFOUND && !needed) return E_OK;
  if (e != E_OK) return fail(cx, e, "%.*s", STR(probe.words));
  if (!note_head(note, &origin, &size))
    return fail(cx, E_INVALID, "%s is not a checkpoint. Nothing was restored", path);
  if (!str_eq(origin, info->origin))
    return fail(cx, E_CONFLICT, "%s is of the log %.*s, and the backup of %.*s. Nothing was restored", path,
                STR(origin), STR(info->origin));
  if (size <= info->size || ask->accept_loss) return E_OK;
  return fail(cx, E_STALE,
              "This backup is older than what was signed: it has %lld entries, %s says %lld. Nothing was "
              "restored. Take a newer backup; to go on without the last %lld entries add --accept-loss",
              (long long)info->size, path, (long long)size, (long long)(size - info->size));
}

static Err target_free(Cx *cx, const char *to) {
  if (file_exists(str_fmt(cx->arena, "%s/proofline.db", to).p))
    return fail(cx, E_CONFLICT,
                "There is a store in %s. Nothing was restored. Move it away first, and keep it: mv %s %s.old", to, to,
                to);
  return E_OK;
}

static Err room_for(Cx *cx, const char *where, int64_t bytes) {
  struct statvfs v;
  if (statvfs(where, &v) != 0) return fail(cx, E_IO, "Cannot look at %s: %s", where, strerror(errno));
  if ((uint64_t)v.f_bavail * v.f_frsize > (uint64_t)bytes) return E_OK;
  return fail(cx, E_FULL, "There is no room for %lld MiB in %s. Nothing was restored", (long long)(bytes >> 20),
              where);
}

/* ---- doing it ------------------------------------------------------------------------------------------ */

/* A moment or a number of entries. */
static Err size_asked(Cx *cx, const char *folder, const BackupInfo *info, Str at, int64_t *size) {
  Store *s = NULL;
  *size = info->size;
  if (!at.n) return E_OK;
  if (!str_int(at, size)) {
    TRY(store_open(cx, folder, STORE_READ, &s));
    Err e = app_asof(cx, s, at, size);
    store_close(s);
    TRY(e);
  }
  if (*size < 1 || *size > info->size)
    return fail(cx, E_USAGE,
                "This backup has entries 0 to %lld, up to %.*s: it cannot be restored to %lld entries. Nothing "
                "was restored",
                (long long)info->size - 1, STR(info->upto), (long long)*size);
  return E_OK;
}

/* What is known to have been signed goes along, so that the next epoch states what was lost. */
static Err remember(Cx *cx, const RestoreAsk *ask, const char *folder, const BackupInfo *info) {
  const char *there = str_fmt(cx->arena, "%s/signer/head", ask->to).p, *paths[] = { there, ask->known };
  int64_t most = info->size;
  for (size_t i = 0; i < COUNT(paths); i++) {
    Str note, origin;
    int64_t size;
    if (!paths[i] || !file_exists(paths[i])) continue;
    TRY(file_read(cx, paths[i], 64 * 1024, &note));
    if (!note_head(note, &origin, &size) || size <= most) continue;
    TRY(file_write(cx, str_fmt(cx->arena, "%s/signer/head", folder).p, note, 0600));
    most = size;
  }
  return E_OK;
}

static Err fill(Cx *cx, const RestoreAsk *ask, const char *work, Stream *stream, RestoreDone *done) {
  const char *folder = str_fmt(cx->arena, "%s/store", work).p;
  TRY(folder_make(cx, folder, 0700));
  TRY(backup_unpack(cx, &done->info, stream, folder));
  TRY(backup_verify(cx, folder, &done->info));
  done->root = done->info.root;
  TRY(size_asked(cx, folder, &done->info, ask->at, &done->size));
  if (done->size < done->info.size) TRY(whole_cut(cx, folder, done->size, &done->root));
  if (!ask->to) return E_OK;
  TRY(remember(cx, ask, folder, &done->info));
  /* rmdir takes an empty target away and nothing else */
  (void)rmdir(ask->to);
  if (rename(folder, ask->to) == 0) return E_OK;
  return fail(cx, E_CONFLICT, "%s is not empty. Nothing was restored. Name a folder that is not there yet", ask->to);
}

/* The folder that the target stands in: the move must not cross disks. */
static const char *beside(Cx *cx, const char *to) {
  Str s = str_of(to);
  while (s.n > 1 && s.p[s.n - 1] == '/') s.n--;
  size_t slash = str_rfind_char(s, '/');
  return slash == SIZE_MAX ? "." : str_z(cx->arena, str_slice(s, 0, slash ? slash : 1));
}

Err backup_restore(Cx *cx, const RestoreAsk *ask, RestoreDone *out) {
  Stream *stream = NULL;
  *out = (RestoreDone){ 0 };
  TRY(backup_info(cx, ask->file, &out->info));
  if (ask->to) TRY(target_free(cx, ask->to));
  if (ask->to) TRY(not_older(cx, ask, &out->info, str_fmt(cx->arena, "%s/signer/head", ask->to).p, false));
  if (ask->known) TRY(not_older(cx, ask, &out->info, ask->known, true));
  TRY(open_stream(cx, ask, &out->info, &stream));
  const char *tmp = getenv("TMPDIR"), *where = ask->to ? beside(cx, ask->to) : tmp ? tmp : "/tmp";
  TRY(folder_make(cx, where, 0700));
  TRY(room_for(cx, where, out->info.bytes));
  char *work = str_z(cx->arena, str_fmt(cx->arena, "%s/proofline-restore-XXXXXX", where));
  if (!mkdtemp(work))
    return fail(cx, E_IO, "Cannot make a folder in %s: %s. Nothing was restored", where, strerror(errno));
  Err e = fill(cx, ask, work, stream, out);
  stream_end(stream);
  Cx own = { .arena = cx->arena };
  (void)folder_remove(&own, work);
  return e;
}
