/* A small model through everything that the engine promises. */
#include "fixture.h"
#include <time.h>

static int open_small(void **state) { *state = bench_open(ROWS(small_model)); return 0; }
static int close_small(void **state) { bench_close(*state); return 0; }

static bool says(const Bench *b, const char *words) {
  return str_find(b->cx.words, str_of(words)) != SIZE_MAX;
}

static Record get(Bench *b, const char *id, int64_t rev) {
  Record r = { 0 };
  cx_forgive(&b->cx);
  bench_ok(b, record_get(&b->cx, b->s, str_of(id), rev, &r));
  return r;
}

static void make_threat(Bench *b, const char *id) {
  bench_ok(b, DO(b, "record.new", b->cast.author, "",
                 "{\"type\":\"threat\",\"id\":\"%s\",\"input\":{\"title\":\"Rate changed\","
                 "\"stride\":\"tampering\"}}",
                 id));
}

static void make_control(Bench *b, const char *id) {
  bench_ok(b, DO(b, "record.new", b->cast.author, "",
                 "{\"type\":\"controls\",\"id\":\"%s\",\"input\":{\"title\":\"Sign commands\","
                 "\"description\":\"Each command is signed\"}}",
                 id));
}

static Err step(Bench *b, const char *id, const char *name, Str actor, const char *reason) {
  Head h;
  bool found = false;
  cx_forgive(&b->cx);
  bench_ok(b, head_find(&b->cx, b->s, str_of(id), &h, &found));
  assert_true(found);
  return DO(b, "record.step", actor, reason, "{\"id\":\"%s\",\"base\":%lld,\"step\":\"%s\"}", id,
            (long long)h.rev, name);
}

static size_t findings(Bench *b) {
  VerifyReport report = { 0 };
  cx_forgive(&b->cx);
  bench_ok(b, record_verify_part.derived(&b->cx, b->s, &report));
  return report.findings.n;
}

/* ---- inputs: what is refused, and by which problem ---------------------------------------------------- */

static const struct { const char *input, *field, *code, *words;
} faults[] = {
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"likelyhood\":2}", "likelyhood", "unknown",
    "the nearest is likelihood" },
  { "{\"title\":\"x\",\"stride\":\"tamperin\"}", "stride", "choice", "the nearest is tampering" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"classes\":[\"spoofing\",\"x\"]}", "classes", "choice",
    "spoofing, tampering, denial" },
  { "{\"title\":\"x\"}", "stride", "required", "is needed" },
  { "{\"stride\":\"tampering\"}", "title", "required", "is needed" },
  { "{\"title\":\" \\t\",\"stride\":\"tampering\"}", "title", "required", "is needed" },
  { "{\"title\":\"a\\nb\",\"stride\":\"tampering\"}", "title", "line", "one line" },
  { "{\"title\":7,\"stride\":\"tampering\"}", "title", "kind", "a text" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"likelihood\":6}", "likelihood", "range", "1 to 5" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"likelihood\":9223372036854775807}", "likelihood", "range",
    "1 to 5" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"likelihood\":\"two\"}", "likelihood", "kind",
    "whole number" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"likelihood\":2.5}", "likelihood", "kind", "whole number" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"order\":\"2026-02-30\"}", "order", "date", "2026-11-22" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"remote\":\"maybe\"}", "remote", "kind", "true or false" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"analyst\":\"nobody\"}", "analyst", "person", "no person" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"owner\":\"nobody\"}", "owner", "person", "no person" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"mitigated_by\":[\"CTL-7\"]}", "mitigated_by", "link",
    "no CTL-7. CTL-1 is the nearest" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"mitigated_by\":[\"OTHER-1\"]}", "mitigated_by", "link",
    "is a threat" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"about\":[\"CTL-1\",\"OTHER-1\"]}", "about", "many",
    "not 2" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"products\":[\"CTL-1\"]}", "products", "link",
    "is a control" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"likelihood\":5}", "path", "required", "needs its path" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"tags\":{}}", "tags", "kind", "list of texts" },
  { "{\"title\":\"x\",\"stride\":\"tampering\",\"state\":\"approved\"}", "state", "unknown",
    "no such field" },
};

static void test_faults(void **state) {
  Bench *b = *state;
  make_control(b, "CTL-1");
  make_threat(b, "OTHER-1");
  for (size_t i = 0; i < COUNT(faults); i++) {
    Err e = DO(b, "record.new", b->cast.author, "", "{\"type\":\"threat\",\"input\":%s}", faults[i].input);
    bool found = false;
    for (size_t k = 0; k < b->cx.problems.n; k++) {
      const Problem *p = &b->cx.problems.p[k];
      found =
          found || (str_eq(p->field, str_of(faults[i].field)) && str_eq(p->code, str_of(faults[i].code)) &&
                    str_find(p->words, str_of(faults[i].words)) != SIZE_MAX);
    }
    if (e != E_INVALID || !found)
      print_error("%s: %s %.*s\n", faults[i].input, err_name(e), STR(b->cx.words));
    assert_int_equal(e, E_INVALID);
    assert_true(found);
  }
}

