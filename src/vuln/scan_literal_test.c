/* A scan against the literal rules of the OSV schema, read slowly over the JSON itself: random and real records. */
#include "scan_fixture.h"

typedef enum Literal { L_NO, L_YES, L_UNKNOWN } Literal;

static char order(Scheme s, Str v, Str e) { return str_eq(e, S("0")) ? '>' : version_compare(s, v, e); }

static Literal literal_range(Scheme scheme, JVal *range, Str v) {
  struct { Str at; char kind; } e[1024];
  size_t n = 0;
  bool limited = false, below = false, odd = false;
  JSON_EACH(event, json_get(range, "events")) {
    static const char *const names[] = { "introduced", "fixed", "last_affected" };
    Str limit = json_text(event, "limit");
    for (int k = 0; k < 3; k++)
      if (json_text(event, names[k]).p && n < 1024) { e[n].at = json_text(event, names[k]); e[n++].kind = *names[k]; }
    if (!limit.p) continue;
    limited = true;
    below |= str_eq(limit, S("*")) || order(scheme, v, limit) == '<';
    odd |= !str_eq(limit, S("*")) && order(scheme, v, limit) == '?';
  }
  bool all = n == 1 && e[0].kind == 'i' && str_eq(e[0].at, S("0"));
  if (all && !limited) return L_YES;
  for (size_t i = 0; i < n; i++) if (order(scheme, v, e[i].at) == '?') return L_UNKNOWN;
  if (odd) return L_UNKNOWN;
  if (limited && !below) return L_NO;
  for (size_t i = 1; i < n; i++)                                  /* a stable sort */
    for (size_t j = i; j > 0; j--) {
      bool zero = str_eq(e[j].at, S("0")), zero_before = str_eq(e[j - 1].at, S("0"));
      bool less = zero ? !zero_before : !zero_before && version_compare(scheme, e[j].at, e[j - 1].at) == '<';
      if (!less) break;
      Str at = e[j].at; char kind = e[j].kind;
      e[j] = e[j - 1];
      e[j - 1].at = at; e[j - 1].kind = kind;
    }
  bool on = false;
  for (size_t i = 0; i < n; i++) {
    char c = order(scheme, v, e[i].at);
    if (e[i].kind == 'i' && c != '<') on = true;
    if (e[i].kind == 'f' && c != '<') on = false;
    if (e[i].kind == 'l' && c == '>') on = false;
  }
  return on ? L_YES : L_NO;
}

static Literal literal_entry(Scheme scheme, JVal *entry, Str v) {
  bool unknown = false;
  JSON_EACH(one, json_get(entry, "versions"))
    if (str_eq(json_str(one), v) || version_compare(scheme, json_str(one), v) == '=') return L_YES;
  JSON_EACH(range, json_get(entry, "ranges")) {
    Str type = json_text(range, "type");
    if (str_eq(type, S("GIT"))) continue;
    Literal l = literal_range(str_eq(type, S("SEMVER")) && scheme != SCHEME_GOLANG ? SCHEME_SEMVER : scheme, range,
                              v);
    if (l == L_YES) return L_YES;
    unknown |= l == L_UNKNOWN;
  }
  return unknown ? L_UNKNOWN : L_NO;
}

typedef struct Differ { Cx cx; Snapshot *snap; size_t asked, affected, wrong; } Differ;

/* A version that cannot be compared is uncertain; but "affected" stands when some range holds every version, and
 * "not affected" when no range holds any. */
static bool holds_for_all(JVal *record, Scheme scheme, Outcome got) {
  bool some_all = false, none = true;
  JSON_EACH(entry, json_get(record, "affected"))
    JSON_EACH(range, json_get(entry, "ranges")) {
      bool all = true;
      for (unsigned i = 0; i < 400; i++) {
        char text[16];
        int n = snprintf(text, sizeof text, "%u.%u.%u", i / 100, i / 10 % 10, i % 10);
        Literal l = literal_range(scheme, range, (Str){ text, (size_t)n });
        all &= l == L_YES;
        none &= l == L_NO;
      }
      some_all |= all;
    }
  return got == OUTCOME_UNCERTAIN || (got == OUTCOME_AFFECTED && some_all) || (got == OUTCOME_NOT_AFFECTED && none);
}

