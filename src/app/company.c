/* The company as a record, so that a new name is a new revision and no setting. */
#include "app/company.h"
#include "app/data.h"
#include "app/triage.h"

static Node first_of(Cx *cx, const Graph *g, const char *query) {
  Query *q;
  Nodes found = { 0 };
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  if (query_compile(&probe, str_of(query), &(QueryScope){ .now_us = cx->now_us }, &q) != E_OK ||
      query_run(&probe, g, q, &found) != E_OK || !found.n)
    return NODE_NONE;
  return found.p[0];
}

Node company_node(Cx *cx, const Graph *g) {
  return first_of(cx, g, "type:organisation roles:manufacturer -is:closed sort:id");
}

Node company_matrix(Cx *cx, const Graph *g) { return first_of(cx, g, "type:risk_matrix -is:closed sort:-changed"); }

Str company_name(Cx *cx, const Graph *g, const Settings *set) {
  Str named = str_trim(set->text[SET_COMPANY]);
  if (named.n) return named;
  Node n = company_node(cx, g);
  const Value *v = n == NODE_NONE ? NULL : node_value(g, n, "legal_name");
  return v ? v->s : STR_NONE;
}

/* ---- the scales ---------------------------------------------------------------------------------------- */

Err company_scales(Cx *cx, CompanyScales *out) {
  const DataFile *f = data_find(S("setup/scales.txt"));
  if (!f) return fail(cx, E_BUG, "setup/scales.txt is not in the program");
  CompanyScales c = { 0 };
  static const char *const heads[] = { "severity", "exploitability", "acceptability" };
  Str *const into[] = { &c.severity, &c.exploitability, &c.acceptability };
  Buf text[COUNT(heads)];
  for (size_t i = 0; i < COUNT(heads); i++) text[i] = buf_new(cx->arena, 4096);
  Str rest = data_text(f);
  for (Str line, head; str_line(&rest, &line);) {
    line = str_trim(line);
    if (!line.n || *line.p == '#') continue;
    (void)str_cut(line, ' ', &head, &line);
    for (size_t i = 0; i < COUNT(heads); i++)
      if (str_eq(head, str_of(heads[i]))) buf_fmt(&text[i], "%s%.*s", text[i].n ? "\n" : "", STR(line));
  }
  for (size_t i = 0; i < COUNT(heads); i++) *into[i] = buf_str(&text[i]);
  TRY(clinical_matrix(cx, &c.matrix));
  *out = c;
  return E_OK;
}