static void test_ids(void **state) {
  static const char *const bad[] = {
    "1A", "-A", "A B", "A_1", "A/1", "\xc3\x84-1", "A2345678901234567890123456789012345678901"
  };
  Bench *b = *state;
  make_threat(b, "Sorrel-p1");
  for (size_t i = 0; i < COUNT(bad); i++)
    assert_int_equal(DO(b, "record.new", b->cast.author, "",
                        "{\"type\":\"threat\",\"id\":\"%s\",\"input\":{\"title\":\"x\","
                        "\"stride\":\"tampering\"}}",
                        bad[i]),
                     E_INVALID);
  assert_int_equal(DO(b, "record.new", b->cast.author, "",
                      "{\"type\":\"threat\",\"id\":\"SORREL-P1\",\"input\":{\"title\":\"x\","
                      "\"stride\":\"tampering\"}}"),
                   E_INVALID);
  assert_true(says(b, "Sorrel-p1 exists already"));
  assert_string_equal(str_z(b->cx.arena, get(b, "sorrel-P1", 0).id), "Sorrel-p1");
  make_threat(b, "THR-0041");
  make_threat(b, "");
  assert_string_equal(str_z(b->cx.arena, json_text(b->result, "id")), "THR-0042");
  cx_forgive(&b->cx);
  Record r;
  assert_int_equal(record_get(&b->cx, b->s, S("THR-0049"), 0, &r), E_NOTFOUND);
  assert_true(says(b, "There is no THR-0049. THR-0042 is the nearest match."));
  assert_int_equal(DO(b, "record.new", b->cast.author, "", "{\"type\":\"thread\",\"input\":{}}"), E_NOTFOUND);
  assert_true(says(b, "The nearest is threat."));
}

/* ---- the body ----------------------------------------------------------------------------------------- */

static void test_body(void **state) {
  Bench *b = *state;
  make_control(b, "CTL-1");
  bench_ok(b, DO(b, "record.new", b->cast.author, "",
                 "{\"type\":\"threat\",\"id\":\"THR-1\",\"input\":{\"title\":\"T\\u0001\\\"\",\"stride\":"
                 "\"tampering\",\"likelihood\":\"3\",\"order\":\"2026-11-22\",\"remote\":\"yes\",\"tags\":\"a\\nb\","
                 "\"analyst\":\"%.*s\","
                 "\"classes\":[\"tampering\",\"spoofing\"],\"comment\":\"c\",\"mitigated_by\":\"ctl-1\"}}",
                 STR(b->cast.second)));
  Record r = get(b, "THR-1", 0);
  Str body, seen = record_fingerprint(&b->cx, &r);
  Record control = get(b, "CTL-1", 0);
  bench_ok(b, record_body(&b->cx, &r, &body));
  Str want = str_fmt(
      b->cx.arena,
      "{\"fields\":{\"analyst\":\"%.*s\",\"classes\":[\"tampering\",\"spoofing\"],\"comment\":\"c\",\"likelihood\":3,"
      "\"order\":\"2026-11-22\",\"remote\":true,\"stride\":\"tampering\",\"tags\":[\"a\",\"b\"]},\"id\":\"THR-1\","
      "\"links\":"
      "{\"mitigated_by\":[{\"seen\":\"%.*s\",\"self\":\"%.*s\",\"to\":\"CTL-1\"}]},\"model\":1,\"owner\":\"%.*s\","
      "\"products\":[],"
      "\"rev\":1,\"title\":\"T\\u0001\\\"\",\"type\":\"threat\"}",
      STR(b->cast.second), STR(record_fingerprint(&b->cx, &control)), STR(seen), STR(b->cast.author));
  assert_string_equal(str_z(b->cx.arena, body), str_z(b->cx.arena, want));
  JVal *root;
  Buf canonical = buf_new(b->cx.arena, 1 << 20);
  bench_ok(b, json_read(&b->cx, body, &JSON_BODY, &root));
  bench_ok(b, json_canonical(&b->cx, root, &canonical));
  assert_true(str_eq(body, buf_str(&canonical)));
  assert_true(hash_eq(sha256(body), r.hash));
  assert_string_equal(str_z(b->cx.arena, value_text(&b->cx, &threat_fields[T_CLASSES], &r.values[T_CLASSES])),
                      "Tampering, Spoofing");
  assert_string_equal(str_z(b->cx.arena, value_text(&b->cx, &threat_fields[T_REMOTE], &r.values[T_REMOTE])),
                      "yes");
  assert_int_equal(findings(b), 0);
}

