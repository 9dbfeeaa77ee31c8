/* feed_write_cpe.c - products, programs and leaves of all advisories, with the way from a product to its programs. */
#include "vuln/feed.h"
#include <stdlib.h>
#include <string.h>

typedef struct Product {
  Str product, vendor, part;
  PackCpe word;
  uint32_t cpe, uses, first, last; /* last: the program that was put last, plus one */
} Product;

typedef struct Programs {
  Out *out;
  Product *product;
  size_t n;
  uint32_t *place, *rest; /* by number of the pool: place in the snapshot; rest: plus one, 0 while it has none */
  bool *open;             /* of rests by number of the pool: says nothing */
  uint32_t nrests;
} Programs;

static int by_name(const void *x, const void *y) {
  const Product *a = x, *b = y;
  int d = str_cmp(a->product, b->product);
  if (!d) d = str_cmp(a->vendor, b->vendor);
  return d ? d : str_cmp(a->part, b->part);
}

static const PackLeaf *leaf_at(const Feed *f, const PackAdv *a, uint32_t i) {
  return pile_at(&f->leaf, a->leaves.first + i);
}

/* Products that are still spoken of, sorted. */
static void sort_products(Programs *p) {
  Feed *f = p->out->f;
  size_t all = pool_size(&f->cpe);
  bool *used = NEW_ARRAY(p->out->arena, all, bool);
  p->product = NEW_ARRAY(p->out->arena, all, Product);
  p->place = NEW_ARRAY(p->out->arena, all, uint32_t);
  for (size_t i = 0; i < f->adv.n; i++) {
    const PackAdv *a = feed_sorted(f, i);
    for (uint32_t k = 0; k < a->leaves.n; k++) used[leaf_at(f, a, k)->cpe] = true;
  }
  for (uint32_t i = 1; i < all; i++) {
    Product c = { .cpe = i };
    if (!used[i]) continue;
    memcpy(&c.word, pool_text(&f->cpe, i).p, sizeof c.word);
    c.product = feed_word(f, c.word.product);
    c.vendor = feed_word(f, c.word.vendor);
    c.part = feed_word(f, c.word.part);
    p->product[p->n++] = c;
  }
  if (p->n) qsort(p->product, p->n, sizeof *p->product, by_name);
  for (uint32_t i = 0; i < p->n; i++) p->place[p->product[i].cpe] = i;
}

static bool is_open(const Feed *f, uint32_t at) {
  PackRest rest;
  bool open = true;
  memcpy(&rest, pool_text(&f->rest, at).p, sizeof rest);
  for (size_t k = 0; k < REST_COUNT; k++) open &= str_eq(feed_word(f, rest.value[k]), S("*"));
  return open;
}

static uint32_t rest_of(Programs *p, uint32_t rest) {
  if (!p->rest[rest]) {
    p->rest[rest] = ++p->nrests;
    p->open[rest] = is_open(p->out->f, rest);
  }
  return p->rest[rest] - 1;
}

static SnapLeaf leaf_of(Programs *p, const PackLeaf *l) {
  Out *o = p->out;
  SnapLeaf row = { .cpe = p->place[l->cpe], .rest = rest_of(p, l->rest), .flags = l->flags };
  row.version = out_ref(o, l->version);
  row.update = out_ref(o, l->update);
  row.key = out_ref(o, l->key);
  row.lo_key = out_ref(o, l->lo_key);
  row.hi_key = out_ref(o, l->hi_key);
  row.lo_text = out_ref(o, l->lo);
  row.hi_text = out_ref(o, l->hi);
  if (p->open[l->rest]) row.flags |= LEAF_REST_OPEN;
  return row;
}

static bool is_choice(const SnapOp *op, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    if (op[i].kind != OP_LEAF && op[i].kind != OP_OR) return false;
  return true;
}

