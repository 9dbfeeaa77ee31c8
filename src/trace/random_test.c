/* Random queries over random records: the compiled evaluator against a literal reading of the same terms,
 * record by record, with links found by looking at every record. */
#include "trace/test_model.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#undef fail
#define WRONG(...) do { print_error(__VA_ARGS__); print_error("\n"); _fail(__FILE__, __LINE__); } while (0)

enum { RECORDS = 300, QUERIES = 4000, MOST_TERMS = 4, DEEPEST = 3 };

static Cx cx;
static Records records;
static uint64_t seed = 0x9E3779B97F4A7C15u;

static uint32_t dice(uint32_t n) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return (uint32_t)((seed >> 11) % n);
}
static void ok(Err e) { if (e != E_OK) WRONG("%s: %.*s", err_name(e), STR(cx.words)); }

/* ---- records ---------------------------------------------------------------------------------------- */

static const char *const types[] = { "threat", "control", "requirement" };
static const char *const strides[] = { "spoofing", "tampering", "denial_of_service" };
static const char *const levels[] = { "low", "medium", "high" };
static const char *const states[] = { "draft", "in_review", "approved", "retired" };
static const char *const words[] = { "rate", "Bolus", "alarm", "radio" };

static void links_to(Buf *b, const char *link, const char *prefix, uint32_t most) {
  uint32_t n = dice(most + 1), last = UINT32_MAX;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t to = dice(RECORDS / 3) + 1;
    if (to == last) continue;
    buf_fmt(b, "%s%s-%u%s", i ? "," : link, prefix, to, dice(9) ? "" : "!");
    last = to;
  }
}

static void make_records(void) {
  for (uint32_t i = 0; i < RECORDS; i++) {
    Buf b = buf_new(cx.arena, 4096);
    uint32_t t = i % 3, n = i / 3 + 1;
    static const char *const prefixes[] = { "T", "C", "R" };
    buf_fmt(&b, "%s-%u\t%s\t%s\tU00000%u\t%s\t%s of %s\t", prefixes[t], n, types[t], states[dice(4)], dice(3),
            dice(2) ? "pump" : "sensor", words[dice(4)], words[dice(4)]);
    if (t == 0) {
      if (dice(4)) buf_fmt(&b, "stride=%s;", strides[dice(3)]);
      if (dice(4)) buf_fmt(&b, "severity=%s;", levels[dice(3)]);
      if (dice(3)) buf_fmt(&b, "score=%u;", dice(20));
      if (dice(3)) buf_fmt(&b, "due=2026-11-%02u;", dice(28) + 1);
      if (dice(2)) buf_fmt(&b, "multi=%s;", dice(2) ? "yes" : "no");
    }
    if (t == 1 && dice(2)) buf_fmt(&b, "kinds=%s|%s;", strides[dice(3)], strides[dice(3)]);
    buf_byte(&b, '\t');
    if (t == 0) links_to(&b, "mitigated_by=", "C", 3);
    if (t == 1) links_to(&b, "implements=", "R", 2);
    if (t == 2) links_to(&b, "derives_from=", "T", 2);
    Record r;
    ok(test_record_read(&cx, str_dup(cx.arena, buf_str(&b)), &r));
    vec_add(cx.arena, &records, r);
  }
}

/* ---- terms, and what they mean literally ------------------------------------------------------------ */

typedef enum Kind {
  K_STRIDE,
  K_SEVERITY,
  K_SCORE,
  K_DUE,
  K_MULTI,
  K_KINDS,
  K_STATE,
  K_OWNER,
  K_DEVICE,
  K_WORD,
  K_SUSPECT,
  K_ID,
  K_LINK,
  K_ALL,
  K_COUNT,
  K_ANY
} Kind;
typedef struct Q Q;
typedef struct T { Kind kind; bool no; int cmp; uint32_t a, b; const char *link; Q *sub, *other; } T;
struct Q { int type; uint32_t n; T term[MOST_TERMS]; };

static const char *const signs[] = { "", "<", "<=", ">", ">=" };

static bool compare(int cmp, int64_t x, int64_t y) {
  return cmp == 0 ? x == y : cmp == 1 ? x < y : cmp == 2 ? x <= y : cmp == 3 ? x > y : x >= y;
}

