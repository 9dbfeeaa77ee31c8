/* The file of a backup: two lines for everybody, then what only the offline key opens. */
#include "app/backup/backup.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "proofline.backup/1\n"
enum { LINE_MOST = 4096, SEALED_CHUNK = STREAM_CHUNK + STREAM_OVER };

typedef int File;
static void File_drop(int *fd) {
  if (*fd >= 0) (void)close(*fd);
}

/* ---- keys ---------------------------------------------------------------------------------------------- */

Str backup_key_text(Arena *a, const char *kind, const uint8_t key[32]) {
  return str_fmt(a, "proofline-backup-%s/1 %.*s\n", kind, STR(base64(a, (Str){ (const char *)key, 32 })));
}

Str backup_key_id(Arena *a, const uint8_t public[32]) {
  Hash h = sha256((Str){ (const char *)public, 32 });
  return hex_text(a, str_slice(hash_bytes(&h), 0, 8));
}

Err backup_key_read(Cx *cx, const char *path, const char *kind, uint8_t key[32]) {
  Str text = STR_NONE, word, digits, bytes;
  Err e = file_read(cx, path, LINE_MOST, &text);
  if (e != E_OK && e != E_TOO_LARGE) return e;
  cx_forgive(cx); /* too long: some other file, which the words below say */
  (void)str_cut(str_trim(text), ' ', &word, &digits);
  if (str_eq(word, str_fmt(cx->arena, "proofline-backup-%s/1", kind)) && base64_read(cx->arena, digits, &bytes) &&
      bytes.n == 32) {
    memcpy(key, bytes.p, 32);
    return E_OK;
  }
  bool other = str_starts(word, S("proofline-backup-"));
  return fail(cx, E_INVALID,
              other ? "%s is the other half of a backup's key pair; the %s key is wanted here"
                    : "%s is not the %s key of a backup. Keys are made with: proofline backup keygen",
              path, kind);
}

/* ---- the lines that anybody may read ------------------------------------------------------------------- */

static Str lines_of(Cx *cx, const BackupInfo *i) {
  Buf b = buf_new(cx->arena, LINE_MOST);
  JsonOut o = json_out(&b, false);
  buf_z(&b, MAGIC);
  json_object(&o);
  json_pair_int(&o, "bytes", i->bytes);
  json_pair(&o, "created", i->created);
  json_pair(&o, "key", i->key_id);
  json_pair(&o, "origin", i->origin);
  json_pair(&o, "program", S("proofline " APP_VERSION));
  json_pair(&o, "root", i->root);
  json_pair(&o, "schema", S("proofline.backup/1"));
  json_pair_int(&o, "size", i->size);
  json_pair(&o, "upto", i->upto);
  json_object_end(&o);
  buf_byte(&b, '\n');
  return buf_str(&b);
}

static Err not_ours(Cx *cx, const char *path) {
  return fail(cx, E_FORMAT, "%s is not a Proofline backup, or its beginning is damaged. Nothing was restored", path);
}

Err backup_info(Cx *cx, const char *path, BackupInfo *out) {
  AUTO(File) fd = open(path, O_RDONLY | O_CLOEXEC);
  char *p = arena_alloc(cx->arena, LINE_MOST);
  ssize_t got = fd >= 0 ? read(fd, p, LINE_MOST) : -1;
  if (got < 0) return fail(cx, errno == ENOENT ? E_NOTFOUND : E_IO, "Cannot read %s: %s", path, strerror(errno));
  Str all = { p, (size_t)got }, line, rest = all;
  Cx probe = { .arena = cx->arena };
  JVal *j;
  if (!str_starts(all, S(MAGIC))) return not_ours(cx, path);
  rest = str_slice(all, sizeof MAGIC - 1, all.n);
  size_t end = str_find_char(rest, '\n');
  if (end == SIZE_MAX || sizeof MAGIC - 1 + end + 1 + STREAM_HEAD > all.n) return not_ours(cx, path);
  line = str_slice(rest, 0, end);
  if (json_read(&probe, line, &JSON_BODY, &j) != E_OK) return not_ours(cx, path);
  *out = (BackupInfo){ .path = str_of(path),
                       .created = json_text(j, "created"),
                       .origin = json_text(j, "origin"),
                       .root = json_text(j, "root"),
                       .key_id = json_text(j, "key"),
                       .upto = json_text(j, "upto"),
                       .size = json_int(j, "size", -1),
                       .bytes = json_int(j, "bytes", -1),
                       .head = str_slice(all, 0, sizeof MAGIC - 1 + end + 1 + STREAM_HEAD) };
  bool whole = out->created.p && out->origin.p && out->root.p && out->key_id.p && out->size >= 0 && out->bytes >= 0;
  return whole ? E_OK : not_ours(cx, path);
}

/* ---- out ----------------------------------------------------------------------------------------------- */

typedef struct Out {
  const char *path;
  int fd;
  Stream *stream;
  Str about; /* of the next chunk: the head for the first one */
  uint8_t *plain, *sealed;
  size_t n;
} Out;

