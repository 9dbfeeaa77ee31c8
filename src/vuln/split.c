/* split.c - what came from a source, taken apart: every advisory gets a name, its exact bytes and their hash. */
#include "vuln/archive.h"
#include "vuln/slice.h"
#include <string.h>

const JailLimits ARCHIVE_JAIL = {
  .memory_bytes = (size_t)10 << 30, .answer_bytes = (size_t)1 << 30, .cpu_s = 1800, .wall_s = 3600,
  .formats = true
};
enum { HEAD_MOST = 1 << 20, PACK_MOST = 1 << 30 };

typedef struct Split {
  Cx *cx;
  const IntakeAsk *ask;
  Feed skips; /* only what was left out, by reason */
  PackOut pack;
  Map seen; /* name -> place in the pack's records, or SAME */
  Intake found;
  int64_t newest_us;
  VEC(int64_t) times; /* of the pack's records */
} Split;
#define SAME (SIZE_MAX - 1)

static void bad(Split *s, Str file, const char *why) {
  s->found.bad++;
  feed_skip(&s->skips, file, why, 1);
}

/* ---- one record ---- */

typedef struct Named {
  RecordKind kind;
  Str name, modified;
  int64_t rows;
  const char *alien;
} Named;

static Str joined(Cx *cx, Str a, const char *between, Str b) {
  return str_fmt(cx->arena, "%.*s%s%.*s", STR(a), between, STR(b));
}

static const char *major(Str version, const char *known) {
  return !version.n || str_starts(version, str_of(known)) ? NULL : "a schema version that is not known here";
}

static bool name_nvd(JVal *o, Named *out) {
  JVal *cve = json_get(o, "cve");
  if (!cve_number(json_text(cve, "id"))) return false;
  *out = (Named){ RECORD_NVD, json_text(cve, "id"), json_text(cve, "lastModified"), 1, NULL };
  return true;
}

static bool name_csaf(Cx *cx, JVal *o, Named *out) {
  JVal *document = json_get(o, "document"), *tracking = json_get(document, "tracking");
  if (!json_get(document, "csaf_version") || !json_text(tracking, "id").n) return false;
  Str space = json_text(json_get(document, "publisher"), "namespace");
  *out = (Named){ RECORD_CSAF, joined(cx, space, " ", json_text(tracking, "id")),
                  json_text(tracking, "current_release_date"), 1, major(json_text(document, "csaf_version"), "2.") };
  return true;
}

static bool name_cve(JVal *o, Named *out) {
  JVal *meta = json_get(o, "cveMetadata");
  if (!cve_number(json_text(meta, "cveId")) || !json_get(o, "containers")) return false;
  Str updated = json_text(meta, "dateUpdated");
  if (!updated.n) updated = json_text(meta, "datePublished");
  *out = (Named){ RECORD_CVE, json_text(meta, "cveId"), updated, 1, major(json_text(o, "dataVersion"), "5.") };
  return true;
}

static bool name_of(Cx *cx, JVal *o, Named *out) {
  JVal *list = json_get(o, "vulnerabilities");
  if (json_get(o, "catalogVersion") && list) {
    *out = (Named){ RECORD_KEV, S("kev"), json_text(o, "dateReleased"), (int64_t)yyjson_arr_size(list), NULL };
    if (json_int(o, "count", out->rows) != out->rows) out->alien = "a catalog that counts otherwise than it holds";
    return true;
  }
  if (name_nvd(o, out) || name_csaf(cx, o, out) || name_cve(o, out)) return true;
  if (!json_text(o, "id").n || !json_text(o, "modified").n || json_get(o, "cve")) return false;
  *out = (Named){ RECORD_OSV, json_text(o, "id"), json_text(o, "modified"), 1,
                  major(json_text(o, "schema_version"), "1.") };
  return true;
}

/* NVD gives times without a zone, in UTC. */
static int64_t time_of(Cx *cx, Str text) {
  int64_t us;
  if (time_parse(text, &us) || time_parse(joined(cx, text, "Z", S("")), &us)) return us;
  return INT64_MIN;
}

