/* The rules of NVD read literally, over the JSON itself, as a second opinion on components known by CPE: random records
 * and real ones. */
#include "vuln/cpe_snapshot.h"

typedef enum Truth { NO, MAYBE, YES } Truth;
enum { BY_PLATFORM = 1, BY_OTHER = 2 };
typedef struct Said {
  Truth truth;
  int why;
  bool own, vulnerable, hit;
} Said;

typedef struct Asked {
  Cx *cx;
  Cpe cpe;
} Asked;

static Str whole_version(Cx *cx, Str version, Str update) { return version_with_update(cx->arena, version, update); }

static Truth within(JVal *m, Str v, bool na) {
  static const struct {
    const char *key;
    const char *holds;
  } bounds[] = { { "versionStartIncluding", ">=" },
                 { "versionStartExcluding", ">" },
                 { "versionEndIncluding", "<=" },
                 { "versionEndExcluding", "<" } };
  Truth t = YES;
  for (size_t i = 0; i < 4; i++) {
    Str b = json_text(m, bounds[i].key);
    if (!b.n) continue;
    char c = na ? '?' : version_compare(SCHEME_GENERIC, v, b);
    if (c == '?') return MAYBE;
    if (!strchr(bounds[i].holds, c)) t = NO;
  }
  return t;
}

static Truth same_version(const Asked *q, const Cpe *c, bool vulnerable) {
  Str want = c->value[CPE_VERSION], update = c->value[CPE_UPDATE], have = q->cpe.value[CPE_VERSION],
      own = q->cpe.value[CPE_UPDATE];
  bool na = str_eq(have, S("-"));
  if (str_eq(want, S("*"))) return YES;
  if (str_eq(want, S("-"))) return na || !vulnerable || str_eq(c->value[CPE_PART], S("h")) ? YES : MAYBE;
  if (na) return NO;
  bool updated = !str_eq(own, S("*")) && !str_eq(own, S("-"));
  if (str_eq(update, S("-")) && updated) return NO;
  Str left = whole_version(q->cx, have, str_eq(update, S("*")) ? S("*") : own),
      right = whole_version(q->cx, want, update);
  if (str_eq_nocase(left, right)) return YES;
  if (!version_is_valid(SCHEME_GENERIC, left) || !version_is_valid(SCHEME_GENERIC, right)) return MAYBE;
  Str lk, rk;
  bool keyed =
      version_key(q->cx->arena, SCHEME_GENERIC, left, &lk) && version_key(q->cx->arena, SCHEME_GENERIC, right, &rk);
  return keyed && str_eq(lk, rk) ? YES : NO;
}

static Said literal_leaf(const Asked *q, JVal *m) {
  Cpe c;
  bool vulnerable = json_bool(m, "vulnerable", true), ranged = false, open = false, odd = false;
  assert_int_equal(cpe_read(q->cx, json_text(m, "criteria"), &c), E_OK);
  const Str other = q->cpe.value[CPE_VENDOR];
  bool own = str_eq(c.value[CPE_PRODUCT], q->cpe.value[CPE_PRODUCT]) &&
             str_eq(c.value[CPE_PART], q->cpe.value[CPE_PART]) &&
             (str_eq(other, S("*")) || str_eq(c.value[CPE_VENDOR], other));
  if (!own) return (Said){ MAYBE, BY_PLATFORM, false, false, false };
  open = str_eq(other, S("*"));
  JSON_MEMBERS(k, v, m) {
    (void)v;
    ranged |= str_starts(json_str(k), S("versionStart")) || str_starts(json_str(k), S("versionEnd"));
  }
  Truth rest = YES;
  for (size_t i = CPE_EDITION; i < CPE_ATTRIBUTES; i++) {
    Str want = c.value[i], have = q->cpe.value[i];
    if (!str_eq(want, S("*")) && !str_eq(have, S("*")) && !str_eq(want, have)) rest = NO;
  }
  bool na = str_eq(q->cpe.value[CPE_VERSION], S("-"));
  Str v = na ? STR_NONE : whole_version(q->cx, q->cpe.value[CPE_VERSION], q->cpe.value[CPE_UPDATE]);
  Truth t = ranged ? within(m, v, na) : same_version(q, &c, vulnerable);
  odd = t == MAYBE;
  if (rest == NO) t = NO;
  if (t == YES && open) {
    t = MAYBE;
    odd = true;
  }
  return (Said){ t, t == MAYBE && odd ? BY_OTHER : 0, true, vulnerable, vulnerable && t != NO };
}

static Said literal_node(const Asked *q, JVal *node);

static void take_one(Said *all, size_t *n, Said one) { all[(*n)++] = one; }

