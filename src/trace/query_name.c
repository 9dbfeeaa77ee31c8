/* Names of a query to fields, facts and links of the record types: what is unknown is named with the nearest
 * and the valid ones, once, when the query is compiled. */
#include "trace/inside.h"

static const struct { const char *key; TermKind kind;
} every[] = { { "changed", TERM_CHANGED }, { "created", TERM_CREATED }, { "device", TERM_DEVICE },
              { "id", TERM_ID },           { "is", TERM_IS },           { "owner", TERM_OWNER },
              { "rev", TERM_REV },         { "sort", TERM_SORT },       { "state", TERM_STATE },
              { "title", TERM_TITLE },     { "type", TERM_TYPE } };

typedef VEC(Str) Names;

size_t types_words(void) { return types_count() / 64 + 1; }

static Types types_new(Reader *r) { return NEW_ARRAY(r->cx->arena, types_words(), uint64_t); }

#define TYPES_EACH(i, type, set)                                                                         \
  for (size_t i = 0, i##_n = types_count(); i < i##_n; i++)                                              \
    for (const RecordType *type = type_in((set), i) ? record_type_at(i) : NULL; type; type = NULL)

/* "a, b, c": long lists end with the number of the rest. */
static Str list_words(Arena *a, const Str *names, size_t n) {
  Buf b = buf_new(a, 700);
  size_t most = n > 40 ? 40 : n;
  for (size_t i = 0; i < most; i++) buf_fmt(&b, "%s%.*s", i ? ", " : "", STR(names[i]));
  if (n > most) buf_fmt(&b, " and %zu more", n - most);
  return buf_str(&b);
}

Err names_wrong(Reader *r, size_t at, Str word, const char *what, const Str *names, size_t n) {
  Str near = str_nearest(word, names, n);
  if (near.p) vec_add(r->cx->arena, &r->near, near);
  else
    for (size_t i = 0; i < n && i < 5; i++)
      if (str_starts(names[i], word)) vec_add(r->cx->arena, &r->near, names[i]);
  if (near.p)
    return query_wrong(r, at, "\"%.*s\" is not %s. Did you mean %.*s? Valid: %.*s", STR(word), what,
                       STR(near), STR(list_words(r->cx->arena, names, n)));
  return query_wrong(r, at, "\"%.*s\" is not %s. Valid: %.*s", STR(word), what,
                     STR(list_words(r->cx->arena, names, n)));
}

static void add_name(Reader *r, Names *names, const char *z) {
  for (size_t i = 0; i < names->n; i++) if (str_eq(names->p[i], str_of(z))) return;
  vec_add(r->cx->arena, names, str_of(z));
}

static int fact_index(const RecordType *type, Str name) {
  for (size_t i = 0; i < type->nfacts; i++) if (str_eq(str_of(type->facts[i].name), name)) return (int)i;
  return -1;
}

/* ---- links ------------------------------------------------------------------------------------------ */

static bool field_reaches(const Field *f, const uint64_t *types) {
  for (Str rest = str_of(f->to), one; rest.n;) {
    str_cut(rest, ' ', &one, &rest);
    if (str_eq(one, S("*"))) return true;
    const RecordType *t = record_type(one);
    if (t && type_in(types, record_type_index(t))) return true;
  }
  return false;
}

static void add_targets(const Field *f, Types out) {
  for (Str rest = str_of(f->to), one; rest.n;) {
    str_cut(rest, ' ', &one, &rest);
    const RecordType *t = record_type(one);
    if (t) type_add(out, record_type_index(t));
    if (str_eq(one, S("*"))) for (size_t i = 0; i < types_count(); i++) type_add(out, i);
  }
}

/* Every link that a record of `types` can have, by the name that reads from it; those of `name` add to
 * `targets`. */
static bool links_of(Reader *r, const uint64_t *types, Str name, Types targets, Names *names) {
  bool found = false;
  for (size_t i = 0; i < types_count(); i++) {
    const RecordType *type = record_type_at(i);
    for (size_t f = 0; f < type->nfields; f++) {
      const Field *field = &type->fields[f];
      bool inverse;
      const LinkName *l = field->kind == LINK ? link_name(str_of(field->name), &inverse) : NULL;
      if (!l) continue;
      if (type_in(types, i)) {
        if (names) add_name(r, names, l->name);
        if (str_eq(name, str_of(l->name))) { found = true; add_targets(field, targets); }
      }
      if (field_reaches(field, types)) {
        if (names) add_name(r, names, l->inverse);
        if (str_eq(name, str_of(l->inverse))) { found = true; type_add(targets, i); }
      }
    }
  }
  return found;
}

static Err resolve_link(Reader *r, const uint64_t *types, Term *t, Types *targets) {
  *targets = types_new(r);
  bool inverse = false;
  const LinkName *l = link_name(t->key, &inverse);
  if (!l || !links_of(r, types, t->key, *targets, NULL)) {
    Names names = { 0 };
    links_of(r, types, STR_NONE, *targets, &names);
    return names_wrong(r, t->at, t->key, "a link here", names.p, names.n);
  }
  t->link = (uint16_t)(l - link_names);
  t->inverse = inverse;
  return E_OK;
}

/* ---- keys ------------------------------------------------------------------------------------------- */

static bool find_spots(Reader *r, const uint64_t *types, Str key, Spot **out) {
  Spot *spot = NEW_ARRAY(r->cx->arena, types_count(), Spot);
  bool found = false;
  for (size_t i = 0; i < types_count(); i++) spot[i] = (Spot){ -1, -1 };
  TYPES_EACH(i, type, types) {
    size_t f;
    const Field *field = record_field(type, key, &f);
    int fact = fact_index(type, key);
    if (field && field->kind != LINK) spot[i].field = (int16_t)f;
    else if (fact >= 0) spot[i].fact = (int16_t)fact;
    found = found || spot[i].field >= 0 || spot[i].fact >= 0;
  }
  *out = spot;
  return found;
}

static Err key_wrong(Reader *r, const uint64_t *types, Str key, size_t at) {
  Names names = { 0 };
  for (size_t i = 0; i < COUNT(every); i++) add_name(r, &names, every[i].key);
  TYPES_EACH(i, type, types) {
    for (size_t f = 0; f < type->nfields; f++)
      if (type->fields[f].kind != LINK) add_name(r, &names, type->fields[f].name);
    for (size_t f = 0; f < type->nfacts; f++) add_name(r, &names, type->facts[f].name);
  }
  links_of(r, types, STR_NONE, types_new(r), &names);
  return names_wrong(r, at, key, "a name that can be asked for here", names.p, names.n);
}

static Err resolve_key(Reader *r, const uint64_t *types, Term *t) {
  for (size_t i = 0; i < COUNT(every); i++)
    if (str_eq(t->key, str_of(every[i].key))) t->kind = every[i].kind;
  bool inverse;
  if (t->kind == TERM_KEY && find_spots(r, types, t->key, &t->spot)) t->kind = TERM_FIELD;
  if (t->kind == TERM_KEY && link_name(t->key, &inverse)) {
    Types targets;
    TRY(resolve_link(r, types, t, &targets));
    t->kind = TERM_LINK_ID;
  }
  if (t->kind == TERM_KEY) return key_wrong(r, types, t->key, t->at);
  for (size_t i = 0; i < t->value.n; i++) TRY(operand_resolve(r, types, t, &t->value.p[i]));
  return E_OK;
}

static Err resolve_sort(Reader *r, Query *q, const Term *t) {
  for (size_t i = 0; i < t->value.n; i++) {
    Str key = str_lower(r->cx->arena, t->value.p[i].raw);
    SortKey k = { .down = str_starts(key, S("-")), .kind = TERM_FIELD };
    k.key = k.down ? str_slice(key, 1, key.n) : key;
    bool known = false;
    for (size_t e = 0; e < COUNT(every); e++)
      if (str_eq(k.key, str_of(every[e].key)) && every[e].kind != TERM_SORT && every[e].kind != TERM_IS &&
          every[e].kind != TERM_DEVICE) { k.kind = every[e].kind; known = true; }
    if (!known && !find_spots(r, q->types, k.key, &k.spot))
      return key_wrong(r, q->types, k.key, t->value.p[i].at);
    vec_add(r->cx->arena, &q->sort, k);
  }
  return E_OK;
}

/* ---- types ------------------------------------------------------------------------------------------ */

static Err resolve_type_term(Reader *r, Term *t) {
  t->kind = TERM_TYPE;
  t->types = types_new(r);
  for (size_t v = 0; v < t->value.n; v++) {
    Operand *o = &t->value.p[v];
    const RecordType *type = record_type(str_lower(r->cx->arena, o->raw));
    o->shown = o->raw;
    if (o->any) { for (size_t i = 0; i < types_count(); i++) type_add(t->types, i); continue; }
    if (!type) {
      Names names = { 0 };
      for (size_t i = 0; i < types_count(); i++) add_name(r, &names, record_type_at(i)->name);
      return names_wrong(r, o->at, str_lower(r->cx->arena, o->raw), "a record type", names.p, names.n);
    }
    o->shown = str_of(type->name);
    type_add(t->types, record_type_index(type));
  }
  return E_OK;
}

/* The types that the `type:` terms of this level leave. */
static Err narrow(Reader *r, Query *q, const uint64_t *types) {
  q->types = types_new(r);
  for (size_t w = 0; w < types_words(); w++) q->types[w] = types[w];
  for (size_t i = 0; i < q->term.n; i++) {
    Term *t = &q->term.p[i];
    if (t->kind != TERM_KEY || !str_eq(t->key, S("type"))) continue;
    TRY(resolve_type_term(r, t));
    bool left = false;
    for (size_t w = 0; w < types_words(); w++) {
      q->types[w] &= t->negated ? ~t->types[w] : t->types[w];
      left = left || q->types[w];
    }
    if (!left) return query_wrong(r, t->at, "no record can be of this type here");
  }
  return E_OK;
}

static Err resolve_term(Reader *r, Query *q, Term *t) {
  Types targets;
  if (t->kind == TERM_KEY) return resolve_key(r, q->types, t);
  if (t->kind == TERM_ANY) {
    for (size_t i = 0; i < t->alternative.n; i++) TRY(query_resolve(r, t->alternative.p[i], q->types));
    return E_OK;
  }
  if (t->kind != TERM_LINK && t->kind != TERM_ALL && t->kind != TERM_COUNT) return E_OK;
  TRY(resolve_link(r, q->types, t, &targets));
  return t->sub ? query_resolve(r, t->sub, targets) : E_OK;
}

Err query_resolve(Reader *r, Query *q, const uint64_t *types) {
  TRY(narrow(r, q, types));
  q->now_us = r->scope->now_us;
  size_t kept = 0;
  for (size_t i = 0; i < q->term.n; i++) {
    Term *t = &q->term.p[i];
    if (t->kind == TERM_KEY && str_eq(t->key, S("sort"))) {
      if (t->negated) return query_wrong(r, t->at, "write sort:-NAME for the other direction");
      TRY(resolve_sort(r, q, t));
      continue;
    }
    if (t->kind != TERM_TYPE) TRY(resolve_term(r, q, t));
    q->term.p[kept++] = *t;
  }
  q->term.n = kept;
  return E_OK;
}