static void pack_it(Split *s, Str name, Hash hash, Str bytes, int64_t us, size_t known) {
  if (known != MAP_NONE && known != SAME) { /* twice in one intake: the newer one counts */
    if (s->times.p[known] >= us) return;
    PackRecord *old = &s->pack.records.p[known];
    Str kept = old->name;
    pack_add(&s->pack, name, hash, bytes);
    *old = s->pack.records.p[--s->pack.records.n];
    old->name = kept;
    s->times.p[known] = us;
    return;
  }
  const PackRecord *before = archive_find(s->ask->state, name);
  Str own = str_dup(s->pack.arena, name);
  if (before && hash_eq(before->hash, hash)) {
    s->found.same++;
    map_put(&s->seen, own, SAME);
    return;
  }
  *(before ? &s->found.changed : &s->found.fresh) += 1;
  map_put(&s->seen, own, s->pack.records.n);
  pack_add(&s->pack, own, hash, bytes);
  vec_add(s->pack.arena, &s->times, us);
}

static Err take(Split *s, Str file, const Named *n, Str bytes) {
  if (n->alien)
    return fail(s->cx, E_FEED, "%.*s: %.*s is %s. The old snapshot is kept; a newer Proofline may read it", STR(file),
                STR(n->name), n->alien);
  if (!(s->ask->kinds & 1u << n->kind)) {
    bad(s, file, "a record of another kind than the source gives");
    return E_OK;
  }
  if (n->name.n > PACK_NAME_MOST) {
    bad(s, file, "a record whose id is too long");
    return E_OK;
  }
  int64_t us = time_of(s->cx, n->modified);
  if (us > s->newest_us) s->newest_us = us;
  size_t known = map_get(&s->seen, n->name);
  if (known == MAP_NONE) s->found.records++, s->found.rows += n->rows;
  if (known == SAME && archive_find(s->ask->state, n->name)) return E_OK;
  pack_it(s, n->name, sha256(bytes), bytes, us, known);
  return E_OK;
}

/* ---- one file ---- */

static Err take_items(Split *s, Str file, Str list, JVal *items) {
  Str rest = slice_inside(list), one;
  JSON_EACH(o, items) {
    Named n;
    if (!slice_item(&rest, &one)) return fail(s->cx, E_BUG, "A list of advisories was cut wrongly");
    if (name_of(s->cx, o, &n)) TRY(take(s, file, &n, one));
    else bad(s, file, "JSON that is no advisory");
  }
  return E_OK;
}

/* An NVD page or yearly file: its member "vulnerabilities". */
static Err take_page(Split *s, Str file, Str text, JVal *root) {
  Str rest = slice_inside(text), key, value;
  if (!str_starts(json_text(root, "version"), S("2.")))
    return fail(s->cx, E_FEED, "%.*s is of NVD version %.*s, which is not known here. The old snapshot is kept",
                STR(file), STR(json_text(root, "version")));
  while (slice_member(&rest, &key, &value))
    if (str_eq(key, S("\"vulnerabilities\""))) return take_items(s, file, value, json_get(root, "vulnerabilities"));
  return E_OK;
}

/* Debian's tracker: one record per source package. */
static Err take_debian(Split *s, Str file, Str text, JVal *root) {
  Str rest = slice_inside(text), key, value;
  JSON_MEMBERS(package, entries, root) {
    if (!entries || !slice_member(&rest, &key, &value)) return fail(s->cx, E_BUG, "Debian's tracker was cut wrongly");
    Named n = { RECORD_DEBIAN, json_str(package), STR_NONE, 1, NULL };
    Str whole = str_fmt(s->cx->arena, "{%.*s:%.*s}", STR(key), STR(value));
    TRY(take(s, file, &n, whole));
  }
  return E_OK;
}

/* Alpine's secdb: one record per package of a release and repository. */
static Err take_alpine(Split *s, Str file, Str text, JVal *root) {
  Str rest = slice_inside(text), key, value, list = STR_NONE, version = STR_NONE, repository = STR_NONE, one;
  while (slice_member(&rest, &key, &value)) {
    if (str_eq(key, S("\"packages\""))) list = slice_inside(value);
    if (str_eq(key, S("\"distroversion\""))) version = value;
    if (str_eq(key, S("\"reponame\""))) repository = value;
  }
  JSON_EACH(package, json_get(root, "packages")) {
    if (!slice_item(&list, &one)) return fail(s->cx, E_BUG, "Alpine's secdb was cut wrongly");
    Named n = { RECORD_ALPINE, alpine_record_name(s->cx->arena, root, package), STR_NONE, 1, NULL };
    Str whole = str_fmt(s->cx->arena, "{\"distroversion\":%.*s,\"reponame\":%.*s,\"packages\":[%.*s]}", STR(version),
                        STR(repository), STR(one));
    TRY(take(s, file, &n, whole));
  }
  return E_OK;
}

