/* An instance from an export.  Nothing of it is believed: leaves make the root, the root is signed, entries name
 * revisions and rows, and at the end what was made is exported again and must be, byte for byte, what was read. */
#include "app/whole/import.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

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

/* What the store remembers of the log was read before the rows of its epochs came. */
static Err open_again(Import *im) {
  store_close(im->s);
  im->s = NULL;
  return store_open(im->cx, im->made, STORE_WRITE, &im->s);
}

static Err fill(Import *im, Str instance) {
  Cx *cx = im->cx;
  Who who = { 0 };
  TRY(store_begin(cx, im->s));
  TRY(ledger_create(cx, im->s, instance));
  TRY(store_commit(cx, im->s));
  TRY(app_migrate(cx, im->s));
  TRY(store_begin(cx, im->s));
  TRY(import_log(im));
  TRY(import_files(im));
  TRY(store_commit(cx, im->s));
  TRY(open_again(im));
  TRY(store_begin(cx, im->s));
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
  Compare c = { .im = im, .bad = faults_new(im->cx->arena) };
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
  Err e = import_source(&im);
  if (e == E_OK) e = folder_files(cx, in->from, &im.files);
  if (e == E_OK) e = import_sums(&im);
  if (e == E_OK) e = target_empty(&im, &aside);
  if (e == E_OK) {
    e = make_it(&im, aside, count);
    Cx own = { .arena = cx->arena };
    if (e != E_OK && file_exists(im.made)) (void)folder_remove(&own, im.made);
  }
  cx_free(&im.own);
  return e;
}
