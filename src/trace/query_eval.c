/* Evaluation: a set of candidates is filtered term by term; a linked query is evaluated once, as a set. */
#include "trace/inside.h"

static bool choice_fits(const Graph *g, Node n, const Field *f, const Value *v, const Operand *o) {
  uint64_t ok = o->choices[g->type[n]];
  if (!(f->flags & MANY)) return v->i < CHOICES_MAX && ((ok >> v->i) & 1);
  for (size_t i = 0; i < v->list.n; i++) {
    int at = choice_index(f->choices, v->list.p[i]);
    if (at >= 0 && at < CHOICES_MAX && ((ok >> at) & 1)) return true;
  }
  return false;
}

static bool words_fit(const Field *f, const Value *v, const Operand *o) {
  if (f->kind == PERSON && str_eq_nocase(v->s, o->text)) return true;
  if (f->kind != PERSON && v->s.n && str_find_nocase(v->s, o->text) != SIZE_MAX) return true;
  for (size_t i = 0; i < v->list.n; i++)
    if (f->kind == PERSON ? str_eq_nocase(v->list.p[i], o->text)
                          : str_find_nocase(v->list.p[i], o->text) != SIZE_MAX)
      return true;
  return false;
}

static bool field_fits(const Graph *g, Node n, size_t field, const Operand *o) {
  const Value *v = g->row[n].value[field];
  const Field *f = &record_type_at(g->type[n])->fields[field];
  if (!v || o->any) return v != NULL;
  if (f->kind == CHOICE) return choice_fits(g, n, f, v, o);
  if (f->kind == BOOL) return v->i == (int64_t)o->yes;
  if (f->kind == INT) return o->number_ok && compare_holds(o->cmp, v->i, o->number);
  if (f->kind == DATE) return o->day_ok && compare_holds(o->cmp, v->i, o->day);
  return words_fit(f, v, o);
}

static bool fact_fits(Cx *cx, const Graph *g, Node n, size_t fact, const Operand *o, int64_t now_us) {
  int64_t v = fact_value(cx, g, n, fact, now_us);
  if (o->any) return v >= 0;
  if (!record_type_at(g->type[n])->facts[fact].choices)
    return o->number_ok && compare_holds(o->cmp, v, o->number);
  return v >= 0 && v < CHOICES_MAX && ((o->choices[g->type[n]] >> v) & 1);
}

static bool is_suspect(const Graph *g, Node n) {
  for (uint32_t i = 0; i < g->out[n].n; i++) if (link_suspect(g, n, g->out[n].p[i].k)) return true;
  return false;
}

static bool product_fits(const Graph *g, Node n, const Operand *o) {
  const NodeRow *row = &g->row[n];
  if (o->any) return row->nproduct > 0;
  for (uint32_t i = 0; i < row->nproduct; i++)
    if (str_eq_nocase(g->product_id.p[row->product[i]], o->text)) return true;
  return str_eq_nocase(row->id, o->text);
}

static bool operand_fits(Cx *cx, const Graph *g, const Query *q, const Term *t, const Operand *o, Node n) {
  const NodeRow *row = &g->row[n];
  Spot spot;
  switch (t->kind) {
  case TERM_WORD: return text_has(row->text, o->text, o->yes);
  case TERM_TYPE: return type_in(t->types, g->type[n]);
  case TERM_ID: return o->any || str_eq_nocase(row->id, o->text);
  case TERM_STATE: return o->any || ((o->choices[g->type[n]] >> g->state[n]) & 1);
  case TERM_IS:
    return o->number == IS_SUSPECT ? is_suspect(g, n) : ((o->choices[g->type[n]] >> g->state[n]) & 1) != 0;
  case TERM_DEVICE: return product_fits(g, n, o);
  case TERM_OWNER: return o->any ? row->owner.n > 0 : str_eq_nocase(row->owner, o->text);
  case TERM_TITLE: return o->any ? row->title.n > 0 : str_find_nocase(row->title, o->text) != SIZE_MAX;
  case TERM_CHANGED: return o->any || compare_holds(o->cmp, date_of(row->changed_us), o->day);
  case TERM_CREATED: return o->any || compare_holds(o->cmp, date_of(row->created_us), o->day);
  case TERM_REV: return o->any || compare_holds(o->cmp, row->rev, o->number);
  case TERM_FIELD:
    spot = t->spot[g->type[n]];
    if (spot.field >= 0) return field_fits(g, n, (size_t)spot.field, o);
    return spot.fact >= 0 && fact_fits(cx, g, n, (size_t)spot.fact, o, q->now_us);
  case TERM_KEY:
  case TERM_SORT:
  case TERM_LINK:
  case TERM_LINK_ID:
  case TERM_ALL:
  case TERM_COUNT:
  case TERM_ANY: break;
  }
  return false;
}

