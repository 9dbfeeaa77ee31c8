/* The log, revisions, rows and blobs of an export into a new store. */
#include "app/whole/import.h"

static const JsonLimits file_limits = {
  .max_bytes = ONE_FILE_MOST, .max_depth = 64, .max_string_bytes = 64 << 20, .max_values = 64 << 20
};

/* ---- the log ------------------------------------------------------------------------------------------- */

static Err take_entry(Import *im, Cx *cx, Str line) {
  JVal *j;
  Buf leaf = buf_new(cx->arena, 64 * 1024);
  TRY(json_read(cx, line, &file_limits, &j));
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
  TRY(json_read(cx, text, &file_limits, &j));
  JSON_EACH(rev, json_get(j, "revisions")) {
    Buf body = buf_new(cx->arena, 32 << 20);
    TRY(json_canonical(cx, json_get(rev, "body"), &body));
    TRY(ledger_copy_revision(cx, im->s, json_int(rev, "entry", -1), buf_str(&body)));
  }
  return E_OK;
}

static Err take_val(Cx *cx, JVal *j, Val *out) {
  Str bytes = STR_NONE;
  if (yyjson_is_null(j)) *out = v_null();
  else if (yyjson_is_int(j)) *out = v_int(yyjson_get_sint(j));
  else if (yyjson_is_str(j)) *out = v_text(json_str(j));
  else if (yyjson_is_obj(j) && base64_read(cx->arena, json_text(j, "base64"), &bytes)) *out = v_bytes(bytes);
  else return fail(cx, E_INVALID, "a value is neither text, number, null nor base64");
  return E_OK;
}

static Err take_row(Import *im, Str table, JVal *row) {
  Cx *cx = &im->own;
  size_t n = 0;
  Val *vals = NEW_ARRAY(cx->arena, yyjson_arr_size(row) + 1, Val);
  JSON_EACH(v, row) TRY(take_val(cx, v, &vals[n++]));
  return store_table_add(cx, im->s, table, vals, n);
}

static Err same_columns(Cx *cx, Store *s, Str table, JVal *head) {
  Str *names;
  size_t n, i = 0;
  TRY(store_table_columns(cx, s, table, &names, &n));
  JSON_EACH(c, head)
  if (i >= n || !str_eq(json_str(c), names[i++]))
    return fail(cx, E_INVALID, "its columns are not those of this version of Proofline");
  return i == n ? E_OK : fail(cx, E_INVALID, "its columns are not those of this version of Proofline");
}

static Err take_table(Import *im, Str name) {
  Cx *cx = &im->own;
  Str text, line, table = str_slice(name, 7, name.n - 6); /* tables/NAME.jsonl */
  TRY(file_read(cx, import_path(im, name), ONE_FILE_MOST, &text));
  bool first = true;
  while (str_line(&text, &line)) {
    JVal *j;
    ArenaMark mark = arena_mark(cx->arena);
    TRY(json_read(cx, line, &file_limits, &j));
    TRY(first ? same_columns(cx, im->s, table, j) : take_row(im, table, j));
    arena_release(cx->arena, mark);
    first = false;
  }
  return E_OK;
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
