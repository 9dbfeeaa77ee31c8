/* scenario.c - a fixed row of writes by one process that is the writer, for crash and fault tests.
 *
 *   scenario make FOLDER           a company
 *   scenario run FOLDER            the row; after each acknowledged command a line on standard output:
 *                                  request, and for records id, revision, hash, state
 *   scenario check FOLDER ACKS     opens the store as a writer does after a crash, verifies it, and looks up what was
 *                                  acknowledged; the last line tells how many were found
 * `run` goes on after a refusal, and ends when the writer does. */
#include "app/app.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct World {
  Cx cx;
  const char *folder;
  AppWriter app;
  WriterHooks hooks;
  Settings set;
  Writer *writer;
  Str person;
  int refused;
} World;

static Err world_open(World *w, const char *folder) {
  *w = (World){ .cx = cx_new((size_t)1 << 30), .folder = folder, .app = { .folder = folder } };
  TRY(app_start(&w->cx));
  w->hooks = app_writer_hooks(&w->app);
  return E_OK;
}

static Err make(World *w) {
  AppInit init = { .company = S("Crash"), .login = S("crash"), .name = S("Crash") };
  return app_init(&w->cx, w->folder, &init);
}

static Err connect(World *w) {
  Who who;
  TRY(app_settings(&w->cx, w->folder, &w->set));
  TRY(writer_connect(&w->cx, w->folder, &w->set, &w->hooks, &w->writer));
  TRY(people_who_login(&w->cx, writer_store(w->writer), S("crash"), &who));
  w->person = who.id;
  return E_OK;
}

/* ---- run -------------------------------------------------------------------------------------------------------- */

static void tell(Str line) {
  ssize_t n = write(1, line.p, line.n);
  if (n != (ssize_t)line.n) _exit(70);
}

static Err acknowledge(World *w, Str request, const Answer *a) {
  Cx *cx = &w->cx;
  JVal *result;
  TRY(json_read(cx, a->result_json, &JSON_BODY, &result));
  tell(str_fmt(cx->arena, "%.*s %.*s %lld %.*s %.*s\n", STR(request), STR(json_text(result, "id")),
               (long long)json_int(result, "rev", 0), STR(json_text(result, "hash")),
               STR(json_text(result, "state"))));
  return E_OK;
}

static void refuse(World *w) {
  w->refused++;
  (void)fprintf(stderr, "refused: %.*s\n", STR(w->cx.words));
  cx_forgive(&w->cx);
}

static void ask(World *w, const char *command, const char *reason, Str args) {
  Cx *cx = &w->cx;
  Ask one = { str_of(command), w->person, S("local"), S("cli"), random_hex(cx->arena, 8), str_of(reason), args, STR_NONE };
  Answer a = { 0 };
  Err e = writer_ask(cx, w->writer, &one, 1, &a);
  if (e == E_OK) e = answer_result(cx, &a);
  if (e == E_OK) e = acknowledge(w, one.request, &a);
  if (e != E_OK) refuse(w);
}

static void records(World *w, int i) {
  Arena *a = w->cx.arena;
  ask(w, "record.new", "", str_fmt(a, "{\"type\":\"control\",\"id\":\"C-%d\",\"input\":{\"title\":\"Counter in each "
                                      "frame\",\"kind\":\"design\"}}", i));
  ask(w, "record.new", "", str_fmt(a, "{\"type\":\"threat\",\"id\":\"T-%d\",\"input\":{\"title\":\"Order altered\","
                                      "\"category\":\"attack\",\"stride\":\"tampering\",\"targets\":[\"E-1\"],\"mitigated_by\":[\"C-%d\"]}}", i, i));
  ask(w, "record.save", "", str_fmt(a, "{\"id\":\"T-%d\",\"base\":1,\"input\":{\"path\":\"Over the radio %d\"}}", i, i));
  ask(w, "record.save", "", str_fmt(a, "{\"id\":\"C-%d\",\"base\":1,\"input\":{\"description\":\"A MAC\"}}", i));
  ask(w, "record.save", "", str_fmt(a, "{\"id\":\"T-%d\",\"base\":1,\"input\":{\"path\":\"stale\"}}", i));
  ask(w, "record.step", "", str_fmt(a, "{\"id\":\"T-%d\",\"base\":2,\"step\":\"submit\"}", i));
  ask(w, "record.unlink", "not so in this version", str_fmt(a, "{\"id\":\"T-%d\",\"link\":\"mitigated_by\",\"to\":\"C-%d\"}", i, i));
}

static const char sbom[] =
    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"version\":1,\"metadata\":{\"component\":{\"type\":\"firmware\","
    "\"name\":\"pump\",\"version\":\"1.%d\"}},\"components\":[{\"type\":\"library\",\"name\":\"zlib\",\"version\":\"1.2.1%d\","
    "\"purl\":\"pkg:generic/zlib@1.2.1%d\"}]}";

static void import(World *w, int i) {
  Cx *cx = &w->cx;
  AppImport done;
  SbomImport what = { .product = S("P-1"), .name = str_fmt(cx->arena, "pump %d", i), .file = S("pump.json") };
  Ask who = { .actor = w->person, .auth = S("local"), .source = S("cli"), .request = random_hex(cx->arena, 8) };
  Str bytes = str_fmt(cx->arena, sbom, i, i, i);
  Err e = app_import_sbom(cx, w->writer, writer_store(w->writer), &w->set, bytes, &what, &who, &done);
  if (e == E_OK) tell(str_fmt(cx->arena, "sbom %.*s 0  \n", STR(done.sbom)));
  else refuse(w);
}

