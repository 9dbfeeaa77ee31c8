/* answer.c - component.set: what a person found out about a component that its SBOM does not say
 * (level and end of support: FDA 2026 V.A.4 (b)). */
#include "supply/inside.h"
#include "supply.sql.h"

static const Str fields[] = {
  { "supplier", 8 }, { "licence", 7 }, { "support_level", 13 }, { "support_end", 11 }, { "element", 7 }
};
static const Str levels[] = {
  { "actively_maintained", 19 }, { "no_longer_maintained", 20 }, { "abandoned", 9 }, { "unknown", 7 }
};

typedef struct Given { Str product, identity, version, field, value, source; } Given;

static bool among(Str s, const Str *list, size_t n) {
  for (size_t i = 0; i < n; i++) if (str_eq(s, list[i])) return true;
  return false;
}

static Str or_empty(Str s) { return s.p ? s : S(""); }

static Given given(const Call *call) {
  JVal *o = call->args;
  return (Given){
    json_text(o, "product"), json_text(o, "identity"), or_empty(json_text(o, "version")), json_text(o, "field"),
    or_empty(str_trim(json_text(o, "value"))), or_empty(json_text(o, "source"))
  };
}

/* "unknown" is an answer when somebody says why; an empty cell is not. */
static void value_check(Cx *cx, const Given *g) {
  int32_t days;
  if (!g->value.n) return;
  if (g->value.n > 500) problem(cx, S("value"), "too-long", "at most 500 characters");
  if (str_eq(g->field, S("support_level")) && !among(g->value, levels, COUNT(levels)))
    problem(cx, S("value"), "choice", "one of actively_maintained, no_longer_maintained, abandoned, unknown");
  if (str_eq(g->field, S("support_end")) && !date_parse(g->value, &days) && !str_eq(g->value, S("unknown")))
    problem(cx, S("value"), "date", "give a date as 2027-12-31, or unknown");
}

static Err given_check(Cx *cx, Call *call, const Given *g) {
  TRY(id_check(cx, g->product, "product", true));
  if (!g->identity.n || g->identity.n > 1200) problem(cx, S("identity"), "invalid", "name the component");
  if (g->version.n > 256 || str_find_char(g->version, ' ') != SIZE_MAX)
    problem(cx, S("version"), "invalid", "a version has at most 256 characters and no blank");
  if (!among(g->field, fields, COUNT(fields)))
    problem(cx, S("field"), "choice", "one of supplier, licence, support_level, support_end, element");
  if (str_trim(call->reason).n < 10)
    problem(cx, S("reason"), "required", "say in 10 characters or more how this is known");
  if (g->source.n > 500) problem(cx, S("source"), "too-long", "at most 500 characters");
  value_check(cx, g);
  TRY(problems_fail(cx));
  int64_t known;
  TRY(store_int(cx, call->store, SQL_ANSWER_KNOWN,
                ARGS(v_text(g->product), v_text(g->identity), v_text(g->version)), 0, &known));
  if (known) return E_OK;
  return fail(cx, E_NOTFOUND,
              "No SBOM of %.*s holds %.*s%s%.*s. Nothing was stored. Look it up among the components.",
              STR(g->product), STR(g->identity), g->version.n ? " " : "", STR(g->version));
}

static Err last_find(Cx *cx, Call *call, Str key, Str field, Str *out) {
  Err e = store_text(cx, call->store, SQL_ANSWER_LAST, ARGS(v_text(key), v_text(field)), out);
  if (e != E_NOTFOUND) return e;
  cx_forgive(cx);
  *out = S("");
  return E_OK;
}

Err answer_run(Cx *cx, Call *call) {
  Given g = given(call);
  TRY(given_check(cx, call, &g));
  /* One text per product, component and version; no product holds a blank and no version does. */
  Str key = str_fmt(cx->arena, "%.*s %.*s @%.*s", STR(g.product), STR(g.identity), STR(g.version)), last;
  TRY(last_find(cx, call, key, g.field, &last));
  bool changed = !str_eq(last, g.value);
  json_pair_bool(call->result, "changed", changed);
  if (!changed) return E_OK;
  Entry e = call_entry(call, S("component.set"));
  TRY(store_run(cx, call->store, SQL_ANSWER_ADD,
                ARGS(v_text(key), v_text(g.product), v_text(g.identity), v_text(g.version), v_text(g.field),
                     v_text(g.value), v_text(g.source), v_text(call->actor), v_int(call->now_us)),
                NULL));
  TRY(store_run(cx, call->store, SQL_NOW_DROP, ARGS(v_text(g.product), v_text(g.identity), v_text(g.version)),
                NULL));
  TRY(store_run(cx, call->store, SQL_NOW_ADD, ARGS(v_text(key)), NULL));
  int64_t seq;
  return ledger_fact_entry(cx, call->store, FACT_COMPONENT, key, &e, &seq);
}
