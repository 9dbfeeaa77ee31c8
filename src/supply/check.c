/* check.c - proofline.sbom-check/1, and how complete an SBOM is by NTIA 2021, FDA 2026 V.A.4 and CISA 2025. */
#include "supply/inside.h"

typedef enum Element {
  EL_AUTHOR, EL_TIMESTAMP, EL_SUPPLIER, EL_NAME, EL_VERSION, EL_UNIQUE_ID, EL_DEPENDENCY, EL_SUPPORT_LEVEL,
  EL_SUPPORT_END, EL_HASH, EL_LICENCE, EL_TOOL, EL_CONTEXT, EL_COVERAGE, EL_COUNT
} Element;
enum { NTIA = 1, FDA = 2, CISA = 4 };
typedef struct ElementRow { const char *name, *label; unsigned lists; } ElementRow;
static const ElementRow elements[EL_COUNT] = {
  [EL_AUTHOR] = { "author", "Author of the SBOM data", NTIA | FDA | CISA },
  [EL_TIMESTAMP] = { "timestamp", "Timestamp", NTIA | FDA | CISA },
  [EL_SUPPLIER] = { "supplier", "Supplier", NTIA | FDA | CISA },
  [EL_NAME] = { "name", "Component name", NTIA | FDA | CISA },
  [EL_VERSION] = { "version", "Version", NTIA | FDA | CISA },
  [EL_UNIQUE_ID] = { "unique_id", "Unique identifier", NTIA | FDA | CISA },
  [EL_DEPENDENCY] = { "dependency", "Dependency relationship", NTIA | FDA | CISA },
  [EL_SUPPORT_LEVEL] = { "support_level", "Level of support", FDA },
  [EL_SUPPORT_END] = { "support_end", "End of support", FDA },
  [EL_HASH] = { "hash", "Component hash", CISA },
  [EL_LICENCE] = { "license", "Licence", CISA },
  [EL_TOOL] = { "tool", "Tool", CISA },
  [EL_CONTEXT] = { "generation_context", "Generation context", CISA },
  [EL_COVERAGE] = { "coverage", "Coverage", CISA },
};
typedef struct Tally { int64_t present[EL_COUNT], of[EL_COUNT]; } Tally;

static void whole(Tally *t, Element e, Str s) {
  t->of[e] = 1;
  t->present[e] = s.n > 0;
}

static Tally tally(const Sbom *s) {
  Tally t = { 0 };
  whole(&t, EL_AUTHOR, s->authors);
  whole(&t, EL_TIMESTAMP, s->timestamp);
  whole(&t, EL_TOOL, s->tools);
  whole(&t, EL_CONTEXT, s->lifecycle);
  whole(&t, EL_COVERAGE, s->coverage);
  static const Element each[] = { EL_SUPPLIER,    EL_NAME, EL_VERSION, EL_UNIQUE_ID, EL_SUPPORT_LEVEL,
                                  EL_SUPPORT_END, EL_HASH, EL_LICENCE, EL_DEPENDENCY };
  for (size_t i = 0; i < COUNT(each); i++) t.of[each[i]] = s->listed;
  for (size_t i = 0; i < s->component.n; i++) {
    const SbomComponent *c = &s->component.p[i];
    if (c->role != SBOM_LISTED) continue;
    t.present[EL_SUPPLIER] += c->supplier.n > 0;
    t.present[EL_NAME] += c->name.n > 0;
    t.present[EL_VERSION] += c->version.n > 0;
    t.present[EL_UNIQUE_ID] += c->purl.n || c->cpe.n || c->swid.n || c->other_ids.n;
    t.present[EL_SUPPORT_LEVEL] += c->support_level.n > 0;
    t.present[EL_SUPPORT_END] += c->support_end.n > 0;
    t.present[EL_HASH] += c->hashes.n > 0;
    t.present[EL_LICENCE] += c->licence.n > 0;
  }
  t.present[EL_DEPENDENCY] = (int64_t)s->listed - s->no_relation;
  return t;
}

static void list_put(JsonOut *o, const char *name, const Tally *t, unsigned list) {
  json_key(o, name);
  json_object(o);
  for (size_t e = 0; e < EL_COUNT; e++) {
    if (!(elements[e].lists & list)) continue;
    json_key(o, elements[e].name);
    json_object(o);
    json_pair_int(o, "present", t->present[e]);
    json_pair_int(o, "missing", t->of[e] - t->present[e]);
    json_object_end(o);
  }
  json_object_end(o);
}

static void problem_put(JsonOut *o, bool error, Str where, Str what) {
  json_object(o);
  json_pair(o, "level", error ? S("error") : S("warning"));
  json_pair(o, "where", where.p ? where : S(""));
  json_pair(o, "what", what);
  json_object_end(o);
}

