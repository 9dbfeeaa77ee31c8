/* An instance from an export.  Nothing of it is believed: leaves make the root, the root is signed, entries name
 * revisions and rows, and at the end what was made is exported again and must be, byte for byte, what was read. */
#include "app/whole/folder.h"
#include "app/whole/whole.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ONE_FILE_MOST = 256 << 20, NAMED_MOST = 20, SOURCE_MOST = 64 * 1024 };

typedef struct Import {
  Cx *cx;
  Cx own; /* of one file */
  const WholeImport *in;
  const char *made; /* the new folder, beside the target */
  Str source, origin, request, sums;
  TreeHead head;
  FolderFiles files;
  Store *s;
} Import;

static const JsonLimits file_limits = {
  .max_bytes = ONE_FILE_MOST, .max_depth = 64, .max_string_bytes = 64 << 20, .max_values = 64 << 20
};

static const char *path_of(Import *im, Str name) {
  return str_fmt(im->own.arena, "%s/%.*s", im->in->from, STR(name)).p;
}

static Err wrong(Import *im, Str name, Err e) {
  Str why = im->own.words;
  if (why.n && why.p[why.n - 1] == '.') why.n--;
  return fail(im->cx, e == E_NOTFOUND ? E_INVALID : e, "%.*s: %.*s. Nothing was imported", STR(name), STR(why));
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

static Err read_source(Import *im) {
  Cx *cx = im->cx;
  JVal *j;
  Str origin = STR_NONE;
  Hash root;
  Err e = file_read(&im->own, path_of(im, S(WHOLE_SOURCE)), SOURCE_MOST, &im->source);
  if (e == E_NOTFOUND)
    return fail(cx, E_INVALID, "%s is not a whole export: it has no " WHOLE_SOURCE ". Nothing was imported",
                im->in->from);
  if (e == E_OK) e = json_read(&im->own, im->source, &JSON_BODY, &j);
  if (e != E_OK) return wrong(im, S(WHOLE_SOURCE), e);
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

/* ---- all files, before anything is made of them --------------------------------------------------------- */

typedef struct Faults {
  Buf words;
  size_t n;
} Faults;

static void fault(Faults *f, Str name, const char *how) {
  if (f->n++ < NAMED_MOST) buf_fmt(&f->words, "%s%.*s %s", f->words.n ? "; " : "", STR(name), how);
}

static Err faults_fail(Import *im, const Faults *f) {
  if (!f->n) return E_OK;
  return fail(im->cx, E_INTEGRITY, "%zu files are not as they were exported: %.*s. Nothing was imported", f->n,
              STR(buf_str(&f->words)));
}

static bool file_is(Import *im, Str name, Str hash) {
  Str bytes;
  ArenaMark mark = arena_mark(im->own.arena);
  bool good = file_read(&im->own, path_of(im, name), ONE_FILE_MOST, &bytes) == E_OK &&
              str_eq(hash_hex(im->own.arena, sha256(bytes)), hash);
  cx_forgive(&im->own);
  arena_release(im->own.arena, mark);
  return good;
}

/* Both lists are in the order of names. */
static Err check_sums(Import *im) {
  Str text, line;
  Faults f = { .words = buf_new(im->cx->arena, 64 * 1024) };
  size_t at = 0;
  cx_reset(&im->own);
  Err e = file_read(&im->own, path_of(im, S(WHOLE_SUMS)), ONE_FILE_MOST, &text);
  if (e != E_OK) return wrong(im, S(WHOLE_SUMS), e);
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
  Err e = file_read(&im->own, path_of(im, name), ONE_FILE_MOST, &text);
  if (e != E_OK) return wrong(im, name, e);
  for (int64_t n = 1; str_line(&text, &line); n++) {
    cx_reset(&one);
    e = line.n ? take_entry(im, &one, line) : E_OK;
    if (e != E_OK)
      return fail(im->cx, e, "%.*s, line %lld: %.*s. Nothing was imported", STR(name), (long long)n, STR(one.words));
  }
  return E_OK;
}

static Err take_log(Import *im) {
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
  TRY(file_read(cx, path_of(im, name), ONE_FILE_MOST, &text));
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
  TRY(file_read(cx, path_of(im, name), ONE_FILE_MOST, &text));
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
  TRY(file_read(&im->own, path_of(im, name), ONE_FILE_MOST, &bytes));
  if (!str_eq(hash_hex(im->own.arena, sha256(bytes)), hash))
    return fail(&im->own, E_INTEGRITY, "its content is not what its name says");
  return blob_put(&im->own, im->s, hash, bytes);
}

static Err take_one(Import *im, Str name, Err (*take)(Import *im, Str name)) {
  cx_reset(&im->own);
  Err e = take(im, name);
  return e == E_OK ? E_OK : wrong(im, name, e);
}

/* Tables in the order in which their rows may speak of each other. */
static Err take_files(Import *im) {
  for (size_t i = 0; i < im->files.n; i++) {
    Str name = im->files.p[i];
    if (str_starts(name, S("records/"))) TRY(take_one(im, name, take_record));
    else if (str_starts(name, S("blobs/"))) TRY(take_one(im, name, take_blob));
  }
  for (size_t i = 0; whole_tables[i]; i++)
    TRY(take_one(im, str_fmt(im->cx->arena, "tables/%s.jsonl", whole_tables[i]), take_table));
  return E_OK;
}

/* ---- the new store ------------------------------------------------------------------------------------- */

static Err import_actor(Import *im, Who *out) {
  Cx *cx = im->cx;
  Persons people = { 0 };
  Buf names = buf_new(cx->arena, 8192);
  if (im->in->actor.n && people_who_login(&im->own, im->s, im->in->actor, out) == E_OK) return E_OK;
  cx_forgive(&im->own);
  TRY(people_list(cx, im->s, &people));
  for (size_t i = 0; i < people.n && i < 20; i++) buf_fmt(&names, "%s%.*s", i ? ", " : "", STR(people.p[i].login));
  return fail(cx, E_UNAUTHENTIC,
              "Say who imports: --as LOGIN, one of the people of the export (%.*s). Nothing was imported",
              STR(buf_str(&names)));
}

/* Where this log comes from, and what of it stayed behind. */
static Err log_import(Import *im, const Who *who) {
  Cx *cx = im->cx;
  Hash source = sha256(im->source);
  int64_t t_us, seq, restated;
  cx->now_us = clock_now_us();
  TRY(ledger_clock(cx, im->s, &t_us));
  TRY(blob_put(cx, im->s, hash_hex(cx->arena, source), im->source));
  Entry e = { .act = S("import.all"),
              .actor = who->id,
              .auth = S("local"),
              .source = S("import"),
              .request = im->request,
              .obj = S("import:source"),
              .new_hash = source,
              .t_us = t_us };
  e.reason = str_fmt(cx->arena, "Imported from %.*s, %lld entries, root %.*s. %.*s", STR(im->origin),
                     (long long)im->head.size, STR(hash_hex(cx->arena, im->head.root)), STR(im->in->reason));
  TRY(ledger_append(cx, im->s, &e, &seq));
  e.act = S("import.left");
  e.new_hash = (Hash){ { 0 } };
  e.reason = S("Passwords, second factors and tokens are not part of an export");
  /* Any other fact must be as its last entry says; verify sees to that. */
  for (size_t p = 0; p < app_nverify_parts; p++)
    for (size_t i = 0; i < app_verify_parts[p].nfacts; i++) {
      const Fact *f = &app_verify_parts[p].facts[i];
      bool left = str_eq(str_of(f->name), S("user")) || str_eq(str_of(f->name), S("token"));
      const VerifyPart part = { .facts = f, .nfacts = 1 };
      if (left) TRY(ledger_restate(cx, im->s, &part, 1, &e, &restated));
    }
  return E_OK;
}

static Err fill(Import *im, Str instance) {
  Cx *cx = im->cx;
  Who who = { 0 };
  TRY(store_begin(cx, im->s));
  TRY(ledger_create(cx, im->s, instance));
  TRY(store_commit(cx, im->s));
  TRY(app_migrate(cx, im->s));
  TRY(store_begin(cx, im->s));
  TRY(take_log(im));
  TRY(take_files(im));
  cx_reset(&im->own);
  TRY(import_actor(im, &who));
  TRY(log_import(im, &who));
  TRY(store_commit(cx, im->s));
  int64_t records;
  return record_rebuild(cx, im->s, &records);
}

static Err sign_it(Import *im) {
  Signer signer;
  Str origin;
  TRY(ledger_origin(im->cx, im->s, &origin));
  TRY(signer_create(im->cx, im->made, origin));
  TRY(signer_fork(im->cx, im->made, &signer));
  Err e = ledger_checkpoint(im->cx, im->s, &signer);
  signer_close(&signer);
  return e;
}

/* ---- and out again ------------------------------------------------------------------------------------- */

typedef struct Compare {
  Import *im;
  Faults bad;
} Compare;

static Err compare_file(Cx *cx, void *env, Str name, Str bytes) {
  Compare *c = env;
  ArenaMark mark = arena_mark(cx->arena);
  Cx probe = { .arena = cx->arena };
  Str there = STR_NONE;
  Err e = file_read(&probe, str_fmt(cx->arena, "%s/%.*s", c->im->in->from, STR(name)).p, bytes.n, &there);
  bool same = e == E_OK && str_eq(there, bytes);
  arena_release(cx->arena, mark);
  if (!same) fault(&c->bad, name, "is not what was made of it");
  return E_OK;
}

static Err compare_all(Import *im, WholeCount *count) {
  Compare c = { .im = im, .bad = { .words = buf_new(im->cx->arena, 64 * 1024) } };
  WholeScope scope;
  TRY(whole_scope(im->cx, im->s, im->made, &scope));
  TRY(whole_files(im->cx, im->s, &scope, compare_file, &c, count));
  return faults_fail(im, &c.bad);
}

static Err verify_it(Import *im) {
  VerifyReport report = { 0 };
  TRY(ledger_verify(im->cx, im->s, app_verify_parts, app_nverify_parts, &report));
  if (!report.findings.n) return E_OK;
  const Finding *f = &report.findings.p[0];
  return fail(im->cx, E_INTEGRITY,
              "What the export gives does not verify: %zu findings, the first: %.*s %.*s: %.*s. Nothing "
              "was imported",
              report.findings.n, STR(f->kind), STR(f->object), STR(f->what));
}

/* ---- the target ---------------------------------------------------------------------------------------- */

/* An instance that nobody has used yet is moved aside, not removed: even its few entries are a log. */
static Err target_empty(Import *im, bool *aside) {
  Cx *cx = im->cx;
  Store *s = NULL;
  LogRows rows = { 0 };
  const char *folder = im->in->folder;
  *aside = file_exists(str_fmt(cx->arena, "%s/proofline.db", folder).p);
  if (!*aside) {
    FolderFiles files = { 0 };
    Cx probe = { .arena = cx->arena };
    if (folder_files(&probe, folder, &files) == E_OK && files.n)
      return fail(cx, E_CONFLICT, "%s is not empty. Nothing was imported. Name a folder that is not there yet",
                  folder);
    return E_OK;
  }
  TRY(store_open(cx, folder, STORE_WRITE, &s)); /* E_BUSY while a server runs there */
  Err e = ledger_entries(cx, s, STR_NONE, 0, 100, 101, &rows);
  store_close(s);
  TRY(e);
  bool used = rows.n > 100;
  for (size_t i = 0; i < rows.n; i++)
    used |= !str_starts(rows.p[i].act, S("user.")) && !str_starts(rows.p[i].act, S("session."));
  if (!used) return E_OK;
  return fail(cx, E_CONFLICT,
              "There is an instance in %s that is in use. Nothing was imported. Import into a new folder: "
              "proofline -C DIR import --all %s",
              folder, im->in->from);
}

static Err keep_settings(Import *im, bool from_there) {
  Str text = STR_NONE;
  Cx *cx = im->cx;
  if (from_there && file_read(cx, str_fmt(cx->arena, "%s/proofline.toml", im->in->folder).p, 1 << 20, &text) != E_OK)
    cx_forgive(cx);
  if (!text.n)
    text = str_fmt(cx->arena,
                   "# Settings of this Proofline data folder.  List them with: proofline config\ncli_user = "
                   "\"%.*s\"\n",
                   STR(im->in->actor));
  return file_write(cx, str_fmt(cx->arena, "%s/proofline.toml", im->made).p, text, 0600);
}

static Err move_there(Import *im, bool aside) {
  Cx *cx = im->cx;
  const char *to = im->in->folder, *old = str_fmt(cx->arena, "%s.empty-%.*s", to, 8, im->request.p).p;
  if (aside && rename(to, old) != 0) return fail(cx, E_IO, "Cannot move %s to %s: %s", to, old, strerror(errno));
  if (!aside) (void)rmdir(to);
  if (rename(im->made, to) == 0) return E_OK;
  return fail(cx, E_IO, "Cannot move %s to %s: %s. Nothing was imported", im->made, to, strerror(errno));
}

static Str instance_name(Cx *cx) {
  uint8_t b[16];
  random_bytes(b, sizeof b);
  b[6] = (uint8_t)((b[6] & 0x0F) | 0x40);
  b[8] = (uint8_t)((b[8] & 0x3F) | 0x80);
  Str h = hex_text(cx->arena, (Str){ (const char *)b, sizeof b });
  return str_fmt(cx->arena, "%.*s-%.*s-%.*s-%.*s-%.*s", 8, h.p, 4, h.p + 8, 4, h.p + 12, 4, h.p + 16, 12, h.p + 20);
}

static Err make_it(Import *im, bool aside, WholeCount *count) {
  TRY(store_open(im->cx, im->made, STORE_CREATE, &im->s));
  Err e = fill(im, instance_name(im->cx));
  if (e == E_OK) e = sign_it(im);
  if (e == E_OK) e = compare_all(im, count);
  if (e == E_OK) e = verify_it(im);
  store_close(im->s);
  TRY(e);
  TRY(keep_settings(im, aside));
  return move_there(im, aside);
}

Err whole_import(Cx *cx, const WholeImport *in, WholeCount *count) {
  Import im = { .cx = cx, .in = in, .request = random_hex(cx->arena, 8) };
  bool aside;
  im.own = cx_new((size_t)1 << 30);
  im.made = str_fmt(cx->arena, "%s.import-%.*s", in->folder, 8, im.request.p).p;
  Err e = read_source(&im);
  if (e == E_OK) e = folder_files(cx, in->from, &im.files);
  if (e == E_OK) e = check_sums(&im);
  if (e == E_OK) e = target_empty(&im, &aside);
  if (e == E_OK) {
    e = make_it(&im, aside, count);
    Cx own = { .arena = cx->arena };
    if (e != E_OK && file_exists(im.made)) (void)folder_remove(&own, im.made);
  }
  cx_free(&im.own);
  return e;
}