/* Every line of a list of naughty strings, in each kind of text, comes back byte for byte. */
static void test_naughty(void **state) {
  Bench *b = *state;
  const char *data = getenv("PROOFLINE_DATA");
  Str file, line;
  size_t n = 0;
  if (!data) { print_message("skipped: PROOFLINE_DATA is not set\n"); skip(); }
  bench_ok(b, file_read(&b->cx, str_fmt(b->cx.arena, "%s/attack/blns/blns.txt", data).p, 1 << 20, &file));
  make_threat(b, "THR-1");
  bench_ok(b, store_begin(&b->cx, b->s));
  while (str_line(&file, &line)) {
    if (!str_trim(line).n || !str_is_utf8(line) || line.n > TEXT_BYTES ||
        str_find_char(line, '\r') != SIZE_MAX)
      continue;
    Buf args = buf_new(b->cx.arena, 1 << 16);
    JsonOut o = json_out(&args, false);
    json_object(&o);
    json_pair(&o, "id", S("THR-1"));
    json_pair_int(&o, "base", (int64_t)n + 1);
    json_key(&o, "input");
    json_object(&o);
    json_pair(&o, "title", line);
    json_pair(&o, "actor", line);
    json_pair(&o, "path", line);
    json_pair(&o, "comment", line);
    json_key(&o, "tags");
    json_array(&o);
    json_put_str(&o, line);
    json_array_end(&o);
    json_object_end(&o);
    json_object_end(&o);
    bench_ok(b, record_try(&b->cx, b->s, "record.save", b->cast.author, S(""), buf_str(&args), &b->result));
    Record r = get(b, "THR-1", 0);
    if (r.rev == (int64_t)n + 1) continue;   /* the same line as before */
    n++;
    assert_true(str_eq(r.title, line) && str_eq(r.values[T_ACTOR].s, line) &&
                str_eq(r.values[T_PATH].s, line) && str_eq(r.values[T_COMMENT].s, line) &&
                str_eq(r.values[T_TAGS].list.p[0], line));
  }
  bench_ok(b, store_commit(&b->cx, b->s));
  assert_true(n > 400);
  assert_int_equal(findings(b), 0);
}

static void test_huge(void **state) {
  Bench *b = *state;
  make_threat(b, "THR-1");
  Buf args = buf_new(b->cx.arena, 16 << 20);
  buf_z(&args, "{\"id\":\"THR-1\",\"base\":1,\"input\":{\"path\":\"");
  for (size_t i = 0; i < (10u << 20); i++) buf_byte(&args, 'x');
  buf_z(&args, "\"}}");
  JVal *root;
  JsonLimits wide = JSON_DOCUMENT;
  wide.max_string_bytes = 16 << 20;
  bench_ok(b, json_read(&b->cx, buf_str(&args), &wide, &root));
  Record r = get(b, "THR-1", 0);
  assert_int_equal(record_merge(&b->cx, b->s, json_get(root, "input"), &r), E_INVALID);
  assert_true(says(b, "path: is 10485760 bytes long; at most 65536 fit"));
  assert_int_equal(get(b, "THR-1", 0).rev, 1);
}

/* ---- saving ------------------------------------------------------------------------------------------- */

static void test_save(void **state) {
  Bench *b = *state;
  make_threat(b, "THR-1");
  bench_ok(b, DO(b, "record.save", b->cast.second, "",
                 "{\"id\":\"thr-1\",\"base\":1,\"input\":{\"actor\":\"A thief\"}}"));
  assert_int_equal(json_int(b->result, "rev", 0), 2);
  assert_int_equal(
      DO(b, "record.save", b->cast.author, "", "{\"id\":\"THR-1\",\"base\":1,\"input\":{\"actor\":\"Me\"}}"),
      E_STALE);
  assert_true(says(b, "Test second saved rev 2 while you edited rev 1. Nothing was overwritten."));
  assert_int_equal(
      DO(b, "record.save", b->cast.author, "", "{\"id\":\"THR-1\",\"input\":{\"actor\":\"Me\"}}"),
      E_PRECONDITION);
  assert_int_equal(DO(b, "record.save", b->cast.author, "", "{\"id\":\"THR-1\",\"base\":9,\"input\":{}}"),
                   E_STALE);
  bench_ok(b, DO(b, "record.save", b->cast.author, "",
                 "{\"id\":\"THR-1\",\"base\":2,\"input\":{\"actor\":\"A thief\"}}"));
  assert_int_equal(json_int(b->result, "rev", 0), 2);
  assert_int_equal(
      DO(b, "record.save", b->cast.only[ROLE_AT_VIEWER], "", "{\"id\":\"THR-1\",\"base\":2,\"input\":{}}"),
      E_DENIED);
  assert_int_equal(DO(b, "record.save", b->cast.only[ROLE_AT_ADMINISTRATOR], "",
                      "{\"id\":\"THR-1\",\"base\":2,\"input\":{}}"),
                   E_NOTFOUND);
  bench_ok(b, DO(b, "record.save", b->cast.author, "",
                 "{\"id\":\"THR-1\",\"base\":2,\"input\":{\"actor\":null}}"));
  Record one = get(b, "THR-1", 1), two = get(b, "THR-1", 2), three = get(b, "THR-1", 3);
  FieldChange *c;
  size_t n;
  bench_ok(b, record_diff(&b->cx, &two, &three, &c, &n));
  assert_int_equal(n, 1);
  assert_string_equal(c[0].name, "actor");
  assert_true(str_eq(c[0].before, S("A thief")) && !c[0].after.n);
  assert_true(three.is_last && !one.is_last && str_eq(one.changed_by, b->cast.author) &&
              str_eq(two.changed_by, b->cast.second));
  assert_int_equal(findings(b), 0);
}

