/* The files of an export before anything is made of them. */
#include "app/whole/import.h"

enum { NAMED_MOST = 20 };

const char *import_path(Import *im, Str name) {
  return str_fmt(im->own.arena, "%s/%.*s", im->in->from, STR(name)).p;
}

Err import_wrong(Import *im, Str name, Err e) {
  Str why = im->own.words;
  if (why.n && why.p[why.n - 1] == '.') why.n--;
  return fail(im->cx, e == E_NOTFOUND ? E_INVALID : e, "%.*s: %.*s. Nothing was imported", STR(name), STR(why));
}

Faults faults_new(Arena *a) { return (Faults){ .words = buf_new(a, 64 * 1024) }; }

void fault(Faults *f, Str name, const char *how) {
  if (f->n++ < NAMED_MOST) buf_fmt(&f->words, "%s%.*s %s", f->words.n ? "; " : "", STR(name), how);
}

Err faults_fail(Import *im, const Faults *f) {
  if (!f->n) return E_OK;
  return fail(im->cx, E_INTEGRITY, "%zu files are not as they were exported: %.*s. Nothing was imported", f->n,
              STR(buf_str(&f->words)));
}

/* ---- the first file ------------------------------------------------------------------------------------ */

static Err check_key(Import *im, Str key) {
  Str known;
  if (!im->in->key) return E_OK;
  TRY(file_read(im->cx, im->in->key, SOURCE_MOST, &known));
  if (str_eq(str_trim(known), key)) return E_OK;
  return fail(im->cx, E_INTEGRITY, "The export is signed with another key than %s. Nothing was imported",
              im->in->key);
}

Err import_source(Import *im) {
  Cx *cx = im->cx;
  JVal *j;
  Str origin = STR_NONE;
  Hash root;
  Err e = file_read(&im->own, import_path(im, S(WHOLE_SOURCE)), SOURCE_MOST, &im->source);
  if (e == E_NOTFOUND)
    return fail(cx, E_INVALID, "%s is not a whole export: it has no " WHOLE_SOURCE ". Nothing was imported",
                im->in->from);
  if (e == E_OK) e = json_read(&im->own, im->source, &JSON_BODY, &j);
  if (e != E_OK) return import_wrong(im, S(WHOLE_SOURCE), e);
  im->source = str_dup(cx->arena, im->source);
  im->origin = str_dup(cx->arena, json_text(j, "origin"));
  im->sums = str_dup(cx->arena, json_text(j, "sums"));
  im->head.size = json_int(j, "size", -1);
  Str key = str_dup(cx->arena, json_text(j, "key")), note = json_text(j, "checkpoint");
  TreeHead signed_head = { 0 };
  bool good = hash_from_hex(json_text(j, "root"), &root) &&
              ledger_note_ok(cx->arena, key, note, &origin, &signed_head) && str_eq(origin, im->origin) &&
              signed_head.size == im->head.size && hash_eq(signed_head.root, root);
  if (!good)
    return fail(cx, E_INTEGRITY,
                WHOLE_SOURCE ": its checkpoint is not signed by its key, or not of its log. Nothing was "
                             "imported");
  im->head.root = root;
  return check_key(im, key);
}


/* ---- all files -------------------------------------------------------------------------------------- */

static bool file_is(Import *im, Str name, Str hash) {
  Str bytes;
  ArenaMark mark = arena_mark(im->own.arena);
  bool good = file_read(&im->own, import_path(im, name), ONE_FILE_MOST, &bytes) == E_OK &&
              str_eq(hash_hex(im->own.arena, sha256(bytes)), hash);
  cx_forgive(&im->own);
  arena_release(im->own.arena, mark);
  return good;
}

/* Both lists are in the order of names. */
Err import_sums(Import *im) {
  Str text, line;
  Faults f = faults_new(im->cx->arena);
  size_t at = 0;
  cx_reset(&im->own);
  Err e = file_read(&im->own, import_path(im, S(WHOLE_SUMS)), ONE_FILE_MOST, &text);
  if (e != E_OK) return import_wrong(im, S(WHOLE_SUMS), e);
  if (!str_eq(hash_hex(im->own.arena, sha256(text)), im->sums)) fault(&f, S(WHOLE_SUMS), "was changed");
  while (str_line(&text, &line)) {
    Str name = str_slice(line, 66, line.n);
    for (; at < im->files.n && str_cmp(im->files.p[at], name) < 0; at++)
      if (str_find_char(im->files.p[at], '/') != SIZE_MAX)
        fault(&f, im->files.p[at], "does not belong to the export");
    if (at == im->files.n || !str_eq(im->files.p[at], name)) {
      fault(&f, name, "is missing");
      continue;
    }
    if (!file_is(im, name, str_slice(line, 0, 64))) fault(&f, name, "was changed");
    at++;
  }
  for (; at < im->files.n; at++) /* a README beside them is the keeper's own */
    if (str_find_char(im->files.p[at], '/') != SIZE_MAX) fault(&f, im->files.p[at], "does not belong to the export");
  return faults_fail(im, &f);
}
