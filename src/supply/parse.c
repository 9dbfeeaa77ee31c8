/* parse.c - from bytes to an Sbom, and what both readers use. */
#include "supply/inside.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *sbom_format_name(SbomFormat f) {
  static const char *const name[] = { [SBOM_UNKNOWN] = "", [SBOM_CYCLONEDX] = "CycloneDX", [SBOM_SPDX] = "SPDX" };
  return name[f];
}

SbomOptions supply_options(const Settings *set) {
  Settings own;
  if (!set) {
    settings_default(&own);
    set = &own;
  }
  return (SbomOptions){ .max_bytes = (size_t)set->number[SET_SBOM_BYTES],
                        .max_components = (size_t)set->number[SET_SBOM_COMPONENTS], .max_edges = 1000000 };
}

/* ---- problems ---- */

static void __attribute__((format(printf, 4, 0)))
note(Reading *r, bool error, Str where, const char *fmt, va_list args) {
  *(error ? &r->s->errors : &r->s->warnings) += 1;
  if (r->found[error].n >= SBOM_MAX_PROBLEMS) return;
  char words[600];
  int n = vsnprintf(words, sizeof words, fmt, args);
  size_t length = n < 0 ? 0 : (size_t)n < sizeof words ? (size_t)n : sizeof words - 1;
  while (length && !str_is_utf8((Str){ words, length })) length--;      /* the cut may split a character */
  Str what = str_dup(r->cx->arena, (Str){ words, length });
  vec_add(r->cx->arena, &r->found[error], (SbomProblem){ error, where, what });
}

void reading_warn(Reading *r, Str where, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  note(r, false, where, fmt, args);
  va_end(args);
}

void reading_error(Reading *r, Str where, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  note(r, true, where, fmt, args);
  va_end(args);
}

Str component_place(const Reading *r, uint32_t c, const char *tail) {
  uint32_t chain[64];
  size_t n = 0;
  for (uint32_t i = c; i != SBOM_NONE && n < COUNT(chain); i = r->s->component.p[i].parent) chain[n++] = i;
  Buf b = buf_new(r->cx->arena, 4096);
  for (size_t k = n; k-- > 0;) {
    const SbomComponent *it = &r->s->component.p[chain[k]];
    if (it->parent == SBOM_NONE && it->role == SBOM_SUBJECT) { buf_z(&b, "/metadata/component"); continue; }
    buf_z(&b, r->list_place);
    buf_int(&b, r->at.p[chain[k]]);
  }
  buf_z(&b, tail);
  return buf_str(&b);
}

void component_warn(Reading *r, uint32_t c, const char *tail, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  bool kept = r->found[0].n < SBOM_MAX_PROBLEMS;
  note(r, false, kept ? component_place(r, c, tail) : STR_NONE, fmt, args);
  va_end(args);
}

/* ---- members ---- */

/* The text, or why it is none. */
static Str text_or(JVal *v, const char **why) {
  Str s = json_str(v);
  *why = NULL;
  if (!v || yyjson_is_null(v)) return STR_NONE;
  if (!s.p) *why = "is not text; it was left out";
  else if (memchr(s.p, 0, s.n)) *why = "holds a NUL character; it was left out";
  else if (s.n) return s;
  return STR_NONE;
}

Str member_text(Reading *r, JVal *o, const char *key, Str where) {
  const char *why;
  Str s = text_or(json_get(o, key), &why);
  if (why) reading_warn(r, str_fmt(r->cx->arena, "%.*s/%s", STR(where), key), "\"%s\" %s", key, why);
  return s;
}

Str component_text(Reading *r, uint32_t c, JVal *o, const char *key) {
  const char *why;
  Str s = text_or(json_get(o, key), &why);
  if (why) component_warn(r, c, "", "\"%s\" %s", key, why);
  return s;
}