static Err take_json(Split *s, Str file, Str text) {
  JsonLimits limits = JSON_DOCUMENT;
  JVal *root;
  Named n;
  limits.max_bytes = PACK_RECORD_MOST;
  limits.max_values = 64u << 20;
  if (json_read(s->cx, text, &limits, &root) != E_OK) {
    cx_forgive(s->cx);
    bad(s, file, "broken JSON");
    return E_OK;
  }
  if (yyjson_is_arr(root)) return take_items(s, file, text, root);
  if (str_starts(json_text(root, "format"), S("NVD"))) return take_page(s, file, text, root);
  if (name_of(s->cx, root, &n)) return take(s, file, &n, text);
  if (alpine_looks_right(root)) return take_alpine(s, file, text, root);
  if (debian_looks_right(root)) return take_debian(s, file, text, root);
  bad(s, file, "JSON that is no advisory");
  return E_OK;
}

static int64_t lines_of(Str text) {
  int64_t n = 0;
  for (Str line; str_line(&text, &line);) n += line.n && line.p[0] != '#' && !str_starts(line, S("cve"));
  return n;
}

static Err take_epss(Split *s, Str file, Str text) {
  Str rest = text, line = STR_NONE;
  (void)str_line(&rest, &line);
  size_t at = str_find(line, S("score_date:"));
  Str date = at == SIZE_MAX ? STR_NONE : str_trim(str_slice(line, at + 11, line.n));
  Named n = { RECORD_EPSS, S("epss"), date, lines_of(text), NULL };
  return take(s, file, &n, text);
}

static Err take_file(Split *s, Str file, Str bytes) {
  Str text = str_trim(bytes);
  if (!text.n) {
    bad(s, file, "an empty file");
    return E_OK;
  }
  if (*text.p == '<')
    return fail(
        s->cx, E_FEED,
        "%.*s is a web page or XML, not advisories (perhaps the sign-in page of a proxy). The old snapshot is kept",
        STR(file));
  if (str_starts(text, S("#model_version")) || str_starts(text, S("cve,epss"))) return take_epss(s, file, text);
  if (*text.p == '{' || *text.p == '[') return take_json(s, file, text);
  bad(s, file, "neither JSON nor exploit scores");
  return E_OK;
}

static Err each_file(Cx *cx, void *env, const PackedFile *f) {
  Split *s = env;
  ArenaMark mark = arena_mark(cx->arena);
  Err e = E_OK;
  if (f->bytes.p) e = take_file(s, f->name, f->bytes);
  else bad(s, f->name, str_z(s->pack.arena, f->why));
  if (e == E_OK) arena_release(cx->arena, mark);
  return e;
}

/* ---- the whole ---- */

static bool next_frame(Str *rest, Str *name, Str *bytes) {
  uint32_t n;
  uint64_t size;
  if (rest->n < 12) return false;
  memcpy(&n, rest->p, 4);
  memcpy(&size, rest->p + 4, 8);
  if (n > rest->n - 12 || size > rest->n - 12 - n) return false;
  *name = str_slice(*rest, 12, 12 + n);
  *bytes = str_slice(*rest, 12 + n, 12 + n + size);
  *rest = str_slice(*rest, 12 + n + size, rest->n);
  return true;
}

static void tell_gone(Split *s) {
  for (size_t i = 0; s->ask->full && i < s->ask->state->held.n; i++) {
    Str name = s->ask->state->names.p[i];
    if (s->ask->state->held.p[i].record == UINT32_MAX || map_get(&s->seen, name) != MAP_NONE) continue;
    pack_gone(&s->pack, name);
    s->found.gone++;
  }
}