/* sub: the records that satisfy the linked query, for TERM_LINK and TERM_ALL. */
static bool links_fit(const Graph *g, const Term *t, Node n, const Bits *sub) {
  const Halves *halves = t->inverse ? &g->in[n] : &g->out[n];
  int64_t count = 0;
  bool all = true;
  for (uint32_t i = 0; i < halves->n; i++) {
    const Half *h = &halves->p[i];
    if (h->name != t->link || is_hidden(g, h->other)) continue;
    count++;
    if (t->kind == TERM_COUNT) continue;
    if (t->kind != TERM_LINK_ID) {
      bool in = bit_has(*sub, h->other);
      if (in && t->kind == TERM_LINK) return true;
      all = all && in;
      continue;
    }
    for (size_t v = 0; v < t->value.n; v++)
      if (t->value.p[v].any || str_eq_nocase(g->row[h->other].id, t->value.p[v].text)) return true;
  }
  if (t->kind == TERM_COUNT) return compare_holds(t->cmp, count, t->count);
  return t->kind == TERM_ALL && all;
}

static bool term_fits(Cx *cx, const Graph *g, const Query *q, const Term *t, Node n, const Bits *sub) {
  if (t->kind == TERM_LINK || t->kind == TERM_LINK_ID || t->kind == TERM_ALL || t->kind == TERM_COUNT)
    return links_fit(g, t, n, sub);
  for (size_t i = 0; i < t->value.n; i++) if (operand_fits(cx, g, q, t, &t->value.p[i], n)) return true;
  return false;
}

static Bits bits_copy(Arena *a, Bits b) {
  Bits c = { NEW_ARRAY(a, b.nwords + 1, uint64_t), b.nwords };
  bits_or(c, b);
  return c;
}

static void filter_any(Cx *cx, const Graph *g, const Term *t, Bits set) {
  Bits found = { NEW_ARRAY(cx->arena, set.nwords + 1, uint64_t), set.nwords };
  for (size_t i = 0; i < t->alternative.n; i++) {
    Bits some = bits_copy(cx->arena, set);
    query_filter(cx, g, t->alternative.p[i], some);
    bits_or(found, some);
  }
  for (size_t i = 0; i < set.nwords; i++) set.w[i] &= t->negated ? ~found.w[i] : found.w[i];
}

Bits query_candidates(Arena *a, const Graph *g, const Query *q) {
  Bits set = bits_new(a, g->n);
  for (size_t t = 0; t < g->ntypes; t++) if (type_in(q->types, t)) bits_or(set, g->of_type[t]);
  for (size_t i = 0; i < g->hidden.nwords && i < set.nwords; i++) set.w[i] &= ~g->hidden.w[i];
  return set;
}

void query_filter(Cx *cx, const Graph *g, const Query *q, Bits set) {
  for (size_t i = 0; i < q->term.n && bits_next(set, 0) != NODE_NONE; i++) {
    const Term *t = &q->term.p[i];
    Bits sub = { 0 };
    if (t->kind == TERM_ANY) { filter_any(cx, g, t, set); continue; }
    if (t->sub) {
      sub = query_candidates(cx->arena, g, t->sub);
      query_filter(cx, g, t->sub, sub);
    }
    BITS_EACH(n, set) if (term_fits(cx, g, q, t, n, &sub) == t->negated) bit_drop(set, n);
  }
}