JVal *member_array(Reading *r, JVal *o, const char *key, Str where) {
  JVal *v = json_get(o, key);
  if (!v || yyjson_is_null(v)) return NULL;
  if (yyjson_is_arr(v)) return v;
  reading_error(r, str_fmt(r->cx->arena, "%.*s/%s", STR(where), key), "\"%s\" must be an array", key);
  return NULL;
}

void list_add(Reading *r, Str word, const char *between) {
  if (!word.n) return;
  if (r->list.n + word.n + 8 > r->list.max) {
    reading_warn(r, STR_NONE, "a list is longer than %zu bytes; its end was left out", r->list.max);
    return;
  }
  if (r->list.n) buf_z(&r->list, between);
  buf_add(&r->list, word);
}

Str list_done(Reading *r) {
  Str s = r->list.n ? str_dup(r->cx->arena, buf_str(&r->list)) : STR_NONE;
  buf_clear(&r->list);
  return s;
}

void licence_add(Reading *r, Str id, Str name, Str text) {
  if (!id.n || !(name.n || text.n) || r->s->licence.n >= r->opt->max_components) return;
  if (map_get(&r->licences, id) != MAP_NONE) return;
  map_put(&r->licences, id, r->s->licence.n);
  vec_add(r->cx->arena, &r->s->licence, (SbomLicence){ id, name, text });
}

/* ---- components and references ---- */

Err component_add(Reading *r, uint32_t at, uint32_t parent, uint32_t role, uint32_t *out) {
  if (r->s->component.n >= r->opt->max_components)
    return fail(
        r->cx, E_TOO_LARGE,
        "The SBOM has more than %zu components. Nothing was stored. Raise the setting %s if it is meant to be "
        "this large, or split it.",
        r->opt->max_components, setting_name(SET_SBOM_COMPONENTS));
  *out = (uint32_t)r->s->component.n;
  SbomComponent *c = vec_push(r->cx->arena, &r->s->component);
  c->parent = parent;
  c->role = role;
  vec_add(r->cx->arena, &r->at, at);
  return E_OK;
}

void ref_add(Reading *r, Str ref, size_t value, Str where) {
  if (!ref.n) return;
  size_t before = map_get(&r->refs, ref);
  if (before == MAP_NONE) { map_put(&r->refs, ref, value); return; }
  Str name = str_head(ref, 200);
  const char *word = r->s->format == SBOM_SPDX ? "SPDXID" : "bom-ref";
  if (before == OTHER_REF || value == OTHER_REF) {
    reading_warn(r, where, "the %s \"%.*s\" stands twice", word, STR(name));
    return;
  }
  Str first = component_place(r, (uint32_t)before, "");
  reading_error(r, where,
                "the %s \"%.*s\" stands twice, first at %.*s: it is not clear which of the two is meant", word,
                STR(name), STR(first));
}

Err edge_state(Reading *r, Str from, Str to, uint32_t at) {
  if (r->stated.n >= r->opt->max_edges)
    return fail(r->cx, E_TOO_LARGE, "The SBOM states more than %zu dependencies. Nothing was stored. Split it.",
                r->opt->max_edges);
  vec_add(r->cx->arena, &r->stated, (Stated){ from, to, at });
  return E_OK;
}

/* ---- the whole ---- */

typedef struct Spec { SbomFormat format; const char *written; Str shown; } Spec;
static const Spec specs[] = {
  { SBOM_CYCLONEDX, "1.0", { "1.0", 3 } }, { SBOM_CYCLONEDX, "1.1", { "1.1", 3 } },
  { SBOM_CYCLONEDX, "1.2", { "1.2", 3 } }, { SBOM_CYCLONEDX, "1.3", { "1.3", 3 } },
  { SBOM_CYCLONEDX, "1.4", { "1.4", 3 } }, { SBOM_CYCLONEDX, "1.5", { "1.5", 3 } },
  { SBOM_CYCLONEDX, "1.6", { "1.6", 3 } }, { SBOM_CYCLONEDX, "1.7", { "1.7", 3 } },
  { SBOM_SPDX, "SPDX-2.2", { "2.2", 3 } }, { SBOM_SPDX, "SPDX-2.3", { "2.3", 3 } },
  { SBOM_SPDX, "spdx.org/rdf/3.0", { "3.0", 3 } },
};

