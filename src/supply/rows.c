/* rows.c - an Sbom as length-prefixed rows: what the jailed reader answers and what sbom.import takes.
 *
 * Whoever takes rows trusts nothing: every length, index, order and text is checked again. */
#include "supply/inside.h"
#include <string.h>

#define MAGIC "SBOMROW3"
enum { NO_TEXT = UINT32_MAX, TEXT_MOST = 1 << 20 };

#define AT(T, member) offsetof(T, member)
static const size_t head_text[] = {
  AT(Sbom, spec),     AT(Sbom, encoding),  AT(Sbom, serial),   AT(Sbom, doc_version),
  AT(Sbom, doc_name), AT(Sbom, timestamp), AT(Sbom, tools),    AT(Sbom, authors),
  AT(Sbom, supplier), AT(Sbom, lifecycle), AT(Sbom, coverage),
  AT(Sbom, columns),
};
static const size_t head_number[] = {
  AT(Sbom, root),        AT(Sbom, listed), AT(Sbom, dependencies),
  AT(Sbom, no_relation), AT(Sbom, errors), AT(Sbom, warnings),
};
static const size_t component_text_at[] = {
  AT(SbomComponent, ref),           AT(SbomComponent, type),        AT(SbomComponent, group),
  AT(SbomComponent, name),          AT(SbomComponent, version),     AT(SbomComponent, purl),
  AT(SbomComponent, cpe),           AT(SbomComponent, swid),        AT(SbomComponent, other_ids),
  AT(SbomComponent, supplier),      AT(SbomComponent, licence),     AT(SbomComponent, hashes),
  AT(SbomComponent, scope),         AT(SbomComponent, distro),      AT(SbomComponent, upstream),
  AT(SbomComponent, support_level), AT(SbomComponent, support_end),
};

static const size_t licence_text_at[] = { AT(SbomLicence, id), AT(SbomLicence, name), AT(SbomLicence, text) };

/* ---- writing ---- */

static void text_write(Buf *b, Str s) {
  buf_u32le(b, s.p ? (uint32_t)s.n : NO_TEXT);
  buf_add(b, s);
}

/* The member of that offset. */
static const void *member(const void *base, size_t at) { return (const char *)base + at; }

static void texts_write(Buf *b, const void *base, const size_t *at, size_t n) {
  for (size_t i = 0; i < n; i++) text_write(b, *(const Str *)member(base, at[i]));
}

void rows_write(const Sbom *s, Buf *b) {
  buf_z(b, MAGIC);
  buf_u32le(b, (uint32_t)s->format);
  texts_write(b, s, head_text, COUNT(head_text));
  for (size_t i = 0; i < COUNT(head_number); i++)
    buf_u32le(b, *(const uint32_t *)member(s, head_number[i]));
  buf_u32le(b, (uint32_t)s->component.n);
  buf_u32le(b, (uint32_t)s->edge.n);
  buf_u32le(b, (uint32_t)s->problems.n);
  buf_u32le(b, (uint32_t)s->licence.n);
  for (size_t i = 0; i < s->component.n; i++) {
    const SbomComponent *c = &s->component.p[i];
    buf_u32le(b, c->parent);
    buf_u32le(b, c->role);
    texts_write(b, c, component_text_at, COUNT(component_text_at));
  }
  for (size_t i = 0; i < s->edge.n; i++) {
    buf_u32le(b, s->edge.p[i].from);
    buf_u32le(b, s->edge.p[i].to);
  }
  for (size_t i = 0; i < s->problems.n; i++) {
    buf_u32le(b, s->problems.p[i].error);
    text_write(b, s->problems.p[i].where);
    text_write(b, s->problems.p[i].what);
  }
  for (size_t i = 0; i < s->licence.n; i++) texts_write(b, &s->licence.p[i], licence_text_at, COUNT(licence_text_at));
}

/* ---- what rows can carry ---- */

static const char *unfit(Str s) {
  if (s.n && memchr(s.p, 0, s.n)) return "a text that holds a NUL character was left out";
  return s.n > TEXT_MOST ? "a text of more than 1 MiB was left out" : NULL;
}

static const char *texts_fit(void *base, const size_t *at, size_t n) {
  const char *why = NULL;
  for (size_t i = 0; i < n; i++) {
    Str *s = (Str *)(void *)((char *)base + at[i]);
    const char *bad = unfit(*s);
    if (bad) *s = STR_NONE, why = bad;
  }
  return why;
}

void rows_fit(Reading *r) {
  const char *why = texts_fit(r->s, head_text, COUNT(head_text));
  if (why) reading_warn(r, STR_NONE, "%s", why);
  for (size_t i = 0; i < r->s->component.n; i++) {
    why = texts_fit(&r->s->component.p[i], component_text_at, COUNT(component_text_at));
    if (why) component_warn(r, (uint32_t)i, "", "%s", why);
  }
  for (size_t i = 0; i < r->s->licence.n; i++) {
    why = texts_fit(&r->s->licence.p[i], licence_text_at, COUNT(licence_text_at));
    if (why) reading_warn(r, STR_NONE, "%s", why);
  }
}

/* ---- reading ---- */

typedef struct Take { Str rest; bool bad; } Take;