/* All alternatives (OR) or all conditions (AND) of a node at once. */
static Said literal_node(const Asked *q, JVal *node) {
  static const char *const lists[] = { "nodes", "children" };
  size_t n = 0, room = yyjson_arr_size(json_get(node, "cpeMatch"));
  for (int i = 0; i < 2; i++) room += yyjson_arr_size(json_get(node, lists[i]));
  Said *part = NEW_ARRAY(q->cx->arena, room + 1, Said), out = { 0 };
  bool all = str_eq(json_text(node, "operator"), S("AND"));
  JSON_EACH(m, json_get(node, "cpeMatch")) take_one(part, &n, literal_leaf(q, m));
  for (int i = 0; i < 2; i++) JSON_EACH(child, json_get(node, lists[i])) take_one(part, &n, literal_node(q, child));
  if (!n) return (Said){ MAYBE, BY_OTHER, false, false, false };
  for (size_t i = 0; i < n; i++) {
    out.own |= part[i].own;
    out.vulnerable |= part[i].vulnerable;
  }
  out.truth = all ? YES : NO;
  for (size_t i = 0; i < n; i++) {
    if (!all && out.own && !part[i].own) continue;
    if (all ? part[i].truth < out.truth : part[i].truth > out.truth) out.truth = part[i].truth;
  }
  for (size_t i = 0; i < n; i++) {
    if (!all && out.own && !part[i].own) continue;
    if (all || part[i].truth != NO) out.hit |= part[i].hit;
    if (out.truth == MAYBE) out.why |= part[i].why;
  }
  if (json_bool(node, "negate", false)) {
    out.truth = out.truth == MAYBE ? MAYBE : out.truth == YES ? NO : YES;
    out.hit = out.vulnerable && out.truth != NO;
  }
  return out;
}

static Outcome outcome_of(Said s) {
  if (s.truth == YES && s.hit) return OUTCOME_AFFECTED;
  if (s.truth == MAYBE && s.hit) return s.why == BY_PLATFORM ? OUTCOME_AFFECTED_IF : OUTCOME_UNCERTAIN;
  return s.vulnerable ? OUTCOME_NOT_AFFECTED : OUTCOME_NOT_LISTED;
}

static Outcome literal_record(const Asked *q, JVal *cve) {
  Outcome worst = OUTCOME_NOT_LISTED;
  JSON_EACH(config, json_get(cve, "configurations")) {
    bool whole = str_eq(json_text(config, "operator"), S("AND")) || json_bool(config, "negate", false);
    if (whole) {
      Outcome o = outcome_of(literal_node(q, config));
      if (o < worst) worst = o;
      continue;
    }
    JSON_EACH(node, json_get(config, "nodes")) {
      Outcome o = outcome_of(literal_node(q, node));
      if (o < worst) worst = o;
    }
  }
  return worst;
}

/* ---- random records ------------------------------------------------------------------------------------ */

static uint64_t seed = 11;
static unsigned draw(unsigned n) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(seed >> 33) % n;
}
#define ONE_OF(...)                                                                                                  \
  (((const char *const[]){ __VA_ARGS__ })[draw(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))])

static const char *random_version(void) {
  return ONE_OF("1.0", "1.1", "1.1a", "1.2", "1.2.0", "2.0", "2.0_1", "2.1", "3", "1.10", "1.0-rc1", "deadbeef0",
                "2\\.1");
}

static const char *plain_version(void) {
  return ONE_OF("1.0", "1.1", "1.1a", "1.2", "2.0", "2.1", "3", "1.10", "1.0-rc1", "deadbeef0", "1.1 sp1");
}

static void random_cpe(Buf *b, bool component) {
  buf_fmt(b, "cpe:2.3:%s:%s:%s:", ONE_OF("a", "a", "o", "h"),
          component && draw(8) == 0 ? "*" : ONE_OF("acme", "bolt"), ONE_OF("one", "two", "th\\\\!ree"));
  buf_fmt(b, "%s:%s:*:",
          component ? (draw(9) ? random_version() : "-")
          : draw(5) ? random_version()
                    : ONE_OF("-", "*"),
          ONE_OF("*", "*", "*", "-", "sp1", "rc2"));
  buf_fmt(b, "*:%s:%s:%s:*", ONE_OF("*", "*", "pro"), ONE_OF("*", "*", "*", "python", "windows"),
          ONE_OF("*", "*", "*", "x64"));
}