static void head_put(JsonOut *o, Str format, Str spec, Str encoding, int64_t components, int64_t dependencies) {
  json_pair(o, "schema", S("proofline.sbom-check/1"));
  json_pair(o, "format", format.n ? format : STR_NONE);
  json_pair(o, "spec", spec.n ? spec : STR_NONE);
  json_pair(o, "encoding", encoding.n ? encoding : STR_NONE);
  json_pair_int(o, "components", components);
  json_pair_int(o, "dependencies", dependencies);
}

static Err json_done(Cx *cx, const Buf *out) {
  return out->over ? fail(cx, E_TOO_LARGE, "The report on this SBOM is larger than %zu bytes", out->max) : E_OK;
}

Err supply_check_json(Cx *cx, const Sbom *s, Buf *out) {
  Tally t = tally(s);
  JsonOut o = json_out(out, false);
  json_object(&o);
  head_put(&o, str_of(sbom_format_name(s->format)), s->spec, s->encoding, s->listed, s->dependencies);
  if (s->columns.n) json_pair(&o, "columns", s->columns);
  json_key(&o, "problems");
  json_array(&o);
  for (size_t i = 0; i < s->problems.n; i++)
    problem_put(&o, s->problems.p[i].error, s->problems.p[i].where, s->problems.p[i].what);
  uint64_t more = (uint64_t)s->errors + s->warnings - s->problems.n;
  if (more)
    problem_put(&o, false, S(""),
                str_fmt(cx->arena, "%llu more problems are not listed", (unsigned long long)more));
  json_array_end(&o);
  json_key(&o, "elements");
  json_object(&o);
  list_put(&o, "ntia", &t, NTIA);
  list_put(&o, "fda", &t, FDA);
  list_put(&o, "cisa2025", &t, CISA);
  json_object_end(&o);
  json_object_end(&o);
  return json_done(cx, out);
}

/* What can be said of a file that can't be read at all. */
static Err refusal_json(Cx *cx, Str bytes, Str words, Buf *out) {
  JsonOut o = json_out(out, false);
  json_object(&o);
  head_put(&o, STR_NONE, STR_NONE, str_of(seen_bytes(bytes).encoding), 0, 0);
  json_key(&o, "problems");
  json_array(&o);
  problem_put(&o, true, S(""), words);
  json_array_end(&o);
  Tally none = { 0 };
  json_key(&o, "elements");
  json_object(&o);
  list_put(&o, "ntia", &none, NTIA);
  list_put(&o, "fda", &none, FDA);
  list_put(&o, "cisa2025", &none, CISA);
  json_object_end(&o);
  json_object_end(&o);
  return json_done(cx, out);
}

Err supply_check(Cx *cx, Str bytes, const SbomOptions *opt, Buf *out, bool *usable) {
  Sbom s;
  Err e = sbom_read(cx, bytes, opt, &s);
  if (e == E_OK) {
    TRY(supply_check_json(cx, &s, out));
    *usable = s.errors == 0;
    return E_OK;
  }
  if (e != E_FORMAT && e != E_UNREADABLE && e != E_TOO_LARGE && e != E_INVALID) return e;
  Str words = cx->words;
  cx_forgive(cx);
  TRY(refusal_json(cx, bytes, words, out));
  *usable = false;
  return E_OK;
}

/* ---- of a stored one: the document as its report says, the components as they are seen now ---- */

static int64_t missing_now(Element e, const ComponentCounts *c, int64_t reported) {
  switch (e) {
  case EL_SUPPLIER: return c->no_supplier;
  case EL_VERSION: return c->no_version;
  case EL_UNIQUE_ID: return c->no_id;
  case EL_SUPPORT_LEVEL: return c->no_support_level;
  case EL_SUPPORT_END: return c->no_support_end;
  case EL_HASH: return c->no_hash;
  case EL_LICENCE: return c->no_licence;
  case EL_AUTHOR: case EL_TIMESTAMP: case EL_NAME: case EL_DEPENDENCY: case EL_TOOL: case EL_CONTEXT: case EL_COVERAGE:
  case EL_COUNT: break;
  }
  return reported;
}

Err supply_elements(Cx *cx, Store *s, Str sbom, ElementStates *out) {
  SbomInfo info;
  ComponentCounts counts;
  JVal *report;
  ElementStates list = { 0 };
  TRY(supply_sbom(cx, s, sbom, &info));
  TRY(supply_counts(cx, s, sbom, date_of(cx->now_us), &counts));
  TRY(json_read(cx, info.check_json, &JSON_DOCUMENT, &report));
  JVal *lists = json_get(report, "elements");
  for (Element e = 0; e < EL_COUNT; e++) {
    const ElementRow *row = &elements[e];
    JVal *told = json_get(json_get(lists, row->lists & FDA ? "fda" : "cisa2025"), row->name);
    int64_t missing = json_int(told, "missing", 0), all = json_int(told, "present", 0) + missing;
    missing = missing_now(e, &counts, missing);
    vec_add(cx->arena, &list,
            (ElementState){ row->name, row->label, row->lists & NTIA, row->lists & FDA, row->lists & CISA,
                            all - missing, missing });
  }
  *out = list;
  return E_OK;
}