static void test_life(void **state) {
  Bench *b = *state;
  make_threat(b, "THR-1");
  assert_int_equal(step(b, "THR-1", "approve", b->cast.second, ""), E_CONFLICT);
  assert_true(says(b, "Steps from here: submit, void."));
  assert_int_equal(step(b, "THR-1", "aprove", b->cast.second, ""), E_INVALID);
  assert_true(says(b, "the nearest is approve"));
  bench_ok(b, step(b, "THR-1", "submit", b->cast.second, ""));
  assert_int_equal(step(b, "THR-1", "approve", b->cast.author, ""), E_DENIED);      /* saved it */
  assert_true(says(b, "SOD-1"));
  assert_int_equal(step(b, "THR-1", "approve", b->cast.second, ""), E_DENIED);      /* submitted it */
  assert_int_equal(step(b, "THR-1", "approve", b->cast.only[ROLE_AT_ENGINEER], ""), E_DENIED);
  assert_int_equal(step(b, "THR-1", "send_back", b->cast.only[ROLE_AT_REVIEWER], "no"), E_INVALID);
  StepChoice *choice;
  size_t n;
  bool may_edit;
  Who who;
  Record r = get(b, "THR-1", 0);
  bench_ok(b, people_who(&b->cx, b->s, b->cast.author, &who));
  bench_ok(b, record_choices(&b->cx, b->s, &who, &r, &choice, &n, &may_edit));
  assert_int_equal(n, 3);
  assert_true(may_edit && choice[0].allowed && !choice[1].allowed && choice[1].why_not.n &&
              choice[2].allowed);
  bench_ok(b, step(b, "THR-1", "approve", b->cast.only[ROLE_AT_APPROVER], ""));
  assert_int_equal(get(b, "THR-1", 0).in_force_rev, 1);
  /* Accepted once: a change needs its reason and starts a draft, while revision 1 stays in force. */
  assert_int_equal(DO(b, "record.save", b->cast.author, "too short",
                      "{\"id\":\"THR-1\",\"base\":1,\"input\":{\"actor\":\"x\"}}"),
                   E_INVALID);
  assert_true(says(b, "reason: say why in at least 10 characters"));
  bench_ok(b, DO(b, "record.save", b->cast.author, "The actor was missing",
                 "{\"id\":\"THR-1\",\"base\":1,\"input\":{\"actor\":\"x\"}}"));
  r = get(b, "THR-1", 0);
  assert_true(str_eq(r.state, S("draft")) && r.rev == 2 && r.in_force_rev == 1);
  assert_true(str_eq(get(b, "THR-1", 1).state, S("approved")));
  bench_ok(b, step(b, "THR-1", "submit", b->cast.author, ""));
  bench_ok(b,
           step(b, "THR-1", "approve", b->cast.second, "")); /* contributed before the last acceptance only */
  bench_ok(b, step(b, "THR-1", "retire", b->cast.second, "No longer applies"));
  assert_int_equal(DO(b, "record.save", b->cast.author, "Try it again now",
                      "{\"id\":\"THR-1\",\"base\":2,\"input\":{\"actor\":\"y\"}}"),
                   E_CONFLICT);
  assert_int_equal(findings(b), 0);
}

/* ---- links -------------------------------------------------------------------------------------------- */