/* All entries of the record for this package and release, against the snapshot's word. */
static void ask(Differ *d, JVal *record, const Ecosystem *e, Str name, Str version) {
  Cx *cx = &d->cx;
  Literal want = L_NO;
  JSON_EACH(entry, json_get(record, "affected")) {
    JVal *package = json_get(entry, "package");
    Ecosystem here = ecosystem_of(cx->arena, json_text(package, "ecosystem"));
    if (!str_eq(here.base, e->base) || !str_eq(here.release, e->release) ||
        !str_eq(ecosystem_name(cx->arena, here.base, json_text(package, "name")), name)) continue;
    Literal l = literal_entry(e->scheme, entry, version);
    if (l == L_YES || (l == L_UNKNOWN && want == L_NO)) want = l;
  }
  Identity id = { e->base, e->release, name, version, e->scheme, 'A', false, false };
  Subject s = subject_of(cx->arena, d->snap, id);
  const SnapPkg *p = snap_package(d->snap, snap_hash(e->base, name), e->base, name);
  assert_non_null(p);
  Outcome got = OUTCOME_NOT_LISTED;
  for (size_t i = p->first_row, end = i + p->rows, n; i < end; i += n) {
    for (n = 1; i + n < end && d->snap->rows[i + n].adv == d->snap->rows[i].adv; n++) {}
    if (!str_eq(snap_str(d->snap, d->snap->advs[d->snap->rows[i].adv].id), json_text(record, "id"))) continue;
    got = advisory_judge(&s, &d->snap->rows[i], n).outcome;
  }
  d->asked++;
  d->affected += got == OUTCOME_AFFECTED;
  if (want == L_UNKNOWN && !version_is_valid(e->scheme, version) && holds_for_all(record, e->scheme, got)) return;
  bool same = want == L_YES       ? got == OUTCOME_AFFECTED
              : want == L_UNKNOWN ? got == OUTCOME_UNCERTAIN
                                  : got == OUTCOME_NOT_AFFECTED;
  if (same || (want == L_NO && got == OUTCOME_NOT_ASSESSABLE)) return;
  if (d->wrong++ < 20)
    print_message("%.*s %.*s %.*s@%.*s: literal %d, snapshot %s\n", STR(json_text(record, "id")), STR(e->base),
                  STR(name), STR(version), (int)want, outcome_name(got));
}

/* Versions worth asking: every bound and some listed ones, and their neighbours in spelling. */
static void ask_record(Differ *d, JVal *record) {
  if (json_text(record, "withdrawn").n) return;
  JSON_EACH(entry, json_get(record, "affected")) {
    JVal *package = json_get(entry, "package");
    Ecosystem e = ecosystem_of(d->cx.arena, json_text(package, "ecosystem"));
    Str name = ecosystem_name(d->cx.arena, e.base, json_text(package, "name"));
    if (e.scheme == SCHEME_NONE || !name.n) continue;
    size_t budget = 12;
    JSON_EACH(range, json_get(entry, "ranges"))
      JSON_EACH(event, json_get(range, "events"))
        JSON_MEMBERS(key, value, event) {
          Str v = json_str(value);
          bool modular = str_find(v, S("module")) != SIZE_MAX;
          if (!v.n || str_eq(v, S("0")) || str_eq(json_text(range, "type"), S("GIT")) || modular || budget-- == 0)
            continue;
          (void)key;
          ask(d, record, &e, name, v);
          ask(d, record, &e, name, str_fmt(d->cx.arena, e.scheme == SCHEME_RPM ? "%.*s~1" : "%.*s.1", STR(v)));
        }
    JSON_EACH(listed, json_get(entry, "versions")) {
      if (budget == 0 || !json_str(listed).n) break;
      budget--;
      if (str_find_char(json_str(listed), '+') == SIZE_MAX) ask(d, record, &e, name, json_str(listed));
    }
  }
}

/* ---- random records ------------------------------------------------------------------------------------ */

static uint64_t seed = 7;
static unsigned draw(unsigned n) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(seed >> 33) % n;
}

static void random_version(Buf *b) {
  static const char *const tails[] = { "", "", "", "-rc1", ".1", "-1", "a1", "~1" };
  buf_fmt(b, "%u.%u%s", draw(3), draw(4), tails[draw(8)]);
}