static const struct { int from, to; const char *name, *inverse;
} arcs[] = { { 0, 1, "mitigated_by", "mitigates" },
             { 1, 2, "implements", "implemented_by" },
             { 2, 0, "derives_from", "gives_rise_to" } };

static Q *make_query(int type, int depth);

static T make_term(int type, int depth) {
  static const Kind of_threat[] = { K_STRIDE, K_SEVERITY, K_SCORE, K_DUE, K_MULTI };
  T t = { .no = !dice(3), .cmp = (int)dice(5), .a = dice(1000), .b = dice(1000) };
  uint32_t pick = dice(depth > 0 ? 14 : 8);
  if (pick < 3) t.kind = type == 0 ? of_threat[dice(5)] : type == 1 ? K_KINDS : K_STATE;
  else if (pick < 8) {
    static const Kind any[] = { K_STATE, K_OWNER, K_DEVICE, K_WORD, K_SUSPECT, K_ID };
    t.kind = any[dice(6)];
  } else if (pick == 13) {
    t.kind = K_ANY;
    t.sub = make_query(type, depth - 1);
    t.other = make_query(type, depth - 1);
  } else {
    size_t arc = (size_t)type;
    bool back = dice(2);
    if (back) arc = (size_t)((type + 2) % 3);
    t.kind = pick < 10 ? K_LINK : pick < 12 ? K_ALL : K_COUNT;
    t.link = back ? arcs[arc].inverse : arcs[arc].name;
    t.b = back;
    if (t.kind != K_COUNT) t.sub = make_query(back ? arcs[arc].from : arcs[arc].to, depth - 1);
    t.a = dice(3);
  }
  return t;
}

static Q *make_query(int type, int depth) {
  Q *q = NEW(cx.arena, Q);
  q->type = type;
  q->n = dice(MOST_TERMS) + (depth == DEEPEST);
  if (q->n > MOST_TERMS) q->n = MOST_TERMS;
  for (uint32_t i = 0; i < q->n; i++) q->term[i] = make_term(type, depth);
  return q;
}

static void write_query(Buf *b, const Q *q);

static void write_term(Buf *b, const T *t) {
  const char *sign = signs[t->cmp];
  buf_z(b, t->no ? " -" : " ");
  switch (t->kind) {
  case K_STRIDE: buf_fmt(b, "stride:%s,%s", strides[t->a % 3], strides[t->b % 3]); return;
  case K_SEVERITY: buf_fmt(b, "severity:%s%s", sign, levels[t->a % 3]); return;
  case K_SCORE: buf_fmt(b, "score:%s%u", sign, t->a % 20); return;
  case K_DUE: buf_fmt(b, "due:%s2026-11-%02u", sign, t->a % 28 + 1); return;
  case K_MULTI: buf_z(b, t->a % 2 ? "multi:yes" : "multi:*"); return;
  case K_KINDS: buf_fmt(b, "kinds:%s", strides[t->a % 3]); return;
  case K_STATE: buf_fmt(b, "state:%s", states[t->a % 4]); return;
  case K_OWNER: buf_fmt(b, "owner:U00000%u", t->a % 3); return;
  case K_DEVICE: buf_z(b, t->a % 2 ? "device:pump" : "device:sensor"); return;
  case K_WORD: buf_fmt(b, "%s", words[t->a % 4]); return;
  case K_SUSPECT: buf_z(b, "is:suspect"); return;
  case K_ID: buf_fmt(b, "id:T-%u,c-%u", t->a % 100, t->b % 100); return;
  case K_LINK: buf_fmt(b, "%s(", t->link); write_query(b, t->sub); buf_z(b, ")"); return;
  case K_ALL: buf_fmt(b, "all:%s(", t->link); write_query(b, t->sub); buf_z(b, ")"); return;
  case K_COUNT: buf_fmt(b, "count:%s%s%u", t->link, t->cmp ? sign : "=", t->a); return;
  case K_ANY:
    buf_z(b, "(");
    write_query(b, t->sub);
    buf_z(b, " | ");
    write_query(b, t->other);
    buf_z(b, ")");
    return;
  }
}

static void write_query(Buf *b, const Q *q) {
  for (uint32_t i = 0; i < q->n; i++) write_term(b, &q->term[i]);
}

static const Value *value(const Record *r, const char *field) {
  size_t at;
  return record_field(r->type, str_of(field), &at) && r->values[at].set ? &r->values[at] : NULL;
}