static void random_match(Buf *b) {
  bool ranged = draw(3) == 0;
  buf_fmt(b, "{\"vulnerable\":%s,\"criteria\":\"", draw(4) ? "true" : "false");
  Buf c = buf_new(b->arena, 400);
  random_cpe(&c, false);
  for (Str s = buf_str(&c); s.n; s = str_slice(s, 1, s.n)) {
    if (*s.p == '\\' && s.n > 1 && s.p[1] == '\\') {
      buf_z(b, "\\\\");
      s = str_slice(s, 1, s.n);
      continue;
    }
    if (*s.p == '\\') buf_byte(b, '\\');
    buf_byte(b, *s.p);
  }
  buf_byte(b, '"');
  if (ranged && draw(3))
    buf_fmt(b, ",\"%s\":\"%s\"", ONE_OF("versionStartIncluding", "versionStartExcluding"), plain_version());
  if (ranged && draw(4))
    buf_fmt(b, ",\"%s\":\"%s\"", ONE_OF("versionEndIncluding", "versionEndExcluding"), plain_version());
  buf_byte(b, '}');
}

static void random_node(Buf *b, unsigned depth) {
  buf_fmt(b, "{\"operator\":\"%s\",\"negate\":%s", ONE_OF("OR", "OR", "OR", "AND"), draw(12) ? "false" : "true");
  if (depth && draw(3) == 0) {
    buf_fmt(b, ",\"%s\":[", ONE_OF("children", "nodes"));
    for (unsigned i = 0, n = 1 + draw(3); i < n; i++) {
      if (i) buf_byte(b, ',');
      random_node(b, depth - 1);
    }
  } else {
    buf_z(b, ",\"cpeMatch\":[");
    for (unsigned i = 0, n = 1 + draw(4); i < n; i++) {
      if (i) buf_byte(b, ',');
      random_match(b);
    }
  }
  buf_z(b, "]}");
}

static Str random_record(Cx *cx, unsigned i) {
  Buf b = buf_new(cx->arena, 1u << 20);
  buf_fmt(&b, "{\"cve\":{\"id\":\"CVE-2020-%u\",\"lastModified\":\"2024-01-01T00:00:00.000\",\"configurations\":[",
          10000 + i);
  for (unsigned k = 0, n = 1 + draw(2); k < n; k++) {
    buf_fmt(&b, "%s{%s\"nodes\":[", k ? "," : "",
            ONE_OF("", "", "\"operator\":\"AND\",", "\"operator\":\"OR\",", "\"negate\":true,"));
    for (unsigned j = 0, m = 1 + draw(3); j < m; j++) {
      if (j) buf_byte(&b, ',');
      random_node(&b, 2);
    }
    buf_z(&b, "]}");
  }
  buf_z(&b, "]}}");
  return buf_str(&b);
}

static Outcome said_of(const ScanComponent *c, Str cve) {
  for (size_t i = 0; i < c->noutcomes; i++)
    if (str_eq(c->outcome[i].id, cve)) return c->outcome[i].outcome;
  return OUTCOME_NOT_LISTED;
}

typedef struct Tally {
  size_t asked, by[OUTCOME_COUNT], wrong;
} Tally;

static void compare(Tally *t, const Asked *q, JVal *cve, const ScanComponent *got) {
  Str id = json_text(cve, "id");
  Outcome want = literal_record(q, cve), have = said_of(got, id);
  t->asked++;
  t->by[want]++;
  if (want == have) return;
  if (t->wrong++ < 10)
    print_message("%.*s %.*s: literal %s, snapshot %s\n", STR(id), STR(cpe_text(q->cx->arena, &q->cpe)),
                  outcome_name(want), outcome_name(have));
}

static void tell(const char *name, const Tally *t) {
  printf("  %s: %zu asked, %zu affected, %zu affected-if, %zu uncertain, %zu not, %zu silent; %zu differ\n", name,
         t->asked, t->by[OUTCOME_AFFECTED], t->by[OUTCOME_AFFECTED_IF], t->by[OUTCOME_UNCERTAIN],
         t->by[OUTCOME_NOT_AFFECTED], t->by[OUTCOME_NOT_LISTED], t->wrong);
}