static void test_links(void **state) {
  Bench *b = *state;
  make_control(b, "CTL-1");
  make_control(b, "CTL-2");
  make_threat(b, "THR-1");
  bench_ok(b, DO(b, "record.link", b->cast.author, "",
                 "{\"id\":\"CTL-1\",\"link\":\"mitigates\",\"to\":\"thr-1\"}"));
  assert_true(str_eq(json_text(b->result, "id"), S("THR-1")));
  bench_ok(b, DO(b, "record.link", b->cast.author, "",
                 "{\"id\":\"THR-1\",\"base\":2,\"link\":\"mitigated_by\",\"to\":\"CTL-2\"}"));
  bench_ok(b, DO(b, "record.link", b->cast.author, "",
                 "{\"id\":\"THR-1\",\"link\":\"mitigated_by\",\"to\":\"ctl-2\"}"));
  assert_int_equal(json_int(b->result, "rev", 0), 3);
  assert_int_equal(DO(b, "record.link", b->cast.author, "",
                      "{\"id\":\"THR-1\",\"base\":1,\"link\":\"about\",\"to\":\"CTL-2\"}"),
                   E_STALE);
  assert_int_equal(
      DO(b, "record.link", b->cast.author, "", "{\"id\":\"THR-1\",\"link\":\"mitigated\",\"to\":\"CTL-2\"}"),
      E_INVALID);
  assert_true(says(b, "its links are: mitigated_by, about"));
  assert_int_equal(
      DO(b, "record.link", b->cast.author, "", "{\"id\":\"THR-1\",\"link\":\"about\",\"to\":\"THR-1\"}"),
      E_INVALID);
  assert_int_equal(DO(b, "record.unlink", b->cast.author, "",
                      "{\"id\":\"THR-1\",\"link\":\"mitigated_by\",\"to\":\"CTL-2\"}"),
                   E_INVALID);
  /* A comment moves nothing; a semantic field makes what the link has seen old, until it is confirmed. */
  Str seen = get(b, "THR-1", 0).values[T_MITIGATED_BY].links.p[0].seen;
  bench_ok(b, DO(b, "record.save", b->cast.author, "",
                 "{\"id\":\"CTL-1\",\"base\":1,\"input\":{\"title\":\"Sign every command\"}}"));
  bench_ok(
      b,
      DO(b, "record.save", b->cast.author, "",
         "{\"id\":\"THR-1\",\"base\":3,\"input\":{\"comment\":\"c\",\"mitigated_by\":[\"CTL-2\",\"CTL-1\"]}}"));
  Record r = get(b, "THR-1", 0);
  assert_true(str_eq(r.values[T_MITIGATED_BY].links.p[1].seen, seen));
  Record control = get(b, "CTL-1", 0);
  assert_false(str_eq(seen, record_fingerprint(&b->cx, &control)));
  assert_true(str_eq(r.values[T_MITIGATED_BY].links.p[1].self, record_fingerprint(&b->cx, &r)));
  bench_ok(b, step(b, "THR-1", "submit", b->cast.author, ""));
  bench_ok(b, step(b, "THR-1", "approve", b->cast.second, ""));
  bench_ok(b, DO(b, "record.confirm", b->cast.author, "",
                 "{\"id\":\"THR-1\",\"link\":\"mitigated_by\",\"to\":\"CTL-1\"}"));
  r = get(b, "THR-1", 0);
  assert_true(r.rev == 5 && r.in_force_rev == 5 && str_eq(r.state, S("approved")));
  assert_true(str_eq(r.values[T_MITIGATED_BY].links.p[1].seen, record_fingerprint(&b->cx, &control)));
  bench_ok(b, DO(b, "record.unlink", b->cast.author, "Does not help",
                 "{\"id\":\"THR-1\",\"link\":\"mitigated_by\",\"to\":\"CTL-2\"}"));
  assert_int_equal(get(b, "THR-1", 0).values[T_MITIGATED_BY].links.n, 1);
  assert_int_equal(findings(b), 0);
}

/* ---- products ----------------------------------------------------------------------------------------- */

static void test_products(void **state) {
  Bench *b = *state;
  Str only_p1;
  bench_ok(b, DO(b, "record.load", b->cast.author, "",
                 "{\"rows\":[{\"type\":\"product\",\"id\":\"p1\",\"input\":{\"title\":\"One\"}},"
                 "{\"type\":\"product\",\"id\":\"p2\",\"input\":{\"title\":\"Two\"}}]}"));
  bench_ok(b, DO(b, "user.add", S("system"), "",
                 "{\"login\":\"p1\",\"name\":\"P1\",\"roles\":\"engineer\",\"product\":\"p1\"}"));
  only_p1 = json_text(b->result, "person").n ? json_text(b->result, "person") : json_text(b->result, "id");
  bench_ok(b, DO(b, "record.new", only_p1, "",
                 "{\"type\":\"threat\",\"id\":\"T1\",\"input\":{\"title\":\"x\",\"stride\":\"tampering\","
                 "\"products\":[\"P1\"]}}"));
  assert_true(str_eq(get(b, "T1", 0).products.p[0], S("p1")));
  assert_int_equal(
      DO(b, "record.new", only_p1, "",
         "{\"type\":\"threat\",\"input\":{\"title\":\"x\",\"stride\":\"tampering\",\"products\":[\"p2\"]}}"),
      E_DENIED);
  assert_int_equal(DO(b, "record.new", only_p1, "",
                      "{\"type\":\"threat\",\"input\":{\"title\":\"x\",\"stride\":\"tampering\"}}"),
                   E_DENIED);
  assert_int_equal(DO(b, "record.save", only_p1, "",
                      "{\"id\":\"T1\",\"base\":1,\"input\":{\"products\":[\"p1\",\"p2\"]}}"),
                   E_DENIED);
  bench_ok(b, DO(b, "record.new", b->cast.author, "",
                 "{\"type\":\"threat\",\"id\":\"T2\",\"input\":{\"title\":\"x\",\"stride\":\"tampering\","
                 "\"products\":[\"p2\"]}}"));
  assert_int_equal(DO(b, "record.save", only_p1, "", "{\"id\":\"T2\",\"base\":1,\"input\":{}}"), E_NOTFOUND);
  assert_int_equal(findings(b), 0);
}