static bool holds(const Q *q, const Record *r);

static bool has_link(const Record *from, const char *name, const Record *to) {
  const Value *v = value(from, name);
  for (size_t i = 0; v && i < v->links.n; i++) if (str_eq(v->links.p[i].to, to->id)) return true;
  return false;
}

static bool link_holds(const T *t, const Record *r) {
  int64_t n = 0;
  bool any = false, all = true;
  const char *name = t->link;
  for (size_t i = 0; t->b && i < COUNT(arcs); i++)
    if (str_eq(str_of(arcs[i].inverse), str_of(t->link))) name = arcs[i].name;
  for (size_t i = 0; i < records.n; i++) {
    const Record *other = &records.p[i];
    if (!(t->b ? has_link(other, name, r) : has_link(r, name, other))) continue;
    n++;
    if (t->kind == K_COUNT) continue;
    bool in = holds(t->sub, other);
    any = any || in;
    all = all && in;
  }
  return t->kind == K_COUNT ? compare(t->cmp, n, t->a) : t->kind == K_ALL ? all : any;
}

static bool suspect(const Record *r) {
  for (size_t f = 0; f < r->type->nfields; f++)
    for (size_t i = 0; i < r->values[f].links.n; i++) if (r->values[f].links.p[i].seen.n) return true;
  return false;
}

static bool choice_holds(const Record *r, const char *field, const char *const *all, int cmp, uint32_t want) {
  const Value *v = value(r, field);
  for (int i = 0; v && i < 3; i++) if (str_eq(v->s, str_of(all[i]))) return compare(cmp, i, want);
  return false;
}

static bool term_holds(const T *t, const Record *r) {
  const Value *v;
  int32_t day;
  switch (t->kind) {
  case K_STRIDE:
    return choice_holds(r, "stride", strides, 0, t->a % 3) || choice_holds(r, "stride", strides, 0, t->b % 3);
  case K_SEVERITY: return choice_holds(r, "severity", levels, t->cmp, t->a % 3);
  case K_SCORE: v = value(r, "score"); return v && compare(t->cmp, v->i, t->a % 20);
  case K_DUE:
    v = value(r, "due");
    date_parse(S("2026-11-01"), &day);
    return v && compare(t->cmp, v->i, day + (int64_t)(t->a % 28));
  case K_MULTI: v = value(r, "multi"); return v && (t->a % 2 == 0 || v->i);
  case K_KINDS:
    v = value(r, "kinds");
    for (size_t i = 0; v && i < v->list.n; i++)
      if (str_eq(v->list.p[i], str_of(strides[t->a % 3]))) return true;
    return false;
  case K_STATE: return str_eq(r->state, str_of(states[t->a % 4]));
  case K_OWNER: return str_eq(r->owner, str_fmt(cx.arena, "U00000%u", t->a % 3));
  case K_DEVICE: return str_eq(r->products.p[0], t->a % 2 ? S("pump") : S("sensor"));
  case K_WORD: return str_find_nocase(r->title, str_of(words[t->a % 4])) != SIZE_MAX;
  case K_SUSPECT: return suspect(r);
  case K_ID:
    return str_eq(r->id, str_fmt(cx.arena, "T-%u", t->a % 100)) ||
           str_eq(r->id, str_fmt(cx.arena, "C-%u", t->b % 100));
  case K_ANY: return holds(t->sub, r) || holds(t->other, r);
  case K_LINK: case K_ALL: case K_COUNT: return link_holds(t, r);
  }
  return false;
}

static bool holds(const Q *q, const Record *r) {
  for (uint32_t i = 0; i < q->n; i++) if (term_holds(&q->term[i], r) == q->term[i].no) return false;
  return true;
}

/* ---- the comparison --------------------------------------------------------------------------------- */