static void random_agrees(void **state) {
  (void)state;
  enum { RECORDS = 400, COMPONENTS = 150 };
  AUTO(Cx) cx = cx_new(1u << 30);
  AUTO(SnapshotRef) s = NULL;
  static JVal *cve[RECORDS];
  Tally t = { 0 };
  const char *file = temporary(&cx, "random.json");
  Buf all = buf_new(cx.arena, 64u << 20);
  for (unsigned i = 0; i < RECORDS; i++) {
    JVal *root;
    Str text = random_record(&cx, i);
    assert_int_equal(json_read(&cx, text, &JSON_DOCUMENT, &root), E_OK);
    cve[i] = json_get(root, "cve");
    buf_byte(&all, i ? ',' : '[');
    buf_add(&all, text);
  }
  buf_byte(&all, ']');
  assert_int_equal(file_write(&cx, file, buf_str(&all), 0600), E_OK);
  opened(&cx, &file, 1, "random", &s);
  (void)unlink(file);
  for (unsigned i = 0; i < COMPONENTS; i++) {
    ArenaMark mark = arena_mark(cx.arena);
    Buf b = buf_new(cx.arena, 400);
    ScanResult r;
    Asked q = { .cx = &cx };
    random_cpe(&b, true);
    Str text = buf_str(&b);
    char *p = str_z(cx.arena, text);
    char *at = strstr(p, "\\\\!");
    if (at) memmove(at, at + 1, strlen(at));
    assert_int_equal(cpe_read(&cx, str_of(p), &q.cpe), E_OK);
    VulnTarget target = { .cpe = cpe_text(cx.arena, &q.cpe) };
    assert_int_equal(vuln_scan(&cx, s, &target, 1, &r), E_OK);
    for (unsigned k = 0; k < RECORDS; k++) compare(&t, &q, cve[k], &r.component[0]);
    arena_release(cx.arena, mark);
  }
  tell("random", &t);
  assert_int_equal(t.wrong, 0);
  assert_true(t.asked >= 20000 && t.by[OUTCOME_AFFECTED] > 1000 && t.by[OUTCOME_AFFECTED_IF] > 1000 &&
              t.by[OUTCOME_UNCERTAIN] > 1000 && t.by[OUTCOME_NOT_AFFECTED] > 1000);
}

/* Every criterion of real records, asked with what it names and with its neighbours. */
static Err ask_page(Cx *cx, void *env, const PackedFile *file) {
  struct {
    Snapshot *s;
    Tally t;
  } *e = env;
  JVal *root;
  JsonLimits limits = JSON_DOCUMENT;
  limits.max_bytes = 256u << 20;
  limits.max_values = 64u << 20;
  assert_true(file->bytes.p != NULL);
  assert_int_equal(json_read(cx, file->bytes, &limits, &root), E_OK);
  size_t record = 0;
  JSON_EACH(one, json_get(root, "vulnerabilities")) {
    JVal *cve = json_get(one, "cve"), *config = yyjson_arr_get(json_get(cve, "configurations"), 0),
         *node = yyjson_arr_get(json_get(config, "nodes"), 0);
    size_t k = 0;
    if (record++ % 40) continue;
    JSON_EACH(m, json_get(node, "cpeMatch")) {
      ArenaMark mark = arena_mark(cx->arena);
      Asked q = { .cx = cx };
      Str end = json_text(m, "versionEndExcluding");
      if (k++ == 4) break;
      if (cpe_read(cx, json_text(m, "criteria"), &q.cpe) != E_OK) {
        cx_forgive(cx);
        continue;
      }
      if (!cpe_is_literal(q.cpe.value[CPE_VERSION])) q.cpe.value[CPE_VERSION] = end.n ? end : S("1.0");
      ScanResult r;
      VulnTarget target = { .cpe = str_fmt(cx->arena, "cpe:2.3:%.*s:%.*s:%.*s:%.*s:%.*s:*:*:*:*:*:*",
                                           STR(q.cpe.value[0]), STR(q.cpe.value[1]), STR(q.cpe.value[2]),
                                           STR(q.cpe.value[3]), STR(q.cpe.value[4])) };
      if (cpe_read(cx, target.cpe, &q.cpe) != E_OK) {
        cx_forgive(cx);
        continue;
      }
      assert_int_equal(vuln_scan(cx, e->s, &target, 1, &r), E_OK);
      compare(&e->t, &q, cve, &r.component[0]);
      arena_release(cx->arena, mark);
    }
  }
  return E_OK;
}

static void real_agrees(void **state) {
  (void)state;
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) {
    printf("skipped: PROOFLINE_DATA does not name the data folder\n");
    skip();
  }
  AUTO(Cx) cx = cx_new(2u << 30);
  struct {
    Snapshot *s;
    Tally t;
  } e = { 0 };
  const char *const path[] = { str_fmt(cx.arena, "%s/adv/nvd20-derived/nvdcve-2.0-2016.json.gz", folder).p };
  opened(&cx, path, 1, "real", &e.s);
  assert_int_equal(packed_walk(&cx, path[0], ask_page, &e), E_OK);
  tell("nvd 2016", &e.t);
  assert_int_equal(e.t.wrong, 0);
  assert_true(e.t.asked > 400);
  snapshot_close(e.s);
}

int main(void) {
  AUTO(Cx) cx = cx_new(1u << 20);
  const char *other = getenv("PROOFLINE_SEED"); /* the same cases every day; others at night */
  uint64_t number;
  if (str_uint(str_of(other), &number)) seed += number;
  if (crypto_start(&cx) != E_OK) return 1;
  const struct CMUnitTest tests[] = { cmocka_unit_test(random_agrees), cmocka_unit_test(real_agrees) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
