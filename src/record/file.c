/* Files of a record: the bytes are blobs named by their SHA-256, the revision names them, so that a signature over the
 * revision covers the file too.  A file's name is data: nothing is ever opened by it. */
#include "inside.h"

enum { NAME_BYTES = 255, FILES_MOST = 100 };

/* What may be kept, by the name's ending and what the bytes begin with; without a beginning it is a text. */
static const struct {
  const char *ending, *media, *begins;
  size_t at; /* where it begins */
} kinds[] = {
  { ".pdf", "application/pdf", "%PDF-", 0 },
  { ".png", "image/png", "\x89PNG\r\n\x1a\n", 0 },
  { ".jpg", "image/jpeg", "\xff\xd8\xff", 0 },
  { ".jpeg", "image/jpeg", "\xff\xd8\xff", 0 },
  { ".gif", "image/gif", "GIF8", 0 },
  { ".webp", "image/webp", "WEBP", 8 },
  { ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\x03\x04", 0 },
  { ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\x03\x04", 0 },
  { ".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "PK\x03\x04", 0 },
  { ".odt", "application/vnd.oasis.opendocument.text", "PK\x03\x04", 0 },
  { ".ods", "application/vnd.oasis.opendocument.spreadsheet", "PK\x03\x04", 0 },
  { ".zip", "application/zip", "PK\x03\x04", 0 },
  { ".gz", "application/gzip", "\x1f\x8b", 0 },
  { ".zst", "application/zstd", "\x28\xb5\x2f\xfd", 0 },
  { ".pcap", "application/vnd.tcpdump.pcap", "\xd4\xc3\xb2\xa1", 0 },
  { ".pcapng", "application/x-pcapng", "\x0a\x0d\x0d\x0a", 0 },
  { ".txt", "text/plain", NULL, 0 },
  { ".log", "text/plain", NULL, 0 },
  { ".md", "text/plain", NULL, 0 },
  { ".csv", "text/csv", NULL, 0 },
  { ".tap", "text/plain", NULL, 0 },
  { ".json", "application/json", NULL, 0 },
  { ".sarif", "application/json", NULL, 0 },
  { ".yaml", "text/plain", NULL, 0 },
  { ".yml", "text/plain", NULL, 0 },
  { ".eml", "text/plain", NULL, 0 },
  { ".diff", "text/plain", NULL, 0 },
  { ".patch", "text/plain", NULL, 0 },
  { ".pem", "text/plain", NULL, 0 },
  { ".asc", "text/plain", NULL, 0 },
  { ".xml", "application/octet-stream", NULL, 0 }, /* what a browser could run is given out as bytes only */
  { ".svg", "application/octet-stream", NULL, 0 },
  { ".html", "application/octet-stream", NULL, 0 },
};

static Str known_endings(Cx *cx) {
  Buf b = buf_new(cx->arena, 1024);
  for (size_t i = 0; i < COUNT(kinds); i++) buf_fmt(&b, "%s%s", i ? " " : "", kinds[i].ending);
  return buf_str(&b);
}

static bool begins_with(Str bytes, const char *begins, size_t at) {
  if (!begins) return str_is_utf8(bytes) && str_find_char(bytes, '\0') == SIZE_MAX;
  return bytes.n >= at && str_starts(str_slice(bytes, at, bytes.n), str_of(begins));
}

static bool name_ok(Cx *cx, Str name) {
  if (!str_trim(name).n) problem(cx, S("name"), "required", "is needed");
  else if (name.n > NAME_BYTES) problem(cx, S("name"), "long", "is %zu bytes long; at most %d fit", name.n, NAME_BYTES);
  else if (!str_is_utf8(name) || str_find_char(name, '\0') != SIZE_MAX) problem(cx, S("name"), "utf8", "is not a text");
  else return true;
  return false;
}

Err file_kind(Cx *cx, Str name, Str bytes, Str *media) {
  if (!name_ok(cx, name)) return problems_fail(cx);
  if (bytes.n > FILE_MOST)
    return fail(cx, E_TOO_LARGE, "The file is larger than %d MiB. Nothing was stored", FILE_MOST >> 20);
  if (!bytes.n) return fail(cx, E_INVALID, "The file is empty. Nothing was stored");
  Str lower = str_lower(cx->arena, name), shown = str_head(name, 80);
  for (size_t i = 0; i < COUNT(kinds); i++) {
    if (!str_ends(lower, str_of(kinds[i].ending))) continue;
    if (!begins_with(bytes, kinds[i].begins, kinds[i].at))
      return fail(cx, E_FORMAT, "'%.*s' is not what its name says: its content is no %s. Nothing was stored",
                  STR(shown), kinds[i].begins ? kinds[i].ending + 1 : "UTF-8 text");
    *media = str_of(kinds[i].media);
    return E_OK;
  }
  return fail(cx, E_FORMAT, "'%.*s': files of this kind are not kept. Nothing was stored. Kinds: %.*s", STR(shown),
              STR(known_endings(cx)));
}

const FileRef *record_file(const Record *r, Str sha256_hex) {
  for (size_t i = 0; i < r->files.n; i++)
    if (str_eq(r->files.p[i].sha256, sha256_hex)) return &r->files.p[i];
  return NULL;
}

Str files_text(Cx *cx, const Record *r) {
  Buf b = buf_new(cx->arena, BODY_BYTES);
  for (size_t i = 0; i < r->files.n; i++)
    buf_fmt(&b, "%s%.*s (sha256 %.*s)", i ? ", " : "", STR(r->files.p[i].name), 12, r->files.p[i].sha256.p);
  return buf_str(&b);
}

/* ---- in the body ---------------------------------------------------------------------------------------- */

void files_write(JsonOut *o, const Record *r) {
  if (!r->files.n) return; /* bodies from before there were files keep their hashes */
  json_key(o, "files");
  json_array(o);
  for (size_t i = 0; i < r->files.n; i++) {
    const FileRef *f = &r->files.p[i];
    json_object(o);
    json_pair_int(o, "bytes", f->bytes);
    json_pair(o, "media", f->media);
    json_pair(o, "name", f->name);
    json_pair(o, "sha256", f->sha256);
    json_object_end(o);
  }
  json_array_end(o);
}

void files_read(Arena *a, JVal *body, Record *r) {
  JSON_EACH(j, json_get(body, "files")) {
    FileRef f = { json_text(j, "name"), json_text(j, "sha256"), json_text(j, "media"), json_int(j, "bytes", 0) };
    vec_add(a, &r->files, f);
  }
}

Err files_verify(Cx *cx, Store *s, const Record *r, VerifyReport *report) {
  for (size_t i = 0; i < r->files.n; i++) {
    Cx probe = cx_new((size_t)FILE_MOST * 2);
    Str bytes;
    Err e = blob_get(&probe, s, r->files.p[i].sha256, &bytes);
    if (e == E_OK && !str_eq(hash_hex(probe.arena, sha256(bytes)), r->files.p[i].sha256)) e = E_INTEGRITY;
    cx_free(&probe);
    if (e != E_OK)
      verify_find(cx, report, "file", r->id, "its file %.*s is missing or another", STR(r->files.p[i].sha256));
  }
  return E_OK;
}

/* ---- commands ------------------------------------------------------------------------------------------- */

static Err copy_files(Cx *cx, const Target *t, Str without, Record *out) {
  Record r = record_copy(cx->arena, &t->record);
  r.files.p = NULL;
  r.files.n = r.files.cap = 0;
  for (size_t i = 0; i < t->record.files.n; i++)
    if (!str_eq(t->record.files.p[i].sha256, without)) vec_add(cx->arena, &r.files, t->record.files.p[i]);
  *out = r;
  return E_OK;
}

Err run_attach(Cx *cx, Call *call) {
  Write w;
  Target t;
  Record r;
  FileRef f = { .name = json_text(call->args, "name"), .bytes = (int64_t)call->payload.n };
  TRY(write_open(cx, call, "record.save", &w));
  TRY(edit_open(cx, &w, json_text(call->args, "id"), false, &t));
  TRY(file_kind(cx, f.name, call->payload, &f.media));
  f.sha256 = hash_hex(cx->arena, sha256(call->payload));
  TRY(copy_files(cx, &t, f.sha256, &r));
  if (r.files.n == FILES_MOST)
    return fail(cx, E_CONFLICT, "%.*s has %d files already. Nothing was stored", STR(r.id), FILES_MOST);
  vec_add(cx->arena, &r.files, f);
  TRY(blob_put(cx, call->store, f.sha256, call->payload));
  TRY(edit_close(cx, &w, &t, &r));
  json_pair(call->result, "sha256", f.sha256);
  return E_OK;
}

Err run_detach(Cx *cx, Call *call) {
  Write w;
  Target t;
  Record r;
  Str hash = json_text(call->args, "sha256");
  TRY(write_open(cx, call, "record.save", &w));
  TRY(edit_open(cx, &w, json_text(call->args, "id"), false, &t));
  if (!record_file(&t.record, hash))
    return fail(cx, E_NOTFOUND, "%.*s has no such file. Nothing was changed", STR(t.head.id));
  TRY(reason_given(cx, call->reason));
  TRY(copy_files(cx, &t, hash, &r));
  return edit_close(cx, &w, &t, &r);
}
