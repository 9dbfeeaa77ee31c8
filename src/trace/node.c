/* Reading one node. */
#include "trace/inside.h"

int64_t graph_log_size(const Graph *g) { return g->log_size; }
size_t graph_count(const Graph *g) { return g->n; }

Node graph_find(const Graph *g, Str id) {
  char upper[128];
  if (id.n > sizeof upper) return NODE_NONE;
  for (size_t i = 0; i < id.n; i++)
    upper[i] = id.p[i] >= 'a' && id.p[i] <= 'z' ? (char)(id.p[i] - 32) : id.p[i];
  size_t at = map_get(&g->by_id, (Str){ upper, id.n });
  return at == MAP_NONE || is_hidden(g, (Node)at) ? NODE_NONE : (Node)at;
}

bool node_hidden(const Graph *g, Node n) { return is_hidden(g, n); }

static bool node_readable(const Graph *g, Node n, const Who *who, const bool *product_ok) {
  const NodeRow *row = &g->row[n];
  if (!who_type_ok(who, node_type(g, n)->name)) return false;
  if (str_eq(str_of(node_type(g, n)->name), S("product"))) return (who_roles(who, row->id) & ROLES_READ) != 0;
  for (uint32_t i = 0; i < row->nproduct; i++)
    if (product_ok[row->product[i]]) return true;
  return row->nproduct == 0;
}

void graph_see(Cx *cx, Graph *g, const Who *who) {
  g->hidden = (Bits){ 0 };
  if (!who || (!who->types.n && (who_roles(who, S("")) & (ROLES_READ | ROLE_SYSTEM)))) return;
  bool *product_ok = NEW_ARRAY(cx->arena, g->product_id.n + 1, bool);
  for (size_t i = 0; i < g->product_id.n; i++)
    product_ok[i] = (who_roles(who, g->product_id.p[i]) & (ROLES_READ | ROLE_SYSTEM)) != 0;
  Bits hidden = bits_new(cx->arena, g->n ? g->n : 1);
  for (Node n = 0; n < g->n; n++)
    if (!node_readable(g, n, who, product_ok)) bit_add(hidden, n);
  g->hidden = hidden;
}

Str graph_nearest(Cx *cx, const Graph *g, Str id) {
  Str upper = str_upper(cx->arena, id), best = STR_NONE;
  uint32_t least = 4;
  for (Node n = 0; n < g->n; n++) {
    if (is_hidden(g, n)) continue;
    uint32_t d = str_distance(upper, str_upper(cx->arena, g->row[n].id));
    if (d < least) { least = d; best = g->row[n].id; }
  }
  return best;
}

const RecordType *node_type(const Graph *g, Node n) { return record_type_at(g->type[n]); }
Str node_id(const Graph *g, Node n) { return g->row[n].id; }
Str node_title(const Graph *g, Node n) { return g->row[n].title; }
Str node_state(const Graph *g, Node n) { return str_of(node_type(g, n)->life->states[g->state[n]].name); }
unsigned node_state_flags(const Graph *g, Node n) { return node_type(g, n)->life->states[g->state[n]].flags; }
Str node_owner(const Graph *g, Node n) { return g->row[n].owner; }
int64_t node_rev(const Graph *g, Node n) { return g->row[n].rev; }
int64_t node_changed_us(const Graph *g, Node n) { return g->row[n].changed_us; }

Str node_hash_hex(const Graph *g, Node n) { return g->row[n].hash_hex; }

const Value *node_value(const Graph *g, Node n, const char *field) {
  size_t i;
  const RecordType *type = node_type(g, n);
  return record_field(type, str_of(field), &i) ? g->row[n].value[i] : NULL;
}

bool node_in_product(const Graph *g, Node n, Node product) {
  const NodeRow *row = &g->row[n];
  if (n == product) return true;
  for (uint32_t i = 0; i < row->nproduct; i++)
    if (str_eq_nocase(g->product_id.p[row->product[i]], g->row[product].id)) return true;
  return false;
}

bool node_is_company_wide(const Graph *g, Node n) { return g->row[n].nproduct == 0; }

static void add_halves(Cx *cx, const Graph *g, Node n, int name, bool inverse, Edges *out) {
  const Halves *h = inverse ? &g->in[n] : &g->out[n];
  for (uint32_t i = 0; i < h->n; i++) {
    const Half *half = &h->p[i];
    if ((name >= 0 && half->name != name) || is_hidden(g, half->other)) continue;
    bool suspect = link_suspect(g, inverse ? half->other : n, half->k);
    vec_add(cx->arena, out, (Edge){ half->other, suspect, inverse, &link_names[half->name] });
  }
}

void graph_edges(Cx *cx, const Graph *g, Node n, const char *link, Edges *out) {
  Edges found = { 0 };
  bool inverse = false;
  const LinkName *name = link ? link_name(str_of(link), &inverse) : NULL;
  int index = name ? (int)(name - link_names) : -1;
  if (!link || (name && !inverse)) add_halves(cx, g, n, index, false, &found);
  if (!link || (name && inverse)) add_halves(cx, g, n, index, true, &found);
  *out = found;
}

int64_t fact_value(Cx *cx, const Graph *g, Node n, size_t fact, int64_t now_us) {
  FactCache *c = &g->cache[g->type[n]][fact];
  const ComputedFact *f = &node_type(g, n)->facts[fact];
  int64_t minute = now_us / (60 * US_PER_S);
  if (g->hidden.nwords) return f->compute(cx, g, n, now_us);   /* the cache is everybody's */
  if (c->epoch != g->epoch || c->room < g->n) {
    c->value = NEW_ARRAY(g->cache_arena, g->n, int64_t);
    c->known = bits_new(g->cache_arena, g->n);
    c->room = g->n;
    c->epoch = g->epoch;
    c->minute = minute;
  } else if (c->minute != minute) {
    for (size_t i = 0; i < c->known.nwords; i++) c->known.w[i] = 0;
    c->minute = minute;
  }
  if (!bit_has(c->known, n)) {
    c->value[n] = f->compute(cx, g, n, now_us);
    bit_add(c->known, n);
  }
  return c->value[n];
}