static void one_query(const Graph *g, size_t *hits) {
  QueryScope scope = { .now_us = cx.now_us };
  Query *compiled;
  Nodes nodes;
  int type = (int)dice(3);
  Q *q = make_query(type, DEEPEST);
  Buf b = buf_new(cx.arena, 1 << 16);
  buf_fmt(&b, "type:%s", types[type]);
  write_query(&b, q);
  Str text = buf_str(&b);
  if (query_compile(&cx, text, &scope, &compiled) != E_OK) {
    bool large =
        str_find(cx.words, S("more than")) != SIZE_MAX || str_find(cx.words, S("longer than")) != SIZE_MAX;
    if (!large) WRONG("%.*s: %.*s", STR(text), STR(cx.words));
    cx_forgive(&cx);
    return;
  }
  ok(query_run(&cx, g, compiled, &nodes));
  Bits got = bits_new(cx.arena, graph_count(g));
  for (size_t i = 0; i < nodes.n; i++) bit_add(got, nodes.p[i]);
  for (size_t i = 0; i < records.n; i++) {
    Node n = graph_find(g, records.p[i].id);
    bool want = str_eq(str_of(records.p[i].type->name), str_of(types[type])) && holds(q, &records.p[i]);
    if (bit_has(got, n) != want)
      WRONG("%.*s: %.*s should %s", STR(text), STR(records.p[i].id), want ? "match" : "not match");
  }
  *hits += nodes.n;
}

static void compiled_is_literal(void **state) {
  (void)state;
  Graph *g;
  size_t hits = 0;
  cx = cx_new((size_t)1 << 30);
  ok(crypto_start(&cx));
  ok(test_model_set(&cx));
  make_records();
  ok(test_graph(&cx, &records, &g));
  for (int i = 0; i < QUERIES; i++) {
    ArenaMark mark = arena_mark(cx.arena);
    one_query(g, &hits);
    arena_release(cx.arena, mark);
  }
  assert_true(hits > QUERIES);             /* not a test over empty answers */
  graph_close(g);
}

/* ---- growth ------------------------------------------------------------------------------------------ */

static void same_graph(const Graph *a, const Graph *b) {
  assert_int_equal(graph_count(a), graph_count(b));
  for (size_t i = 0; i < a->n; i++) {
    if (i && a->rank[a->by_rank[i]] <= a->rank[a->by_rank[i - 1]]) WRONG("ranks out of order at %zu", i);
    Str id = node_id(b, b->by_rank[i]);
    if (!str_eq(node_id(a, a->by_rank[i]), id)) WRONG("%.*s is not at its place", STR(id));
  }
  for (Node n = 0; n < a->n; n++) {
    Edges x, y;
    graph_edges(&cx, a, n, NULL, &x);
    graph_edges(&cx, b, n, NULL, &y);
    if (x.n != y.n) WRONG("%.*s has %zu and %zu links", STR(node_id(a, n)), x.n, y.n);
    for (size_t i = 0; i < x.n; i++)
      if (x.p[i].to != y.p[i].to || x.p[i].name != y.p[i].name || x.p[i].suspect != y.p[i].suspect)
        WRONG("link %zu of %.*s differs", i, STR(node_id(a, n)));
  }
}

/* Records come and change a few at a time, some with links to what is not there yet; at the end the graph is the one
 * that is built at once. */
static void grown_is_built_at_once(void **state) {
  (void)state;
  Graph *grown = graph_new((size_t)1 << 30), *built = graph_new((size_t)1 << 30);
  for (size_t i = 0; i < records.n; i++) {
    Record early = records.p[i];
    early.title = S("Not its last title");
    if (dice(2)) early.values = records.p[dice(RECORDS / 3) * 3 + i % 3].values;   /* of another of its type */
    ok(graph_put(&cx, grown, &early, S("0123456789abcdef")));
    if (dice(3) == 0) graph_settle(grown);
  }
  for (uint32_t left = 4000; left; left--) {
    uint32_t i = dice(RECORDS);
    Record now = records.p[i];
    now.values = records.p[dice(RECORDS / 3) * 3 + i % 3].values;
    ok(graph_put(&cx, grown, &now, STR_NONE));
    if (dice(4) == 0) graph_settle(grown);
  }
  for (size_t i = 0; i < records.n; i++) {
    ok(graph_put(&cx, built, &records.p[i], STR_NONE));
    ok(graph_put(&cx, grown, &records.p[i], STR_NONE));
    if (i % 7 == 0) graph_settle(grown);
  }
  graph_settle(grown);
  graph_settle(built);
  same_graph(grown, built);
  graph_close(grown);
  graph_close(built);
  cx_free(&cx);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(compiled_is_literal), cmocka_unit_test(grown_is_built_at_once) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
