/* The log, revisions, rows and blobs of an export into a new store. */
#include "app/whole/import.h"


/* ---- the log ------------------------------------------------------------------------------------------- */

static Err take_entry(Import *im, Cx *cx, Str line) {
  JVal *j;
  Buf leaf = buf_new(cx->arena, 64 * 1024);
  TRY(json_read(cx, line, &whole_file_limits, &j));
  TRY(json_canonical(cx, json_get(j, "leaf"), &leaf));
  Str reason = json_text(j, "reason");
  return ledger_copy_entry(cx, im->s, buf_str(&leaf), reason.p ? json_text(j, "salt") : STR_NONE, reason);
}

static Err take_log_file(Import *im, Str name) {
  Str text, line;
  AUTO(Cx) one = cx_new(64u << 20);
  Err e = file_read(&im->own, import_path(im, name), ONE_FILE_MOST, &text);
  if (e != E_OK) return import_wrong(im, name, e);
  for (int64_t n = 1; str_line(&text, &line); n++) {
    cx_reset(&one);
    e = line.n ? take_entry(im, &one, line) : E_OK;
    if (e != E_OK)
      return fail(im->cx, e, "%.*s, line %lld: %.*s. Nothing was imported", STR(name), (long long)n, STR(one.words));
  }
  return E_OK;
}

Err import_log(Import *im) {
  TreeHead head;
  for (size_t i = 0; i < im->files.n; i++) {
    if (!str_starts(im->files.p[i], S("log/"))) continue;
    cx_reset(&im->own);
    TRY(take_log_file(im, im->files.p[i]));
  }
  TRY(ledger_head(im->cx, im->s, &head));
  if (head.size == im->head.size && hash_eq(head.root, im->head.root)) return E_OK;
  if (head.size != im->head.size)
    return fail(im->cx, E_INTEGRITY,
                "log/ has %lld entries, and " WHOLE_SOURCE " says %lld: a file is missing or was changed. "
                "Nothing was imported",
                (long long)head.size, (long long)im->head.size);
  return fail(im->cx, E_INTEGRITY,
              "log/: an entry was changed: its root is not the one that was signed. Nothing was imported");
}


/* ---- records, tables, blobs ---------------------------------------------------------------------------- */

static Err take_record(Import *im, Str name) {
  Str text;
  JVal *j;
  Cx *cx = &im->own;
  TRY(file_read(cx, import_path(im, name), ONE_FILE_MOST, &text));
  TRY(json_read(cx, text, &whole_file_limits, &j));
  JSON_EACH(rev, json_get(j, "revisions")) {
    Buf body = buf_new(cx->arena, 32 << 20);
    TRY(json_canonical(cx, json_get(rev, "body"), &body));
    TRY(ledger_copy_revision(cx, im->s, json_int(rev, "entry", -1), buf_str(&body)));
  }
  return E_OK;
}

static Err take_table(Import *im, Str name) {
  Str text, table = str_slice(name, 7, name.n - 6); /* tables/NAME.jsonl */
  TRY(file_read(&im->own, import_path(im, name), ONE_FILE_MOST, &text));
  return whole_rows_read(&im->own, im->s, table, text);
}

static Err take_blob(Import *im, Str name) {
  Str bytes, hash = str_slice(name, str_rfind_char(name, '/') + 1, name.n);
  TRY(file_read(&im->own, import_path(im, name), ONE_FILE_MOST, &bytes));
  if (!str_eq(hash_hex(im->own.arena, sha256(bytes)), hash))
    return fail(&im->own, E_INTEGRITY, "its content is not what its name says");
  return blob_put(&im->own, im->s, hash, bytes);
}

static Err take_one(Import *im, Str name, Err (*take)(Import *im, Str name)) {
  cx_reset(&im->own);
  Err e = take(im, name);
  return e == E_OK ? E_OK : import_wrong(im, name, e);
}

/* Tables in the order in which their rows may speak of each other. */
Err import_files(Import *im) {
  for (size_t i = 0; i < im->files.n; i++) {
    Str name = im->files.p[i];
    if (str_starts(name, S("records/"))) TRY(take_one(im, name, take_record));
    else if (str_starts(name, S("blobs/"))) TRY(take_one(im, name, take_blob));
  }
  for (size_t i = 0; whole_tables[i]; i++)
    TRY(take_one(im, str_fmt(im->cx->arena, "tables/%s.jsonl", whole_tables[i]), take_table));
  return E_OK;
}