/* ---- loading ------------------------------------------------------------------------------------------ */

static void test_load(void **state) {
  Bench *b = *state;
  assert_int_equal(
      DO(b, "record.load", b->cast.author, "",
         "{\"rows\":[{\"type\":\"threat\",\"input\":{\"title\":\"x\",\"stride\":\"tampering\"}},"
         "{\"type\":\"threat\",\"id\":\"A\",\"input\":{\"title\":\"x\",\"stride\":\"x\",\"mitigated_by\":[\"B\"]}},"
         "{\"type\":\"threats\",\"id\":\"a\",\"input\":{\"title\":\"x\",\"stride\":\"tampering\"}}]}"),
      E_INVALID);
  assert_int_equal(b->cx.problems.n, 2);
  assert_true(str_eq(b->cx.problems.p[0].field, S("rows[1].stride")) &&
              str_eq(b->cx.problems.p[1].field, S("rows[2].id")));
  Record r;
  cx_forgive(&b->cx);
  assert_int_equal(record_get(&b->cx, b->s, S("THR-0001"), 0, &r), E_NOTFOUND);
  bench_ok(b, DO(b, "record.load", b->cast.author, "",
                 "{\"rows\":[{\"type\":\"threat\",\"input\":{\"title\":\"x\",\"stride\":\"tampering\",\"mitigated_"
                 "by\":[\"c-2\"],\"about\":\"THR-0002\"}},"
                 "{\"type\":\"threat\",\"input\":{\"title\":\"y\",\"stride\":\"tampering\",\"about\":\"THR-0001\"}},"
                 "{\"type\":\"control\",\"id\":\"C-2\",\"input\":{\"title\":\"c\",\"description\":\"d\"}}]}"));
  assert_int_equal(json_int(b->result, "count", 0), 3);
  Record one = get(b, "THR-0001", 0), control = get(b, "C-2", 0);
  assert_true(str_eq(one.values[T_MITIGATED_BY].links.p[0].to, S("C-2")));
  assert_true(str_eq(one.values[T_MITIGATED_BY].links.p[0].seen, record_fingerprint(&b->cx, &control)));
  assert_int_equal(findings(b), 0);
}

/* ---- rebuild and verify ------------------------------------------------------------------------------- */

static const Sql change_state = { "test.state", "UPDATE record SET state = 'approved' WHERE id = 'THR-1'",
                                  NULL };
static const Sql change_type_row = { "test.row", "UPDATE r_threat SET stride = 'spoofing' WHERE id = 'THR-1'",
                                     NULL };
static const Sql change_link = { "test.link", "DELETE FROM link WHERE source = 'THR-1'", NULL };
static const Sql change_many = { "test.many", "UPDATE record_many SET value = 'z' WHERE record = 'THR-1'",
                                 NULL };
static const Sql change_contributor = { "test.contributor",
                                        "DELETE FROM record_contributor WHERE record = 'THR-1'", NULL };
static const Sql change_number = { "test.number", "UPDATE record_number SET last = 77 WHERE type = 'threat'",
                                   NULL };
static const Sql change_extra = { "test.extra", "INSERT INTO r_control(id) VALUES('GHOST-1')", NULL };

static void test_rebuild(void **state) {
  static const Sql *const tampers[] = { &change_state,       &change_type_row, &change_link, &change_many,
                                        &change_contributor, &change_number,   &change_extra };
  Bench *b = *state;
  int64_t count;
  make_control(b, "CTL-1");
  make_threat(b, "THR-1");
  bench_ok(
      b, DO(b, "record.save", b->cast.author, "",
            "{\"id\":\"THR-1\",\"base\":1,\"input\":{\"tags\":[\"a\",\"b\"],\"mitigated_by\":[\"CTL-1\"]}}"));
  bench_ok(b, step(b, "THR-1", "submit", b->cast.author, ""));
  assert_int_equal(findings(b), 0);
  for (size_t i = 0; i < COUNT(tampers); i++) {
    bench_ok(b, store_begin(&b->cx, b->s));
    bench_ok(b, store_run(&b->cx, b->s, tampers[i], NO_ARGS, NULL));
    bench_ok(b, store_commit(&b->cx, b->s));
    if (!findings(b)) print_error("not found: %s\n", tampers[i]->text);
    assert_int_equal(findings(b), 1);
    bench_ok(b, record_rebuild(&b->cx, b->s, &count));
    assert_int_equal(count, 2);
    assert_int_equal(findings(b), 0);
  }
}

