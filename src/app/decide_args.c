/* decide_args.c - the arguments of finding.decide out of a form or a command line, with the clinical risk. */
#include "app/triage.h"

static Str field_of(const DecideWhat *w, const char *name) {
  for (size_t i = 0; i < w->nfields; i++)
    if (str_eq(w->field[i].name, str_of(name))) return str_trim(w->field[i].value);
  return STR_NONE;
}

static void put_parts(JsonOut *o, const char *name, Str text) {
  json_key(o, name);
  json_array(o);
  while (text.n) {
    Str one;
    (void)str_cut(text, str_find_char(text, '\n') == SIZE_MAX ? ',' : '\n', &one, &text);
    if (str_trim(one).n) json_put_str(o, str_trim(one));
  }
  json_array_end(o);
}

static void put_proposal(Cx *cx, JsonOut *o, Str id, const Clinical *c) {
  json_object(o);
  json_pair(o, "id", id);
  json_pair(o, "exploitability", c->exploitability);
  if (c->path.severity.n) json_pair(o, "clinical_severity", c->path.severity);
  if (c->level.n) {
    json_pair(o, "clinical_level", c->level);
    json_pair(o, "controlled", c->uncontrolled ? S("uncontrolled") : S("controlled"));
  }
  Str urgency =
      c->supplier.outcome.n ? str_fmt(cx->arena, "; SSVC supplier: %.*s", STR(c->supplier.outcome)) : STR_NONE;
  json_pair(o, "clinical_basis", str_fmt(cx->arena, "%.*s%.*s", STR(c->exploitability_why), STR(urgency)));
  json_object_end(o);
}

Err decide_args(Cx *cx, Store *s, const Graph *g, const DecideWhat *w, Str *out) {
  Answers given = { .reach = field_of(w, "reach"),
                    .login = field_of(w, "login"),
                    .exploit = field_of(w, "exploit"),
                    .reachable = field_of(w, "reachable"),
                    .protection = field_of(w, "protection") };
  Buf b = buf_new(cx->arena, 512 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  for (size_t i = 0; i < decide_command.nargs; i++) {
    Str v = field_of(w, decide_command.args[i].name);
    if (!v.n || str_eq(str_of(decide_command.args[i].name), S("findings"))) continue;
    if (decide_command.args[i].kind == ARG_LIST) put_parts(&o, decide_command.args[i].name, v);
    else json_pair(&o, decide_command.args[i].name, v);
  }
  json_key(&o, "findings");
  json_array(&o);
  for (size_t i = 0; i < w->nfindings; i++) {
    Clinical c;
    Node n = graph_find(g, w->finding[i]);
    if (n == NODE_NONE || !str_eq(str_of(node_type(g, n)->name), S("finding")))
      return fail(cx, E_NOTFOUND, "There is no finding %.*s. Nothing was decided", STR(str_head(w->finding[i], 60)));
    TRY(finding_clinical(cx, s, g, n, &given, &c));
    put_proposal(cx, &o, node_id(g, n), &c);
  }
  json_array_end(&o);
  json_object_end(&o);
  *out = buf_str(&b);
  return b.over ? fail(cx, E_TOO_LARGE, "These are too many findings for one decision. Nothing was decided") : E_OK;
}