Err intake_split_here(Cx *cx, const IntakeAsk *ask, Str spool, Intake *out) {
  Arena *own = arena_new(ARCHIVE_JAIL.memory_bytes);
  Buf pack = buf_new(own, PACK_MOST);
  Split s = { .cx = cx,
              .ask = ask,
              .skips = feed_new(own, own),
              .pack = pack_out(own, &pack),
              .seen = map_new(own, 1024),
              .newest_us = INT64_MIN };
  Str name, bytes;
  Err e = E_OK;
  while (e == E_OK && next_frame(&spool, &name, &bytes)) e = packed_bytes(cx, name, bytes, each_file, &s);
  if (e == E_UNREADABLE) {
    Str words = cx->words;
    cx_forgive(cx);
    e = fail(cx, E_FEED, "%.*s. The old snapshot is kept", STR(words));
  }
  if (e == E_OK) tell_gone(&s);
  if (e == E_OK && s.pack.records.n) e = pack_end(cx, &s.pack);
  if (e == E_OK) {
    *out = s.found;
    if (s.pack.records.n) out->pack = str_dup(cx->arena, buf_str(&pack));
    if (s.newest_us > INT64_MIN) out->newest = time_text(cx->arena, s.newest_us);
    out->nskips = s.skips.skips.n;
    out->skip = NEW_ARRAY(cx->arena, out->nskips + 1, FeedSkip);
    for (size_t i = 0; i < out->nskips; i++) {
      FeedSkip k = s.skips.skips.p[i];
      out->skip[i] = (FeedSkip){ str_dup(cx->arena, k.file), str_dup(cx->arena, k.why), k.count };
    }
  }
  arena_free(own);
  return e;
}

/* ---- through the jail ---- */

static const struct {
  const char *key;
  size_t at;
} numbers[] = {
  { "records", offsetof(Intake, records) }, { "rows", offsetof(Intake, rows) }, { "fresh", offsetof(Intake, fresh) },
  { "changed", offsetof(Intake, changed) }, { "same", offsetof(Intake, same) }, { "gone", offsetof(Intake, gone) },
  { "bad", offsetof(Intake, bad) },
};

static Err work(Cx *cx, void *env, Str spool, Buf *answer) {
  Intake in = { 0 };
  TRY(intake_split_here(cx, env, spool, &in));
  Buf head = buf_new(cx->arena, HEAD_MOST);
  JsonOut o = json_out(&head, false);
  json_object(&o);
  for (size_t i = 0; i < COUNT(numbers); i++) {
    int64_t v;
    memcpy(&v, (const char *)&in + numbers[i].at, sizeof v);
    json_pair_int(&o, numbers[i].key, v);
  }
  json_pair(&o, "newest", in.newest);
  json_key(&o, "skipped");
  skips_json(in.skip, in.nskips, &o);
  json_object_end(&o);
  buf_u32le(answer, (uint32_t)head.n);
  buf_add(answer, buf_str(&head));
  buf_add(answer, in.pack);
  return answer->over ? fail(cx, E_TOO_LARGE, "This intake is too large for one pack. Nothing was kept") : E_OK;
}

void skips_json(const FeedSkip *skip, size_t n, JsonOut *o) {
  json_array(o);
  for (size_t i = 0; i < n; i++) {
    json_object(o);
    json_pair(o, "file", str_head(skip[i].file, 200));
    json_pair(o, "why", skip[i].why);
    json_pair_int(o, "count", skip[i].count);
    json_object_end(o);
  }
  json_array_end(o);
}

void skips_read(Cx *cx, JVal *list, FeedSkip **out, size_t *n) {
  FeedSkip *skip = NEW_ARRAY(cx->arena, yyjson_arr_size(list) + 1, FeedSkip);
  size_t k = 0;
  JSON_EACH(one, list)
  skip[k++] = (FeedSkip){ json_text(one, "file"), json_text(one, "why"), json_int(one, "count", 1) };
  *out = skip;
  *n = k;
}

Err answer_cut(Cx *cx, Str answer, JVal **head, Str *rest) {
  uint32_t n = 0;
  if (answer.n >= 4) memcpy(&n, answer.p, 4);
  if (answer.n < 4 || n > answer.n - 4) return fail(cx, E_UNREADABLE, "The reader of a feed answered without sense");
  *rest = str_slice(answer, 4 + n, answer.n);
  return json_read(cx, str_slice(answer, 4, 4 + n), &JSON_DOCUMENT, head);
}

Err intake_split(Cx *cx, const IntakeAsk *ask, Str spool, Intake *out) {
  IntakeAsk own = *ask;
  Intake in = { 0 };
  Str answer;
  JVal *head;
  TRY(jail_run(cx, &ARCHIVE_JAIL, work, &own, spool, &answer));
  TRY(answer_cut(cx, answer, &head, &in.pack));
  for (size_t i = 0; i < COUNT(numbers); i++) {
    int64_t v = json_int(head, numbers[i].key, 0);
    memcpy((char *)&in + numbers[i].at, &v, sizeof v);
  }
  in.newest = json_text(head, "newest");
  skips_read(cx, json_get(head, "skipped"), &in.skip, &in.nskips);
  *out = in;
  return E_OK;
}