/* An entry that skips the review is in the log: verify says so, whatever the tables show. */
static void test_skipped_step(void **state) {
  Bench *b = *state;
  int64_t seq, now;
  make_threat(b, "THR-1");
  bench_ok(b, store_begin(&b->cx, b->s));
  bench_ok(b, ledger_clock(&b->cx, b->s, &now));
  Entry e = { .act = S("record.step"),
              .actor = b->cast.second,
              .obj = S("THR-1@1"),
              .to = S("approved"),
              .t_us = now,
              .auth = S("none"),
              .source = S("system"),
              .request = S("0123456789abcdef"),
              .reason = S("") };
  bench_ok(b, ledger_append(&b->cx, b->s, &e, &seq));
  bench_ok(b, store_commit(&b->cx, b->s));
  VerifyReport report = { 0 };
  bench_ok(b, record_verify_part.derived(&b->cx, b->s, &report));
  assert_true(report.findings.n && str_eq(report.findings.p[0].kind, S("step")));
  assert_true(str_eq(report.findings.p[0].object, S("THR-1@1")));
}

/* A changed model: the tables are made anew from revisions that stay as they were. */
static void test_new_model(void **state) {
  Bench *b = *state;
  make_threat(b, "THR-1");
  static Field more[COUNT(threat_fields) + 1];
  memcpy(more, threat_fields, sizeof threat_fields);
  more[COUNT(threat_fields)] = (Field){ "later", "Later", INT };
  RecordType changed = type_threat;
  changed.fields = more;
  changed.nfields = COUNT(more);
  const RecordType *const types[] = { &type_product, &type_control, &changed };
  store_close(b->s);
  bench_ok(b, record_types_set(&b->cx, types, COUNT(types)));
  bench_ok(b, store_open(&b->cx, b->folder, STORE_WRITE, &b->s));
  bench_ok(b, record_create_tables(&b->cx, b->s));
  assert_int_equal(findings(b), 0);
  bench_ok(b,
           DO(b, "record.save", b->cast.author, "", "{\"id\":\"THR-1\",\"base\":1,\"input\":{\"later\":4}}"));
  assert_int_equal(findings(b), 0);
  bench_ok(b, record_types_set(&b->cx, ROWS(small_model)));
}

/* ---- every store call fails once ---------------------------------------------------------------------- */

static void test_faults_of_store(void **state) {
  Bench *b = *state;
  make_threat(b, "THR-1");
  make_control(b, "CTL-1");
  store_fault(b->s, FAULT_RUN, 0, E_OK, false);
  uint64_t n = 1;
  for (;; n++) {
    store_fault(b->s, FAULT_RUN, n, E_FULL, false);
    Err e = DO(b, "record.save", b->cast.author, "",
               "{\"id\":\"THR-1\",\"base\":1,\"input\":{\"mitigated_by\":[\"CTL-1\"],\"actor\":\"x\"}}");
    store_fault(b->s, FAULT_RUN, 0, E_OK, false);
    if (e == E_OK) break;
    assert_int_equal(e, E_FULL);
    assert_int_equal(get(b, "THR-1", 0).rev, 1);
    assert_int_equal(findings(b), 0);
  }
  assert_true(n > 5);
  assert_int_equal(get(b, "THR-1", 0).rev, 2);
  assert_int_equal(findings(b), 0);
}

/* ---- the model ---------------------------------------------------------------------------------------- */

static void test_model(void **state) {
  Bench *b = *state;
  Buf json = buf_new(b->cx.arena, 1 << 20), text = buf_new(b->cx.arena, 1 << 20);
  JsonOut o = json_out(&json, false);
  JVal *root;
  model_json(&o);
  bench_ok(b, json_read(&b->cx, buf_str(&json), &JSON_DOCUMENT, &root));
  assert_int_equal(yyjson_arr_size(json_get(root, "types")), 3);
  assert_int_equal(yyjson_arr_size(json_get(root, "lifecycles")), 3);   /* two of the types, and external */
  JVal *threat = yyjson_arr_get(json_get(root, "types"), 2);
  assert_int_equal(yyjson_arr_size(json_get(threat, "fields")), 10);
  assert_int_equal(yyjson_arr_size(json_get(threat, "links")), 2);
  assert_true(str_eq(json_text(threat, "prefix"), S("THR")) &&
              str_eq(json_text(threat, "lifecycle"), S("item")));
  bench_ok(b, model_markdown(&b->cx, &text));
  assert_true(str_find(buf_str(&text), S("| threat | stride | STRIDE class | choice | always |")) != SIZE_MAX);
  make_threat(b, "THR-1");
  Record r = get(b, "THR-1", 0);
  buf_clear(&json);
  o = json_out(&json, false);
  record_json(&b->cx, &o, &r, NULL);
  bench_ok(b, json_read(&b->cx, buf_str(&json), &JSON_BODY, &root));
  assert_true(json_int(root, "revision", 0) == 1 && str_eq(json_text(root, "state"), S("draft")));
}

static const Field f_link[] = { { "no_such_link", "X", LINK, 0, .to = "threat" } };
static const Field f_inverse[] = { { "mitigates", "X", LINK, 0, .to = "threat" } };
static const Field f_target[] = { { "about", "X", LINK, 0, .to = "thread" } };
static const Field f_name[] = { { "Bad-Name", "X", TEXT } };
static const Field f_taken[] = { { "title", "X", TEXT } };
static const Field f_twice[] = { { "a", "X", TEXT }, { "a", "X", TEXT } };
static const Field f_choices[] = { { "a", "X", CHOICE } };
static const Field f_many[] = { { "a", "X", INT, MANY } };

