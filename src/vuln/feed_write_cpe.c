/* feed_write_cpe.c - products, programs and leaves of all advisories, with the way from a product to its programs. */
#include "vuln/feed.h"
#include <stdlib.h>
#include <string.h>

typedef struct Product {
  Str part, vendor, product;
  size_t first, uses;
} Product;
typedef struct Programs {
  Out *out;
  Map known, rests; /* name -> index */
  VEC(Product) product;
  Product **sorted;
  uint32_t *place; /* index of product -> place in the snapshot */
  uint32_t leaves, ops, progs;
} Programs;

static Str product_key(Arena *a, const FeedLeaf *l) {
  return str_fmt(a, "%.*s:%.*s:%.*s", STR(l->product), STR(l->vendor), STR(l->part));
}

static size_t product_of(Programs *p, const FeedLeaf *l) {
  Arena *a = p->out->f->arena;
  ArenaMark mark = arena_mark(a);
  Str key = product_key(a, l);
  size_t at = map_get(&p->known, key);
  if (at != MAP_NONE) {
    arena_release(a, mark);
    return at;
  }
  map_put(&p->known, key, p->product.n);
  vec_add(a, &p->product, (Product){ .part = l->part, .vendor = l->vendor, .product = l->product });
  return p->product.n - 1;
}

static int by_name(const void *x, const void *y) {
  const Product *a = *(Product *const *)x, *b = *(Product *const *)y;
  int d = str_cmp(a->product, b->product);
  if (!d) d = str_cmp(a->vendor, b->vendor);
  return d ? d : str_cmp(a->part, b->part);
}

static void sort_products(Programs *p) {
  Feed *f = p->out->f;
  for (size_t i = 0; i < f->advs.n; i++)
    for (size_t k = 0; k < f->advs.p[i].leaves.n; k++)
      f->advs.p[i].leaves.p[k].cpe = (uint32_t)product_of(p, &f->advs.p[i].leaves.p[k]);
  p->sorted = NEW_ARRAY(f->arena, p->product.n + 1, Product *);
  p->place = NEW_ARRAY(f->arena, p->product.n + 1, uint32_t);
  for (size_t i = 0; i < p->product.n; i++) p->sorted[i] = &p->product.p[i];
  if (p->product.n) qsort(p->sorted, p->product.n, sizeof *p->sorted, by_name);
  for (size_t i = 0; i < p->product.n; i++) p->place[p->sorted[i] - p->product.p] = (uint32_t)i;
}

static uint32_t rest_of(Programs *p, const FeedLeaf *l) {
  Out *o = p->out;
  SnapRest rest;
  for (size_t i = 0; i < REST_COUNT; i++) rest.value[i] = out_ref(o, l->rest[i]);
  Str key = { (const char *)&rest, sizeof rest };
  size_t at = map_get(&p->rests, key);
  if (at != MAP_NONE) return (uint32_t)at;
  uint32_t n = (uint32_t)(o->section[SNAP_RSTS].n / sizeof rest);
  map_put(&p->rests, str_dup(o->f->arena, key), n);
  PUT(o, RSTS, rest);
  return n;
}

static void put_leaf(Programs *p, const FeedLeaf *l) {
  Out *o = p->out;
  SnapLeaf row = { .cpe = p->place[l->cpe],
                   .rest = rest_of(p, l),
                   .flags = l->flags,
                   .version = out_ref(o, l->version),
                   .update = out_ref(o, l->update),
                   .key = out_ref(o, l->key),
                   .lo_key = out_ref(o, l->lo_key),
                   .hi_key = out_ref(o, l->hi_key),
                   .lo_text = out_ref(o, l->lo),
                   .hi_text = out_ref(o, l->hi) };
  PUT(o, LEAF, row);
  p->leaves++;
}

static void put_advisory(Programs *p, const FeedAdv *a, uint32_t adv) {
  uint32_t leaf0 = p->leaves, op0 = p->ops;
  for (size_t i = 0; i < a->leaves.n; i++) put_leaf(p, &a->leaves.p[i]);
  for (size_t i = 0; i < a->ops.n; i++, p->ops++) {
    SnapOp op = { a->ops.p[i].kind, a->ops.p[i].kind == OP_LEAF ? leaf0 + a->ops.p[i].leaf : 0 };
    PUT(p->out, OPER, op);
  }
  for (size_t i = 0; i < a->progs.n; i++, p->progs++) {
    SnapProg row = { adv, op0 + a->progs.p[i].first_op, a->progs.p[i].ops, a->progs.p[i].flags };
    PUT(p->out, PROG, row);
  }
}

typedef struct Use {
  uint32_t cpe, prog;
} Use;
static int by_use(const void *x, const void *y) {
  const Use *a = x, *b = y;
  if (a->cpe != b->cpe) return a->cpe < b->cpe ? -1 : 1;
  return (a->prog > b->prog) - (a->prog < b->prog);
}

/* A program is found through the products that it calls vulnerable, never through its platforms. */
static void put_uses(Programs *p) {
  Out *o = p->out;
  const SnapLeaf *leaf = (const void *)o->section[SNAP_LEAF].p;
  const SnapOp *op = (const void *)o->section[SNAP_OPER].p;
  const SnapProg *prog = (const void *)o->section[SNAP_PROG].p;
  Use *use = NEW_ARRAY(o->f->arena, p->leaves + 1, Use);
  size_t n = 0, at = 0;
  for (uint32_t i = 0; i < p->progs; i++)
    for (uint32_t k = 0; k < prog[i].ops; k++) {
      const SnapOp *one = &op[prog[i].first_op + k];
      if (one->kind == OP_LEAF && (leaf[one->leaf].flags & LEAF_VULNERABLE))
        use[n++] = (Use){ leaf[one->leaf].cpe, i };
    }
  if (n) qsort(use, n, sizeof *use, by_use);
  for (uint32_t i = 0, first = 0; i < p->product.n; i++) {
    const Product *c = p->sorted[i];
    SnapCpe row = { out_ref(o, c->product), out_ref(o, c->vendor), out_ref(o, c->part), first, 0, 0 };
    for (; at < n && use[at].cpe == i; at++) {
      if (row.uses && use[at].prog == use[at - 1].prog) continue;
      PUT(o, CPEU, use[at].prog);
      row.uses++;
    }
    first += row.uses;
    PUT(o, CPES, row);
  }
}

void put_programs(Out *o) {
  Programs p = { .out = o, .known = map_new(o->f->arena, 1024), .rests = map_new(o->f->arena, 64) };
  sort_products(&p);
  for (size_t i = 0; i < o->f->advs.n; i++) put_advisory(&p, &o->f->advs.p[i], (uint32_t)i);
  put_uses(&p);
}