/* Programs of all advisories in their order.  Operations of an advisory count from its own first leaf. */
static void put_code(Programs *p) {
  Out *o = p->out;
  Feed *f = o->f;
  size_t leaves = 0, ops = 0, progs = 0;
  for (size_t i = 0; i < f->adv.n; i++) {
    const PackAdv *a = feed_sorted(f, i);
    leaves += a->leaves.n;
    ops += a->ops.n;
    progs += a->progs.n;
  }
  SnapLeaf *leaf = out_section(o, SNAP_LEAF, leaves, sizeof *leaf);
  SnapOp *op = out_section(o, SNAP_OPER, ops, sizeof *op);
  SnapProg *prog = out_section(o, SNAP_PROG, progs, sizeof *prog);
  uint32_t leaf0 = 0, op0 = 0;
  for (uint32_t i = 0; i < f->adv.n; i++) {
    const PackAdv *a = feed_sorted(f, i);
    for (uint32_t k = 0; k < a->leaves.n; k++) *leaf++ = leaf_of(p, leaf_at(f, a, k));
    for (uint32_t k = 0; k < a->ops.n; k++) {
      const SnapOp *own = pile_at(&f->op, a->ops.first + k);
      *op++ = (SnapOp){ own->kind, own->kind == OP_LEAF ? leaf0 + own->leaf : 0 };
    }
    for (uint32_t k = 0; k < a->progs.n; k++) {
      const FeedProg *own = pile_at(&f->prog, a->progs.first + k);
      bool choice = is_choice((SnapOp *)o->section[SNAP_OPER] + op0 + own->first_op, own->ops);
      *prog++ = (SnapProg){ i, op0 + own->first_op, own->ops, own->flags | (choice ? PROG_CHOICE : 0u) };
    }
    leaf0 += a->leaves.n;
    op0 += a->ops.n;
  }
}

/* Calls each() for every product that a program calls vulnerable, once a program. */
static void each_use(Programs *p, void (*each)(Programs *p, Product *c, uint32_t prog)) {
  Out *o = p->out;
  const SnapLeaf *leaf = o->section[SNAP_LEAF];
  const SnapOp *op = o->section[SNAP_OPER];
  const SnapProg *prog = o->section[SNAP_PROG];
  for (size_t i = 0; i < p->n; i++) p->product[i].last = 0;
  for (uint32_t i = 0, n = (uint32_t)(o->bytes[SNAP_PROG] / sizeof *prog); i < n; i++)
    for (uint32_t k = 0; k < prog[i].ops; k++) {
      const SnapOp *one = &op[prog[i].first_op + k];
      if (one->kind != OP_LEAF || !(leaf[one->leaf].flags & LEAF_VULNERABLE)) continue;
      Product *c = &p->product[leaf[one->leaf].cpe];
      if (c->last != i + 1) each(p, c, i);
      c->last = i + 1;
    }
}

static void count_use(Programs *p, Product *c, uint32_t prog) {
  (void)p;
  (void)prog;
  c->uses++;
}

static void put_use(Programs *p, Product *c, uint32_t prog) {
  ((uint32_t *)p->out->section[SNAP_CPEU])[c->first + c->uses++] = prog;
}

/* A program is found through the products that it calls vulnerable, never through its platforms. */
static void put_uses(Programs *p) {
  Out *o = p->out;
  uint32_t total = 0;
  SnapCpe *row = out_section(o, SNAP_CPES, p->n, sizeof *row);
  each_use(p, count_use);
  for (size_t i = 0; i < p->n; i++) {
    Product *c = &p->product[i];
    row[i].product = out_ref(o, c->word.product);
    row[i].vendor = out_ref(o, c->word.vendor);
    row[i].part = out_ref(o, c->word.part);
    row[i].first_use = c->first = total;
    row[i].uses = c->uses;
    total += c->uses;
    c->uses = 0;
  }
  Slots slots = out_slots(o, SNAP_CPEH, p->n);
  for (uint32_t i = 0; i < p->n; i++)
    if (!i || !str_eq(p->product[i].product, p->product[i - 1].product))
      slot_put(&slots, snap_hash(S(""), p->product[i].product), i);
  (void)out_section(o, SNAP_CPEU, total, sizeof(uint32_t));
  each_use(p, put_use);
}

static void put_rests(Programs *p) {
  Out *o = p->out;
  SnapRest *row = out_section(o, SNAP_RSTS, p->nrests, sizeof *row);
  uint32_t *by_place = NEW_ARRAY(o->arena, p->nrests + 1u, uint32_t);
  for (uint32_t i = 0; i < pool_size(&o->f->rest); i++)
    if (p->rest[i]) by_place[p->rest[i] - 1] = i;
  for (uint32_t i = 0; i < p->nrests; i++) {
    PackRest rest;
    memcpy(&rest, pool_text(&o->f->rest, by_place[i]).p, sizeof rest);
    for (size_t k = 0; k < REST_COUNT; k++) row[i].value[k] = out_ref(o, rest.value[k]);
  }
}

void put_programs(Out *o) {
  size_t rests = pool_size(&o->f->rest) + 1;
  Programs p = { .out = o, .rest = NEW_ARRAY(o->arena, rests, uint32_t), .open = NEW_ARRAY(o->arena, rests, bool) };
  sort_products(&p);
  put_code(&p);
  put_uses(&p);
  put_rests(&p);
}