static void test_start_check(void **state) {
  static const struct { const Field *fields; size_t n; const char *words;
  } cases[] = { { ROWS(f_link), "not in link.c" },
                { ROWS(f_inverse), "inverse" },
                { ROWS(f_target), "a type that does not exist" },
                { ROWS(f_name), "lower_snake" },
                { ROWS(f_taken), "every record" },
                { ROWS(f_twice), "stands twice" },
                { ROWS(f_choices), "without choices" },
                { ROWS(f_many), "cannot be MANY" } };
  AUTO(Cx) cx = cx_new(64 << 20);
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    RecordType t = type_threat;
    t.fields = cases[i].fields;
    t.nfields = cases[i].n;
    const RecordType *const types[] = { &t };
    cx_forgive(&cx);
    assert_int_equal(record_types_set(&cx, types, 1), E_BUG);
    if (str_find(cx.words, str_of(cases[i].words)) == SIZE_MAX) print_error("%.*s\n", STR(cx.words));
    assert_true(str_find(cx.words, str_of(cases[i].words)) != SIZE_MAX);
  }
  cx_forgive(&cx);
  const RecordType *const twice[] = { &type_threat, &type_threat };
  assert_int_equal(record_types_set(&cx, twice, 2), E_BUG);
}

/* All lifecycles pass the start-up check, and their states are those of the regulations' own words. */
static void test_lifecycles(void **state) {
  static const Lifecycle *const lives[] = { &life_document, &life_item,     &life_case,       &life_execution,
                                            &life_release,  &life_supplier, &life_submission, &life_report,
                                            &life_external, &life_vex,      &life_risk,       &life_capa,
                                            &life_person };
  static char names[COUNT(lives)][8], prefixes[COUNT(lives)][8];
  static RecordType t[COUNT(lives)];
  const RecordType *types[COUNT(lives)];
  AUTO(Cx) cx = cx_new(64 << 20);
  (void)state;
  for (size_t i = 0; i < COUNT(lives); i++) {
    (void)snprintf(names[i], sizeof names[i], "t%c", (char)('a' + i));
    (void)snprintf(prefixes[i], sizeof prefixes[i], "T%c", (char)('A' + i));
    t[i] = (RecordType){ .name = names[i],
                         .title = "T",
                         .plural = names[i],
                         .prefix = prefixes[i],
                         .area = "test",
                         .life = lives[i],
                         .editors = WRITERS,
                         .help = "x" };
    types[i] = &t[i];
  }
  Err e = record_types_set(&cx, types, COUNT(lives));
  if (e != E_OK) print_error("%.*s\n", STR(cx.words));
  assert_int_equal(e, E_OK);
  assert_null(life_step(&life_item, S("void"), S("retired")));
  assert_non_null(life_step(&life_risk, S("reopen"), S("monitored")));
  assert_null(life_step(&life_risk, S("reopen"), S("reopened")));
}

static void test_walk(void **state) {
  Bench *b = *state;
  int64_t checks = 0;
  Err e = record_life_test(&b->cx, b->s, &b->cast, NULL, 0, &checks);
  for (size_t i = 0; e != E_OK && i < b->cx.problems.n; i++)
    print_error("%.*s: %.*s\n", STR(b->cx.problems.p[i].field), STR(b->cx.problems.p[i].words));
  bench_ok(b, e);
  assert_true(checks > 300);
}

static void test_choice_words(void **state) {
  (void)state;
  static const char *const cases[][2] = { { "", "" },
                                          { "tampering", "Tampering" },
                                          { "denial_of_service", "Denial of service" },
                                          { "pms_plan", "PMS plan" },
                                          { "vex_and_sbom", "VEX and SBOM" },
                                          { "trailing_", "Trailing " } };
  Arena *a = arena_new(4096);
  for (size_t i = 0; i < COUNT(cases); i++) {
    Str got = choice_words(a, str_of(cases[i][0]));
    assert_string_equal(str_z(a, got), cases[i][1]);
  }
  arena_free(a);
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_small, close_small)
int main(void) {
  const struct CMUnitTest tests[] = { T(test_faults),
                                      T(test_ids),
                                      T(test_body),
                                      T(test_naughty),
                                      T(test_huge),
                                      T(test_save),
                                      T(test_life),
                                      T(test_links),
                                      T(test_products),
                                      T(test_load),
                                      T(test_rebuild),
                                      T(test_skipped_step),
                                      T(test_new_model),
                                      T(test_faults_of_store),
                                      T(test_model),
                                      T(test_walk),
                                      cmocka_unit_test(test_start_check),
                                      cmocka_unit_test(test_choice_words),
                                      cmocka_unit_test(test_lifecycles) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