enum { ROUNDS = 14 };

static Err run(World *w) {
  TRY(connect(w));
  ask(w, "record.new", "", S("{\"type\":\"product\",\"id\":\"P-1\",\"input\":{\"title\":\"Pump\",\"intended_use\":\"x\"}}"));
  ask(w, "record.new", "", S("{\"type\":\"element\",\"id\":\"E-1\",\"input\":{\"title\":\"Radio\",\"kind\":\"process\"}}"));
  for (int i = 0; i < ROUNDS; i++) {
    records(w, i);
    if (i % 3 == 0) import(w, i);
  }
  Buf b = buf_new(w->cx.arena, 1 << 16);
  for (int i = 0; i < 20; i++)
    buf_fmt(&b, "%s{\"id\":\"L-%d\",\"type\":\"threat\",\"input\":{\"title\":\"Loaded\",\"category\":\"misuse\"}}", i ? "," : "", i);
  ask(w, "record.load", "", str_fmt(w->cx.arena, "{\"rows\":[%.*s]}", STR(buf_str(&b))));
  Err e = app_finish(&w->cx, writer_store(w->writer), &w->app);
  if (e != E_OK) refuse(w);
  writer_close(w->writer);
  tell(str_fmt(w->cx.arena, "end %d\n", w->refused));
  return E_OK;
}

/* ---- check ------------------------------------------------------------------------------------------------------ */

typedef struct Log { Map requests; LogRows rows; } Log;

static Err log_read(World *w, Store *s, Log *out) {
  TreeHead head;
  TRY(ledger_head(&w->cx, s, &head));
  out->requests = map_new(w->cx.arena, 256);
  if (!head.size) return E_OK;
  TRY(ledger_entries(&w->cx, s, STR_NONE, 0, head.size - 1, (size_t)head.size, &out->rows));
  for (size_t i = 0; i < out->rows.n; i++) map_put(&out->requests, out->rows.p[i].request, i);
  return E_OK;
}

static Err check_line(World *w, Store *s, const Log *log, Str line) {
  Cx *cx = &w->cx;
  Str part[5], rest = line;
  for (size_t i = 0; i < COUNT(part); i++)
    if (!str_cut(rest, ' ', &part[i], &rest)) { part[i] = rest; rest = S(""); }
  int64_t rev = 0;
  if (str_eq(part[0], S("sbom"))) {
    SbomInfo found;
    return supply_sbom(cx, s, part[1], &found);
  }
  if (map_get(&log->requests, part[0]) == MAP_NONE)
    return fail(cx, E_INTEGRITY, "acknowledged and not in the log: %.*s", STR(line));
  if (!str_int(part[2], &rev) || !rev || !part[3].n) return E_OK;
  Revision v;
  TRY(ledger_revision(cx, s, part[1], rev, &v));
  if (!str_eq(hash_hex(cx->arena, v.hash), part[3])) return fail(cx, E_INTEGRITY, "another content: %.*s", STR(line));
  return E_OK;
}

static Err verified(World *w, Store *s) {
  VerifyReport report = { 0 };
  TRY(ledger_verify(&w->cx, s, app_verify_parts, app_nverify_parts, &report));
  for (size_t i = 0; i < report.findings.n; i++)
    (void)printf("finding: %.*s %.*s: %.*s\n", STR(report.findings.p[i].kind), STR(report.findings.p[i].object),
                 STR(report.findings.p[i].what));
  return report.findings.n ? fail(&w->cx, E_INTEGRITY, "verify found %zu", report.findings.n) : E_OK;
}

static Err check(World *w, const char *acks) {
  Str all, line;
  Log log = { 0 };
  int lines = 0;
  TRY(file_read(&w->cx, acks, 1 << 24, &all));
  TRY(connect(w));
  Store *s = writer_store(w->writer);
  ask(w, "record.new", "", S("{\"type\":\"threat\",\"input\":{\"title\":\"After it\",\"category\":\"misuse\"}}"));
  if (w->refused) return fail(&w->cx, E_INTEGRITY, "the store takes no record any more");
  TRY(app_finish(&w->cx, s, &w->app));
  TRY(log_read(w, s, &log));
  while (str_cut(all, '\n', &line, &all)) {
    if (str_starts(line, S("end "))) continue;
    TRY(check_line(w, s, &log, line));
    lines++;
  }
  TRY(verified(w, s));
  writer_close(w->writer);
  (void)printf("%d acknowledged, all there\n", lines);
  return E_OK;
}

int main(int argc, char **argv) {
  static World w;
  if (argc < 3) return err_exit(E_USAGE);
  Err e = world_open(&w, argv[2]);
  if (e == E_OK && strcmp(argv[1], "make") == 0) e = make(&w);
  else if (e == E_OK && strcmp(argv[1], "run") == 0) e = run(&w);
  else if (e == E_OK && strcmp(argv[1], "check") == 0 && argc > 3) e = check(&w, argv[3]);
  if (e != E_OK) (void)fprintf(stderr, "%.*s\n", STR(w.cx.words));
  return err_exit(e);
}
