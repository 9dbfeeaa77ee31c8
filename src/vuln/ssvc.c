/* ssvc.c - reads decision tables and looks outcomes up in them. */
#include "vuln/ssvc.h"

enum { CELLS_MAX = 4096, DEPTH_MAX = 3 };

/* "Super_Effective" and "super effective" are one. */
static Str folded(Arena *a, Str s) {
  s = str_lower(a, str_trim(s));
  return str_replace(a, str_replace(a, s, '_', ' '), '-', ' ');
}

static bool alike(Arena *a, Str x, Str y) { return str_eq(folded(a, x), folded(a, y)); }

/* ---- reading ------------------------------------------------------------------------------------------- */

static Err read_values(Cx *cx, Str text, size_t line, SsvcPoint *out) {
  while (text.n) {
    Str one;
    (void)str_cut(text, '|', &one, &text);
    if (out->nvalues == SSVC_VALUES)
      return fail(cx, E_CONFIG, "ssvc line %zu: more than %d values", line, SSVC_VALUES);
    out->value[out->nvalues++] = str_dup(cx->arena, str_trim(one));
  }
  return out->nvalues ? E_OK : fail(cx, E_CONFIG, "ssvc line %zu: no values", line);
}

/* "technical impact 1.0.0: partial | total" */
static Err read_point(Cx *cx, Str text, size_t line, SsvcPoint *out) {
  Str head, values;
  if (!str_cut(text, ':', &head, &values)) return fail(cx, E_CONFIG, "ssvc line %zu: a point has values", line);
  size_t space = str_rfind_char(head, ' ');
  if (space == SIZE_MAX) return fail(cx, E_CONFIG, "ssvc line %zu: a point has a version", line);
  *out = (SsvcPoint){ .name = str_dup(cx->arena, str_slice(head, 0, space)),
                      .version = str_dup(cx->arena, str_slice(head, space + 1, head.n)) };
  return read_values(cx, values, line, out);
}

static bool value_find(Arena *a, const SsvcPoint *p, Str value, size_t *at) {
  for (size_t i = 0; i < p->nvalues; i++)
    if (alike(a, p->value[i], value)) {
      *at = i;
      return true;
    }
  return false;
}

static Err read_row(Cx *cx, Str text, size_t line, SsvcTable *t) {
  while (text.n) {
    Str one;
    size_t at;
    (void)str_cut(text, '|', &one, &text);
    if (!value_find(cx->arena, &t->outcome, one, &at) || t->cell.n == CELLS_MAX)
      return fail(cx, E_CONFIG, "ssvc line %zu: '%.*s' is no outcome of %.*s", line, STR(str_trim(one)),
                  STR(t->name));
    vec_add(cx->arena, &t->cell, (uint8_t)at);
  }
  return E_OK;
}

static size_t cells_of(const SsvcTable *t) {
  size_t n = 1;
  for (size_t i = 0; i < t->npoints; i++) n *= t->point[i].nvalues;
  return n;
}

static Err read_line(Cx *cx, Str text, size_t line, Ssvc *s) {
  Str word, rest;
  (void)str_cut(text, ' ', &word, &rest);
  if (str_eq(word, S("table"))) {
    SsvcTable *t = vec_push(cx->arena, s);
    (void)str_cut(rest, ' ', &t->name, &rest);
    (void)str_cut(rest, ' ', &t->version, &t->help);
    t->name = str_dup(cx->arena, t->name);
    t->version = str_dup(cx->arena, t->version);
    t->help = str_dup(cx->arena, t->help);
    return E_OK;
  }
  if (!s->n) return fail(cx, E_CONFIG, "ssvc line %zu: begins before a table", line);
  SsvcTable *t = &s->p[s->n - 1];
  if (str_eq(word, S("outcome"))) return read_point(cx, rest, line, &t->outcome);
  if (str_eq(word, S("row"))) return read_row(cx, rest, line, t);
  if (!str_eq(word, S("point")) || t->npoints == SSVC_POINTS)
    return fail(cx, E_CONFIG, "ssvc line %zu: cannot read '%.*s'", line, STR(str_head(text, 40)));
  return read_point(cx, rest, line, &t->point[t->npoints++]);
}

Err ssvc_read(Cx *cx, Str text, Ssvc *out) {
  Ssvc s = { 0 };
  size_t line = 0;
  for (Str one; str_line(&text, &one);) {
    line++;
    one = str_trim(one);
    if (one.n && *one.p != '#') TRY(read_line(cx, one, line, &s));
  }
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i].cell.n != cells_of(&s.p[i]))
      return fail(cx, E_CONFIG, "ssvc table %.*s has %zu cells and needs %zu", STR(s.p[i].name), s.p[i].cell.n,
                  cells_of(&s.p[i]));
  *out = s;
  return E_OK;
}

const SsvcTable *ssvc_table(const Ssvc *s, Str name) {
  for (size_t i = 0; i < s->n; i++)
    if (str_eq_nocase(s->p[i].name, name)) return &s->p[i];
  return NULL;
}

/* ---- deciding ------------------------------------------------------------------------------------------ */

static const SsvcFact *fact_of(Arena *a, const SsvcFacts *facts, Str point) {
  for (size_t i = 0; i < facts->n; i++)
    if (alike(a, facts->p[i].point, point)) return &facts->p[i];
  return NULL;
}

