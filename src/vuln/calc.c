/* calc.c - calculators over lines: a question in, its answer out, in the same order. */
#include "vuln/vers_native.h"

static void put_text(JsonOut *o, const char *key, Str s) {
  json_key(o, key);
  if (s.n) json_put_str(o, s);
  else json_put_null(o);
}

static void error_line(Cx *cx, JsonOut *o) {
  json_object(o);
  json_pair(o, "error", cx->words);
  json_object_end(o);
}

static void purl_line(Cx *cx, Scheme scheme, Str line, Buf *out) {
  (void)scheme;
  JsonOut o = json_out(out, false);
  Purl p;
  JVal *parts;
  Err e = !str_starts(str_trim(line), S("{"))                      ? purl_read(cx, line, &p)
          : json_read(cx, line, &JSON_BODY, &parts) == E_OK ? purl_build(cx, parts, &p)
                                                                   : E_INVALID;
  if (e != E_OK) { error_line(cx, &o); return; }
  json_object(&o);
  json_pair(&o, "purl", purl_text(cx->arena, &p));
  put_text(&o, "type", p.type);
  put_text(&o, "namespace", p.ns);
  put_text(&o, "name", p.name);
  put_text(&o, "version", p.version);
  json_key(&o, "qualifiers");
  json_object(&o);
  for (size_t i = 0; i < p.nqualifiers; i++) {
    json_key_str(&o, p.qualifier[i].key);
    json_put_str(&o, p.qualifier[i].value);
  }
  json_object_end(&o);
  put_text(&o, "subpath", p.subpath);
  json_object_end(&o);
}

static void put_score(JsonOut *o, const char *key, int score_x10) {
  json_key(o, key);
  if (score_x10 == CVSS_NONE) json_put_null(o);
  else json_put_x10(o, score_x10);
}

static void cvss_line(Cx *cx, Scheme scheme, Str line, Buf *out) {
  (void)scheme;
  JsonOut o = json_out(out, false);
  Cvss c;
  if (cvss_read(cx, line, &c) != E_OK) { error_line(cx, &o); return; }
  json_object(&o);
  json_pair(&o, "vector", c.vector);
  json_pair(&o, "version", c.version);
  put_score(&o, "base", c.base_x10);
  put_score(&o, "temporal", c.temporal_x10);
  put_score(&o, "environmental", c.environmental_x10);
  put_score(&o, "score", c.score_x10);
  json_pair(&o, "severity", c.severity);
  json_object_end(&o);
}

static void version_line(Cx *cx, Scheme scheme, Str line, Buf *out) {
  Str left, right;
  (void)cx;
  bool two = str_cut(line, '\t', &left, &right);
  buf_byte(out, two ? version_compare(scheme, left, right) : '?');
}

/* A range and a version: does it hold it?  A range alone: its canonical writing.  With a scheme: a range as its
 * package manager writes it, to vers. */
static void vers_line(Cx *cx, Scheme scheme, Str line, Buf *out) {
  Str range, version, written;
  bool native = scheme != SCHEME_NONE, holds = false, two = !native && str_cut(line, '\t', &range, &version);
  Err e = native ? vers_from_native(cx, scheme, line, &written)
                 : vers_canonical(cx, str_trim(two ? range : line), &written);
  if (e == E_OK && two) e = vers_holds(cx, range, version, &holds);
  if (e == E_OK && two) buf_z(out, holds ? "yes" : "no");
  else if (e == E_OK) buf_add(out, written);
  else {
    buf_z(out, "? ");
    buf_add(out, cx->words);
  }
}

/* Two names: how the first relates to the second, as a whole and value by value. */
static void cpe_relation_line(Cx *cx, Str left, Str right, Buf *out) {
  JsonOut o = json_out(out, false);
  Cpe source, target;
  if (cpe_read(cx, left, &source) != E_OK || cpe_read(cx, right, &target) != E_OK) { error_line(cx, &o); return; }
  json_object(&o);
  json_pair(&o, "relation", str_of(cpe_relation_name(cpe_name_relation(&source, &target))));
  for (size_t i = 0; i < CPE_ATTRIBUTES; i++)
    json_pair(&o, cpe_attributes[i], str_of(cpe_relation_name(cpe_relation(source.value[i], target.value[i]))));
  json_object_end(&o);
}

static void cpe_line(Cx *cx, Scheme scheme, Str line, Buf *out) {
  (void)scheme;
  JsonOut o = json_out(out, false);
  Cpe c;
  Str left, right;
  if (str_cut(line, '\t', &left, &right)) { cpe_relation_line(cx, left, right, out); return; }
  if (cpe_read(cx, line, &c) != E_OK) { error_line(cx, &o); return; }
  json_object(&o);
  json_pair(&o, "cpe", cpe_text(cx->arena, &c));
  for (size_t i = 0; i < CPE_ATTRIBUTES; i++) json_pair(&o, cpe_attributes[i], c.value[i]);
  json_object_end(&o);
}

static const struct {
  const char *name;
  enum { NO_SCHEME, NEEDS_SCHEME, MAY_HAVE_SCHEME } scheme;
  void (*line)(Cx *cx, Scheme scheme, Str line, Buf *out);
} calculators[] = {
  { "version", NEEDS_SCHEME, version_line }, { "vers", MAY_HAVE_SCHEME, vers_line }, { "purl", NO_SCHEME, purl_line },
  { "cpe", NO_SCHEME, cpe_line },            { "cvss", NO_SCHEME, cvss_line },
};

static Err find_scheme(Cx *cx, Str name, Scheme *out) {
  Str names[SCHEME_COUNT];
  if (scheme_find(name, out)) return E_OK;
  size_t n = 0;
  for (unsigned i = 0; i < SCHEME_COUNT; i++)
    if (i != SCHEME_NONE) names[n++] = str_of(scheme_name((Scheme)i));
  Str near = str_nearest(name, names, n);
  if (near.n)
    return fail(cx, E_USAGE, "There is no version scheme \"%.*s\"; did you mean %.*s?", STR(name), STR(near));
  return fail(cx, E_USAGE, "There is no version scheme \"%.*s\"; one of semver npm cargo golang pypi maven nuget gem "
              "composer deb rpm apk cran hackage hex pub conan openssl generic gentoo datetime "
              "lexicographic alpm nginx is needed", STR(name));
}

enum { CALC_MAX_BYTES = 64u << 20 };

Err calc_lines(Cx *cx, Str what, Str scheme_text, Str input, Buf *out) {
  size_t i = 0;
  while (i < COUNT(calculators) && !str_eq(what, str_of(calculators[i].name))) i++;
  if (i == COUNT(calculators)) return fail(cx, E_USAGE, "There is no calculator \"%.*s\"", STR(what));
  Scheme scheme = SCHEME_NONE;
  if (calculators[i].scheme == NEEDS_SCHEME || (calculators[i].scheme && scheme_text.n))
    TRY(find_scheme(cx, scheme_text, &scheme));
  AUTO(Cx) mine = cx_new(CALC_MAX_BYTES);          /* of one line; what it fails with is its answer */
  for (Str line; str_line(&input, &line);) {
    calculators[i].line(&mine, scheme, line, out);
    buf_byte(out, '\n');
    cx_reset(&mine);
  }
  return out->over ? fail(cx, E_TOO_LARGE, "The answers need more than %zu bytes", out->max) : E_OK;
}