static Err spec_find(Cx *cx, SbomFormat format, Str written, Str *out) {
  for (size_t i = 0; i < COUNT(specs); i++)
    if (specs[i].format == format && str_eq(written, str_of(specs[i].written))) {
      *out = specs[i].shown;
      return E_OK;
    }
  Str shown = str_head(written, 40);
  return fail(cx, E_FORMAT,
              "This is %s %s%.*s%s, which is not known here. Nothing was stored. Known are " ACCEPTED ".",
              sbom_format_name(format), shown.n ? "\"" : "without a version", STR(shown), shown.n ? "\"" : "");
}

typedef struct Reader { Err (*read)(Reading *r, JVal *root); const char *list_place, *edge_place; } Reader;
static const Reader readers[] = {
  { cyclonedx_read, "/components/", "/dependencies" },
  { spdx_read, "/packages/", "/relationships" },
  { spdx3_read, "/@graph/", "/@graph" },
};

static void problems_join(Reading *r) {
  for (int error = 1; error >= 0; error--)
    for (size_t i = 0; i < r->found[error].n && r->s->problems.n < SBOM_MAX_PROBLEMS; i++)
      vec_add(r->cx->arena, &r->s->problems, r->found[error].p[i]);
}

Err sbom_parse(Cx *cx, Str bytes, const SbomOptions *opt, Sbom *out) {
  Str written;
  Opened file;
  TRY(sbom_open(cx, bytes, opt, &file));
  Seen seen = seen_json(file.root, &written);
  if (seen.format == SBOM_UNKNOWN)
    return fail(cx, E_FORMAT,
                "This is %s, not an SBOM that is known here. Nothing was stored. What is read is " ACCEPTED ".",
                seen.what                          ? seen.what
                : str_eq(file.encoding, S("json")) ? "JSON of another kind"
                                                   : "a document of another kind");
  Sbom s = { .format = seen.format, .encoding = file.encoding, .root = SBOM_NONE };
  TRY(spec_find(cx, seen.format, written, &s.spec));
  Reading r = { .cx = cx, .opt = opt, .s = &s, .xml = file.xml, .refs = map_new(cx->arena, 1024),
                .licences = map_new(cx->arena, 64),
                .list = buf_new(cx->arena, 65536) };
  const Reader *reader = seen.format == SBOM_CYCLONEDX ? &readers[0]
                         : str_eq(s.spec, S("3.0"))    ? &readers[2]
                                                       : &readers[1];
  r.list_place = reader->list_place;
  TRY(reader->read(&r, file.root));
  graph_resolve(&r, reader->edge_place);
  rows_fit(&r);
  components_look(&r);
  problems_join(&r);
  *out = s;
  return E_OK;
}

Err sbom_usable(Cx *cx, const Sbom *s, bool accept_errors) {
  if (!s->errors || accept_errors) return E_OK;
  const SbomProblem *p = &s->problems.p[0];
  Str more = s->errors > 1 ? str_fmt(cx->arena, " (and %u more errors)", s->errors - 1) : S("");
  return fail(cx, E_INVALID,
              "%.*s: %.*s%.*s. Nothing was stored. Have the SBOM corrected, or say that its errors are accepted.",
              STR(p->where), STR(p->what), STR(more));
}

Err supply_parse(Cx *cx, Str bytes, const SbomOptions *opt, Sbom *out) {
  Sbom s;
  TRY(sbom_parse(cx, bytes, opt, &s));
  TRY(sbom_usable(cx, &s, opt->accept_errors));
  Buf rows = buf_new(cx->arena, SIZE_MAX / 4);
  rows_write(&s, &rows);
  s.rows = buf_str(&rows);
  *out = s;
  return E_OK;
}