static Err put_all(Cx *cx, const Out *o, Str bytes) {
  while (bytes.n) {
    ssize_t put = write(o->fd, bytes.p, bytes.n);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0)
      return fail(cx, errno == ENOSPC || errno == EDQUOT ? E_FULL : E_IO, "Cannot write %s: %s. No backup was made",
                  o->path, strerror(errno));
    bytes = str_slice(bytes, (size_t)put, bytes.n);
  }
  return E_OK;
}

static Err put_chunk(Cx *cx, Out *o, bool last) {
  stream_put(o->stream, (Str){ (const char *)o->plain, o->n }, o->about, last, o->sealed);
  Str sealed = { (const char *)o->sealed, o->n + STREAM_OVER };
  o->n = 0;
  o->about = S("");
  return put_all(cx, o, sealed);
}

static Err sink(Cx *cx, void *env, Str bytes) {
  Out *o = env;
  while (bytes.n) {
    size_t take = STREAM_CHUNK - o->n < bytes.n ? STREAM_CHUNK - o->n : bytes.n;
    memcpy(o->plain + o->n, bytes.p, take);
    o->n += take;
    bytes = str_slice(bytes, take, bytes.n);
    if (o->n == STREAM_CHUNK && bytes.n) TRY(put_chunk(cx, o, false));
  }
  return E_OK;
}

Err backup_write(Cx *cx, const char *path, BackupInfo *info, const uint8_t to[32], const PackIn *files, size_t n,
                 Stream **stream) {
  AUTO(File) fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail(cx, E_IO, "Cannot make %s: %s. No backup was made", path, strerror(errno));
  uint8_t head[STREAM_HEAD];
  Out o = { .path = path, .fd = fd, .stream = stream_seal(cx->arena, to, head) };
  if (!o.stream)
    return fail(cx, E_INVALID, "The backup key cannot be used. Make another with: proofline backup keygen");
  info->path = str_of(path);
  info->key_id = backup_key_id(cx->arena, to);
  o.about = info->head = str_fmt(cx->arena, "%.*s", STR(lines_of(cx, info)));
  Buf b = buf_new(cx->arena, LINE_MOST * 2);
  buf_add(&b, o.about);
  buf_add(&b, (Str){ (const char *)head, sizeof head });
  o.about = info->head = buf_str(&b);
  o.plain = arena_alloc(cx->arena, STREAM_CHUNK);
  o.sealed = arena_alloc(cx->arena, SEALED_CHUNK);
  TRY(put_all(cx, &o, info->head));
  TRY(pack_write(cx, files, n, sink, &o));
  TRY(put_chunk(cx, &o, true));
  if (fsync(fd) != 0) return fail(cx, E_IO, "Cannot write %s: %s. No backup was made", path, strerror(errno));
  *stream = o.stream;
  return E_OK;
}

/* ---- in ------------------------------------------------------------------------------------------------ */

typedef struct In {
  const BackupInfo *info;
  int fd;
  Stream *stream;
  Str about;
  uint8_t *plain, *sealed;
  bool ended;
} In;

static Err read_chunk(Cx *cx, In *in, size_t *n) {
  for (*n = 0; *n < SEALED_CHUNK;) {
    ssize_t got = read(in->fd, in->sealed + *n, SEALED_CHUNK - *n);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(cx, E_IO, "Cannot read %.*s: %s", STR(in->info->path), strerror(errno));
    if (got == 0) break;
    *n += (size_t)got;
  }
  return E_OK;
}

static Err source(Cx *cx, void *env, Str *bytes) {
  In *in = env;
  size_t n;
  *bytes = S("");
  if (in->ended) return E_OK;
  TRY(read_chunk(cx, in, &n));
  if (n < STREAM_OVER)
    return fail(cx, E_UNREADABLE, "%.*s was cut: its end is missing. Nothing was restored", STR(in->info->path));
  if (!stream_get(in->stream, (Str){ (const char *)in->sealed, n }, in->about, in->plain, &in->ended))
    return fail(cx, E_UNREADABLE,
                n < SEALED_CHUNK ? "%.*s is damaged: its end was cut off or changed. Nothing was restored"
                                 : "%.*s is damaged: a part of it was changed. Nothing was restored",
                STR(in->info->path));
  in->about = S("");
  *bytes = (Str){ (const char *)in->plain, n - STREAM_OVER };
  char more;
  if (in->ended && read(in->fd, &more, 1) > 0)
    return fail(cx, E_UNREADABLE, "%.*s has something after its end. Nothing was restored", STR(in->info->path));
  return !in->ended && !bytes->n
             ? fail(cx, E_UNREADABLE, "%.*s is damaged: an empty part. Nothing was restored", STR(in->info->path))
             : E_OK;
}

Err backup_unpack(Cx *cx, const BackupInfo *info, Stream *stream, const char *folder) {
  const char *path = str_z(cx->arena, info->path);
  AUTO(File) fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || lseek(fd, (off_t)info->head.n, SEEK_SET) < 0)
    return fail(cx, E_IO, "Cannot read %s: %s", path, strerror(errno));
  In in = { .info = info,
            .fd = fd,
            .stream = stream,
            .about = info->head,
            .plain = arena_alloc(cx->arena, STREAM_CHUNK),
            .sealed = arena_alloc(cx->arena, SEALED_CHUNK) };
  return pack_read(cx, source, &in, folder, (uint64_t)info->bytes);
}
