/* Facts of people, training and suppliers. */
#include "comply/inside.h"

/* ---- duties ----------------------------------------------------------------------------------------- */

static Err products_of(Cx *cx, const FactScope *s, Nodes *out) {
  return fact_nodes(cx, s, "type:product -is:closed", out);
}

static Err duties_where(Cx *cx, const FactScope *s, Node product, const char *const *words, size_t n,
                        bool deputy, Buf *missing) {
  for (size_t i = 0; i < n; i++) {
    Duties held;
    bool found = false;
    TRY(people_duties_of(cx, s->store, node_id(s->graph, product), str_of(words[i]), &held));
    for (size_t k = 0; k < held.n; k++)
      found = found || (held.p[k].active && (!deputy || held.p[k].deputy_of.n));
    Str title = str_of(words[i]);
    for (size_t k = 0; k < people_nduties; k++)
      if (str_eq(title, str_of(people_duties[k].word))) title = str_of(people_duties[k].title);
    if (!found) buf_fmt(missing, "%s%.*s", missing->n ? ", " : "", STR(title));
  }
  return E_OK;
}

static Err duties(Cx *cx, const FactScope *s, const char *const *words, size_t n, bool deputy,
                  FactRows *out) {
  Nodes products;
  if (!s->store) { out->not_assessed = S("no store of people"); return E_OK; }
  TRY(products_of(cx, s, &products));
  out->asked = (int64_t)products.n;
  for (size_t i = 0; i < products.n; i++) {
    Buf missing = buf_new(cx->arena, 1000);
    TRY(duties_where(cx, s, products.p[i], words, n, deputy, &missing));
    if (missing.n) fact_add(cx, out, products.p[i], buf_str(&missing));
  }
  return E_OK;
}

/* ISO 13485 5.5.1: somebody holds each duty. */
Err fact_duties_empty(Cx *cx, const FactScope *s, FactRows *out) {
  const char **words = NEW_ARRAY(cx->arena, people_nduties, const char *);
  for (size_t i = 0; i < people_nduties; i++) words[i] = people_duties[i].word;
  return duties(cx, s, words, people_nduties, false, out);
}

Err fact_duties_without_deputy(Cx *cx, const FactScope *s, FactRows *out) {
  static const char *const words[] = { "incident_commander" };
  return duties(cx, s, words, COUNT(words), true, out);
}

/* ---- training --------------------------------------------------------------------------------------- */

static bool names_person(const Graph *g, Node n, Str person) {
  const RecordType *t = node_type(g, n);
  for (size_t f = 0; f < t->nfields; f++) {
    const Value *v = t->fields[f].kind == PERSON ? node_value(g, n, t->fields[f].name) : NULL;
    if (!v) continue;
    if (str_eq(v->s, person)) return true;
    for (size_t i = 0; i < v->list.n; i++) if (str_eq(v->list.p[i], person)) return true;
  }
  return false;
}

/* 21 CFR 11.10(i): who signs is trained.  Looked at: records that name the person as judging, accepting or
 * testing, and that were accepted after the training fell due. */
Err fact_signer_untrained(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes overdue, signed_off;
  TRY(fact_nodes(cx, s, "type:training -is:accepted -is:closed due:<today trainee:*", &overdue));
  TRY(fact_nodes(cx, s, "type:training -state:voided", &signed_off));
  out->asked = (int64_t)signed_off.n;
  if (!overdue.n) return E_OK;
  TRY(fact_nodes(
      cx, s,
      "is:accepted type:security_risk,safety_risk,residual_risk,control,test_run,capa,incident,clock,drill",
      &signed_off));
  for (size_t i = 0; i < overdue.n; i++) {
    Str person = fact_word(s->graph, overdue.p[i], "trainee");
    int64_t due_us = node_value(s->graph, overdue.p[i], "due")->i * US_PER_DAY;
    for (size_t k = 0; k < signed_off.n; k++)
      if (node_changed_us(s->graph, signed_off.p[k]) > due_us &&
          names_person(s->graph, signed_off.p[k], person)) {
        fact_add(cx, out, overdue.p[i], node_id(s->graph, signed_off.p[k]));
        break;
      }
  }
  return E_OK;
}

/* ---- suppliers -------------------------------------------------------------------------------------- */

static int64_t device_end(const FactScope *s, const Nodes *products, Node supplier, Node *which) {
  int64_t end = 0;
  for (size_t i = 0; i < products->n; i++) {
    const Value *v = node_value(s->graph, products->p[i], "support_end");
    bool mine =
        node_is_company_wide(s->graph, supplier) || node_in_product(s->graph, supplier, products->p[i]);
    if (v && mine && v->i > end) { end = v->i; *which = products->p[i]; }
  }
  return end;
}

/* F26 V.A.4: support of what is inside must last as long as the device's, or there is a plan. */
Err fact_support_before_device(Cx *cx, const FactScope *s, FactRows *out) {
  Nodes suppliers, products;
  TRY(products_of(cx, s, &products));
  TRY(fact_nodes(cx, s, "type:supplier -is:closed support_end:*", &suppliers));
  out->asked = (int64_t)suppliers.n;
  for (size_t i = 0; i < suppliers.n; i++) {
    Node product = NODE_NONE;
    int64_t device = device_end(s, &products, suppliers.p[i], &product),
            own = node_value(s->graph, suppliers.p[i], "support_end")->i;
    if (own >= device) continue;
    vec_add(cx->arena, &out->row,
            (FactRow){ .node = suppliers.p[i],
                       .what = str_fmt(cx->arena, "%.*s, %.*s needs it until %.*s",
                                       STR(date_text(cx->arena, (int32_t)own)),
                                       STR(node_title(s->graph, product)),
                                       STR(date_text(cx->arena, (int32_t)device))) });
  }
  return E_OK;
}