static uint32_t u32_take(Take *t) {
  if (t->rest.n < 4) { t->bad = true; return 0; }
  uint8_t x[4];
  memcpy(x, t->rest.p, 4);
  t->rest = str_slice(t->rest, 4, t->rest.n);
  return (uint32_t)x[0] | (uint32_t)x[1] << 8 | (uint32_t)x[2] << 16 | (uint32_t)x[3] << 24;
}

static Str text_take(Take *t) {
  uint32_t n = u32_take(t);
  if (n == NO_TEXT || t->bad) return STR_NONE;
  if (n > TEXT_MOST || n > t->rest.n) { t->bad = true; return STR_NONE; }
  Str s = str_slice(t->rest, 0, n);
  t->rest = str_slice(t->rest, n, t->rest.n);
  if (!str_is_utf8(s) || (s.n && memchr(s.p, 0, s.n))) t->bad = true;
  return s;
}

static void texts_take(Take *t, void *base, const size_t *at, size_t n) {
  for (size_t i = 0; i < n && !t->bad; i++) *(Str *)(void *)((char *)base + at[i]) = text_take(t);
}

/* A count of rows of at least `each` bytes: what cannot be there is not allocated. */
static uint32_t count_take(Take *t, size_t most, size_t each) {
  uint32_t n = u32_take(t);
  if (n > most || n > t->rest.n / each) { t->bad = true; return 0; }
  return n;
}

static void components_take(Take *t, Sbom *s) {
  for (uint32_t i = 0; i < s->component.n && !t->bad; i++) {
    SbomComponent *c = &s->component.p[i];
    c->parent = u32_take(t);
    c->role = u32_take(t);
    texts_take(t, c, component_text_at, COUNT(component_text_at));
    if ((c->parent != SBOM_NONE && c->parent >= i) || c->role > SBOM_SUBJECT) t->bad = true;
  }
}

static void edges_take(Take *t, Sbom *s) {
  uint64_t last = 0;
  for (uint32_t i = 0; i < s->edge.n && !t->bad; i++) {
    SbomEdge e = { u32_take(t), 0 };
    e.to = u32_take(t);
    uint64_t order = (uint64_t)e.from << 32 | e.to;
    if (e.from >= s->component.n || e.to >= s->component.n || e.from == e.to || (i && order <= last))
      t->bad = true;
    last = order;
    s->edge.p[i] = e;
  }
}

static void problems_take(Take *t, Sbom *s) {
  for (uint32_t i = 0; i < s->problems.n && !t->bad; i++) {
    SbomProblem *p = &s->problems.p[i];
    p->error = u32_take(t) != 0;
    p->where = text_take(t);
    p->what = text_take(t);
  }
}

static bool totals_agree(const Sbom *s) {
  uint32_t listed = 0;
  for (size_t i = 0; i < s->component.n; i++) listed += s->component.p[i].role == SBOM_LISTED;
  return listed == s->listed && s->no_relation <= listed && s->dependencies >= s->edge.n &&
         s->errors <= 1000000000u && (s->root == SBOM_NONE || s->root < s->component.n);
}

Err rows_read(Cx *cx, Str rows, const SbomOptions *opt, Sbom *out) {
  Sbom s = { 0 };
  Take t = { .rest = rows };
  t.bad = !str_starts(rows, S(MAGIC));
  t.rest = str_slice(rows, sizeof MAGIC - 1, rows.n);
  uint32_t format = u32_take(&t);
  if (format != SBOM_CYCLONEDX && format != SBOM_SPDX) t.bad = true;
  s.format = format == SBOM_SPDX ? SBOM_SPDX : SBOM_CYCLONEDX;
  texts_take(&t, &s, head_text, COUNT(head_text));
  for (size_t i = 0; i < COUNT(head_number) && !t.bad; i++)
    *(uint32_t *)(void *)((char *)&s + head_number[i]) = u32_take(&t);
  s.component.n = s.component.cap = count_take(&t, opt->max_components, 4 * (2 + COUNT(component_text_at)));
  s.edge.n = s.edge.cap = count_take(&t, opt->max_edges, 8);
  s.problems.n = s.problems.cap = count_take(&t, SBOM_MAX_PROBLEMS, 12);
  s.licence.n = s.licence.cap = count_take(&t, opt->max_components, 4 * COUNT(licence_text_at));
  if (!t.bad) {
    s.component.p = NEW_ARRAY(cx->arena, s.component.n, SbomComponent);
    s.edge.p = NEW_ARRAY(cx->arena, s.edge.n, SbomEdge);
    s.problems.p = NEW_ARRAY(cx->arena, s.problems.n, SbomProblem);
    s.licence.p = NEW_ARRAY(cx->arena, s.licence.n, SbomLicence);
    components_take(&t, &s);
    edges_take(&t, &s);
    problems_take(&t, &s);
    for (uint32_t i = 0; i < s.licence.n && !t.bad; i++)
      texts_take(&t, &s.licence.p[i], licence_text_at, COUNT(licence_text_at));
  }
  if (t.bad || t.rest.n || !totals_agree(&s))
    return fail(cx, E_UNREADABLE,
                "The reader's answer about this SBOM does not hold together. Nothing was stored. Try again.");
  s.rows = rows;
  *out = s;
  return E_OK;
}