static Str random_record(Cx *cx, int i) {
  static const char *const ecosystems[] = { "npm",   "PyPI",     "Go",        "Debian:12",
                                            "Maven", "RubyGems", "Packagist", "NuGet" };
  static const char *const kinds[] = { "introduced", "fixed", "last_affected" };
  Buf b = buf_new(cx->arena, 1u << 16);
  buf_fmt(&b,
          "{\"id\":\"R-%d\",\"modified\":\"2024-01-01T00:00:00Z\",\"affected\":[{\"package\":{\"ecosystem\":\"%s\","
          "\"name\":\"p%u\"},\"ranges\":[",
          i, ecosystems[draw(8)], draw(40));
  for (unsigned r = 0, ranges = 1 + draw(2); r < ranges; r++) {
    bool last = draw(2);
    buf_z(&b, r ? ",{\"type\":\"ECOSYSTEM\",\"events\":[" : "{\"type\":\"ECOSYSTEM\",\"events\":[");
    buf_z(&b, draw(2) ? "{\"introduced\":\"0\"}" : "{\"introduced\":\"0.2\"}");
    for (unsigned e = draw(6); e > 0; e--) {
      buf_fmt(&b, ",{\"%s\":\"", kinds[draw(2) ? 0 : last ? 2 : 1]);
      random_version(&b);
      buf_z(&b, "\"}");
    }
    if (draw(6) == 0) { buf_z(&b, ",{\"limit\":\""); random_version(&b); buf_z(&b, "\"}"); }
    buf_z(&b, "]}");
  }
  buf_z(&b, "],\"versions\":[\"9.9\"]}]}");
  return buf_str(&b);
}

static void build_records(Differ *d, Str *text, size_t n) {
  Arena *record = arena_new(1u << 30), *keep = arena_new(1u << 30);
  Feed f = feed_new(record, keep);
  Str sha;
  int64_t bytes;
  const char *file = temporary(&d->cx, "random");
  for (size_t i = 0; i < n; i++) assert_int_equal(feed_file(&d->cx, &f, S("r"), text[i]), E_OK);
  feed_groups(&f);
  assert_int_equal(feed_write_file(&d->cx, &f, file, &sha, &bytes), E_OK);
  arena_free(record);
  arena_free(keep);
  assert_int_equal(snapshot_open(&d->cx, file, &d->snap), E_OK);
  (void)unlink(file);
}

static void random_agrees(void **state) {
  (void)state;
  enum { RECORDS = 1500 };
  AUTO(Cx) cx = cx_new(512u << 20);
  Differ d = { .cx = cx };
  static Str text[RECORDS];
  for (int i = 0; i < RECORDS; i++) text[i] = random_record(&d.cx, i);
  build_records(&d, text, RECORDS);
  for (int i = 0; i < RECORDS; i++) {
    JVal *record;
    assert_int_equal(json_read(&d.cx, text[i], &JSON_DOCUMENT, &record), E_OK);
    JVal *package = json_get(yyjson_arr_get(json_get(record, "affected"), 0), "package");
    Ecosystem e = ecosystem_of(d.cx.arena, json_text(package, "ecosystem"));
    for (int k = 0; k < 20; k++) {
      Buf v = buf_new(d.cx.arena, 64);
      random_version(&v);
      ask(&d, record, &e, json_text(package, "name"), buf_str(&v));
    }
  }
  printf("  random: %zu asked, %zu affected, %zu differ\n", d.asked, d.affected, d.wrong);
  assert_int_equal(d.wrong, 0);
  assert_true(d.affected > 3000);
  snapshot_close(d.snap);
}

static Err ask_file(Cx *cx, void *env, const PackedFile *file) {
  Differ *d = env;
  JVal *record;
  ArenaMark mark = arena_mark(cx->arena);
  if (file->bytes.p && json_read(cx, file->bytes, &JSON_DOCUMENT, &record) == E_OK && yyjson_is_obj(record) &&
      json_get(record, "affected")) {
    d->cx = *cx;
    ask_record(d, record);
  }
  cx_forgive(cx);
  arena_release(cx->arena, mark);
  return E_OK;
}

static void real_agrees(void **state) {
  (void)state;
  static const char *const sets[] = { "osv-go",      "osv-pypi-json", "osv-alma",
                                      "osv-bitnami", "osv-drupal",    "osv-r-json" };
  const char *folder = getenv("PROOFLINE_DATA");
  if (!folder || !*folder) { printf("skipped: PROOFLINE_DATA does not name the data folder\n"); skip(); }
  size_t wrong = 0;
  for (size_t i = 0; i < COUNT(sets); i++) {
    AUTO(Cx) cx = cx_new(512u << 20);
    const char *const path[] = { str_fmt(cx.arena, "%s/adv/%s", folder, sets[i]).p };
    const char *file = temporary(&cx, sets[i]);
    FeedBuild b;
    Differ d = { 0 };
    assert_int_equal(feed_build(&cx, path, 1, file, &b), E_OK);
    assert_int_equal(snapshot_open(&cx, file, &d.snap), E_OK);
    (void)unlink(file);
    assert_int_equal(packed_walk(&cx, path[0], ask_file, &d), E_OK);
    printf("  %-14s %6zu asked, %6zu affected, %zu differ\n", sets[i], d.asked, d.affected, d.wrong);
    wrong += d.wrong;
    snapshot_close(d.snap);
  }
  assert_int_equal(wrong, 0);
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