static Err no_value(Cx *cx, const SsvcPoint *p, Str value) {
  Buf b = buf_new(cx->arena, 1024);
  for (size_t i = 0; i < p->nvalues; i++) buf_fmt(&b, "%s%.*s", i ? ", " : "", STR(p->value[i]));
  return fail(cx, E_INVALID, "%.*s has no value \"%.*s\"; one of: %.*s", STR(p->name), STR(str_head(value, 40)),
              STR(buf_str(&b)));
}

static Err decide_at(Cx *cx, const Ssvc *s, const SsvcTable *t, const SsvcFacts *facts, unsigned depth,
                     SsvcAnswer *out);

/* The point's value as given, or as the table gives it that ends in this point. */
static Err point_value(Cx *cx, const Ssvc *s, const SsvcPoint *p, const SsvcFacts *facts, unsigned depth,
                       SsvcFact *out) {
  const SsvcFact *given = fact_of(cx->arena, facts, p->name);
  if (given) {
    *out = *given;
    return E_OK;
  }
  for (size_t i = 0; i < s->n && depth < DEPTH_MAX; i++) {
    SsvcAnswer a = { 0 };
    Cx probe = { .arena = cx->arena };
    if (!alike(cx->arena, s->p[i].outcome.name, p->name)) continue;
    if (decide_at(&probe, s, &s->p[i], facts, depth + 1, &a) != E_OK) break;
    Buf b = buf_new(cx->arena, 1024);
    for (size_t k = 0; k < a.nused; k++)
      buf_fmt(&b, "%s%.*s %.*s", k ? ", " : "", STR(a.used[k].point), STR(a.used[k].value));
    *out = (SsvcFact){ p->name, a.outcome, buf_str(&b) };
    return E_OK;
  }
  return fail(cx, E_INVALID, "%.*s is not known", STR(p->name));
}

static Err decide_at(Cx *cx, const Ssvc *s, const SsvcTable *t, const SsvcFacts *facts, unsigned depth,
                     SsvcAnswer *out) {
  SsvcAnswer a = { 0 };
  size_t at = 0;
  for (size_t i = 0; i < t->npoints; i++) {
    const SsvcPoint *p = &t->point[i];
    SsvcFact f = { 0 };
    size_t value;
    TRY(point_value(cx, s, p, facts, depth, &f));
    if (!value_find(cx->arena, p, f.value, &value)) return no_value(cx, p, f.value);
    at = at * p->nvalues + value;
    a.used[a.nused++] = (SsvcFact){ p->name, p->value[value], f.from };
  }
  a.outcome = t->outcome.value[t->cell.p[at]];
  *out = a;
  return E_OK;
}

Err ssvc_decide(Cx *cx, const Ssvc *s, const SsvcTable *t, const SsvcFacts *facts, SsvcAnswer *out) {
  return decide_at(cx, s, t, facts, 0, out);
}

/* ---- lines --------------------------------------------------------------------------------------------- */

static Err line_facts(Cx *cx, const SsvcTable *t, Str line, SsvcFacts *out) {
  char sep = str_find_char(line, '\t') != SIZE_MAX ? '\t' : ',';
  for (size_t i = 0; line.n; i++) {
    Str one, name, value;
    (void)str_cut(line, sep, &one, &line);
    if (!str_cut(one, '=', &name, &value)) {
      if (i >= t->npoints) return fail(cx, E_INVALID, "%.*s has %zu points", STR(t->name), t->npoints);
      value = one;
      name = t->point[i].name;
    }
    if (fact_of(cx->arena, out, name)) return fail(cx, E_INVALID, "%.*s stands twice", STR(str_trim(name)));
    vec_add(cx->arena, out, (SsvcFact){ str_trim(name), str_trim(value), S("given") });
  }
  return E_OK;
}

static void answer_line(Cx *cx, const Ssvc *s, const SsvcTable *t, Str line, Buf *out) {
  JsonOut o = json_out(out, false);
  SsvcFacts facts = { 0 };
  SsvcAnswer a = { 0 };
  json_object(&o);
  if (line_facts(cx, t, line, &facts) != E_OK || ssvc_decide(cx, s, t, &facts, &a) != E_OK) {
    json_pair(&o, "error", cx->words);
  } else {
    json_pair(&o, "table", t->name);
    json_pair(&o, "version", t->version);
    json_pair(&o, "outcome", a.outcome);
    json_key(&o, "points");
    json_object(&o);
    for (size_t i = 0; i < a.nused; i++) {
      json_key_str(&o, a.used[i].point);
      json_put_str(&o, a.used[i].value);
    }
    json_object_end(&o);
  }
  json_object_end(&o);
}

Err ssvc_calc_lines(Cx *cx, const Ssvc *s, Str table, Str input, Buf *out) {
  const SsvcTable *t = ssvc_table(s, table);
  if (!t) {
    Buf b = buf_new(cx->arena, 1024);
    for (size_t i = 0; i < s->n; i++) buf_fmt(&b, " %.*s", STR(s->p[i].name));
    return fail(cx, E_USAGE, "There is no decision table \"%.*s\"; one of:%.*s", STR(str_head(table, 40)),
                STR(buf_str(&b)));
  }
  AUTO(Cx) mine = cx_new(4u << 20);
  for (Str line; str_line(&input, &line);) {
    answer_line(&mine, s, t, line, out);
    buf_byte(out, '\n');
    cx_reset(&mine);
  }
  return out->over ? fail(cx, E_TOO_LARGE, "The answers need more than %zu bytes", out->max) : E_OK;
}
