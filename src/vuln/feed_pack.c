/* feed_pack.c - an advisory as it is kept, and its digest. */
#include "vuln/feed.h"
#include <string.h>

/* ---- digest -------------------------------------------------------------------------------------------- */

static void put(Buf *b, Str s) {
  buf_u32le(b, (uint32_t)s.n);
  buf_add(b, s);
}

static void put_all(Buf *b, const Str *list, size_t n) {
  buf_u32le(b, (uint32_t)n);
  for (size_t i = 0; i < n; i++) put(b, list[i]);
}

static void put_leaf(Buf *b, const FeedLeaf *l) {
  const Str texts[] = { l->part, l->vendor, l->product, l->version, l->update, l->lo, l->hi };
  put_all(b, texts, COUNT(texts));
  put_all(b, l->rest, REST_COUNT);
  buf_u32le(b, l->flags);
}

static void put_adv(Buf *b, const FeedAdv *a) {
  const Str texts[] = { a->id, a->about, a->vector };
  put_all(b, texts, COUNT(texts));
  put_all(b, a->aliases.p, a->aliases.n);
  put_all(b, a->upstream.p, a->upstream.n);
  buf_u32le(b, (uint32_t)a->x10);
  buf_u32le(b, a->severity << 8 | (unsigned)a->origin << 1 | a->withdrawn);
  for (size_t i = 0; i < a->rows.n; i++) {
    const FeedRow *r = &a->rows.p[i];
    const Str row[] = { r->base, r->release, r->name, r->lo, r->hi, r->stream };
    put_all(b, row, COUNT(row));
    buf_u32le(b, r->flags);
    buf_u32le(b, (uint32_t)r->scheme);
  }
  buf_u32le(b, a->ssvc << 1 | a->kev);
  put(b, a->kev_added);
  for (size_t i = 0; i < a->leaves.n; i++) put_leaf(b, &a->leaves.p[i]);
  for (size_t i = 0; i < a->ops.n; i++) buf_u64le(b, (uint64_t)a->ops.p[i].kind << 32 | a->ops.p[i].leaf);
  for (size_t i = 0; i < a->progs.n; i++) buf_u64le(b, (uint64_t)a->progs.p[i].first_op << 32 | a->progs.p[i].flags);
}

static uint64_t first8(const Buf *b) {
  Hash h = sha256(buf_str(b));
  return key_first8((Str){ (const char *)h.b, sizeof h.b });
}

static uint64_t own_digest(Feed *f, const FeedAdv *a) {
  ArenaMark mark = arena_mark(f->arena);
  Buf b = buf_new(f->arena, 1u << 30);
  put_adv(&b, a);
  uint64_t digest = first8(&b);
  arena_release(f->arena, mark);
  return digest;
}

uint64_t feed_group_digest(Feed *f, const FeedGroup *g) {
  ArenaMark mark = arena_mark(f->arena);
  Buf b = buf_new(f->arena, 1u << 30);
  for (uint32_t i = 0; i < g->members.n; i++) put(&b, feed_word(f, f->member[g->members.first + i]));
  put(&b, feed_word(f, g->vector));
  buf_u32le(&b, (uint32_t)g->x10);
  buf_u32le(&b, g->severity << 1 | g->kev);
  buf_u32le(&b, g->epss_x1e9);
  buf_u32le(&b, g->ssvc);
  put(&b, feed_word(f, g->kev_added));
  uint64_t digest = first8(&b);
  arena_release(f->arena, mark);
  return digest;
}

uint64_t feed_digest(Feed *f, const PackAdv *a) {
  ArenaMark mark = arena_mark(f->arena);
  Buf b = buf_new(f->arena, 1u << 30);
  buf_u64le(&b, a->digest);
  buf_u32le(&b, a->progs.n); /* a correction takes the programs of what it corrects */
  buf_u64le(&b, f->group[a->group].digest);
  for (size_t i = 0; i < a->upstream.n; i++)
    buf_u64le(&b, f->group[f->group_of[feed_name(f, a->upstream, i)]].digest);
  uint64_t digest = first8(&b);
  arena_release(f->arena, mark);
  return digest;
}

/* ---- packing ------------------------------------------------------------------------------------------- */

static uint32_t word(Feed *f, Str s) { return pool_put(&f->word, s); }
#define TUPLE(pool, ...) pool_put((pool), (Str){ (const char *)&(__VA_ARGS__), sizeof(__VA_ARGS__) })

enum { ROW_TEXTS = 4, LEAF_TEXTS = 7 };

/* Rows of one entry are copies of one row: they share its name. */
static PackSpan pack_rows(Feed *f, const FeedRows *rows) {
  PackSpan span = { (uint32_t)f->row.n, (uint32_t)rows->n };
  uint32_t package = 0, release = 0, *word_of = NEW_ARRAY(f->arena, rows->n * ROW_TEXTS + 1, uint32_t);
  Str *texts = NEW_ARRAY(f->arena, rows->n * ROW_TEXTS + 1, Str);
  for (size_t i = 0; i < rows->n; i++) {
    const FeedRow *r = &rows->p[i];
    memcpy(&texts[i * ROW_TEXTS], (const Str[]){ r->lo, r->hi, r->lo_key, r->hi_key }, ROW_TEXTS * sizeof *texts);
  }
  pool_put_all(&f->word, texts, rows->n * ROW_TEXTS, word_of);
  for (size_t i = 0; i < rows->n; i++, word_of += ROW_TEXTS) {
    const FeedRow *r = &rows->p[i], *before = i ? r - 1 : NULL;
    if (!before || before->name.p != r->name.p || before->base.p != r->base.p || before->release.p != r->release.p) {
      PackName name = { word(f, r->base), word(f, r->name) };
      package = TUPLE(&f->package, name);
      release = word(f, r->release);
    }
    *(PackRow *)pile_add(f->keep, &f->row) = (PackRow){ package, release, word_of[0], word_of[1], word_of[2],
                                                        word_of[3], r->flags, (uint32_t)r->scheme,
                                                        r->stream.n ? word(f, r->stream) : 0 };
  }
  return span;
}

static bool same_product(const FeedLeaf *a, const FeedLeaf *b) {
  return str_eq(a->product, b->product) && str_eq(a->vendor, b->vendor) && str_eq(a->part, b->part);
}

static bool same_rest(const FeedLeaf *a, const FeedLeaf *b) {
  for (size_t k = 0; k < REST_COUNT; k++)
    if (!str_eq(a->rest[k], b->rest[k])) return false;
  return true;
}

/* Neighbours mostly speak of one product. */
static PackSpan pack_leaves(Feed *f, const FeedAdv *a) {
  PackSpan span = { (uint32_t)f->leaf.n, (uint32_t)a->leaves.n };
  uint32_t product = 0, others = 0, *w = NEW_ARRAY(f->arena, a->leaves.n * LEAF_TEXTS + 1, uint32_t);
  Str *texts = NEW_ARRAY(f->arena, a->leaves.n * LEAF_TEXTS + 1, Str);
  for (size_t i = 0; i < a->leaves.n; i++) {
    const FeedLeaf *l = &a->leaves.p[i];
    const Str list[LEAF_TEXTS] = { l->version, l->update, l->key, l->lo, l->hi, l->lo_key, l->hi_key };
    memcpy(&texts[i * LEAF_TEXTS], list, sizeof list);
  }
  pool_put_all(&f->word, texts, a->leaves.n * LEAF_TEXTS, w);
  for (size_t i = 0; i < a->leaves.n; i++, w += LEAF_TEXTS) {
    const FeedLeaf *l = &a->leaves.p[i];
    if (!i || !same_product(l, l - 1)) {
      PackCpe cpe = { word(f, l->product), word(f, l->vendor), word(f, l->part) };
      product = TUPLE(&f->cpe, cpe);
    }
    if (!i || !same_rest(l, l - 1)) {
      PackRest rest;
      for (size_t k = 0; k < REST_COUNT; k++) rest.value[k] = word(f, l->rest[k]);
      others = TUPLE(&f->rest, rest);
    }
    *(PackLeaf *)pile_add(f->keep, &f->leaf) =
        (PackLeaf){ product, others, w[0], w[1], w[2], w[3], w[4], w[5], w[6], l->flags };
  }
  return span;
}

static PackSpan pack_names(Feed *f, const Str *list, size_t n) {
  PackSpan span = { (uint32_t)f->name.n, (uint32_t)n };
  for (size_t i = 0; i < n; i++) *(uint32_t *)pile_add(f->keep, &f->name) = word(f, list[i]);
  return span;
}

PackAdv feed_pack(Feed *f, const FeedAdv *a) {
  PackAdv p = { .id = word(f, a->id),
                .about = word(f, a->about),
                .modified = word(f, a->modified),
                .vector = word(f, a->vector),
                .kev_added = word(f, a->kev_added),
                .ssvc = a->ssvc,
                .rows = pack_rows(f, &a->rows),
                .leaves = pack_leaves(f, a),
                .ops = { (uint32_t)f->op.n, (uint32_t)a->ops.n },
                .progs = { (uint32_t)f->prog.n, (uint32_t)a->progs.n },
                .aliases = pack_names(f, a->aliases.p, a->aliases.n),
                .digest = own_digest(f, a),
                .x10 = (int16_t)a->x10,
                .severity = (uint8_t)a->severity,
                .origin = (uint8_t)a->origin,
                .withdrawn = a->withdrawn,
                .kev = a->kev };
  p.upstream = pack_names(f, a->upstream.p, a->upstream.n);
  for (size_t i = 0; i < a->ops.n; i++) *(SnapOp *)pile_add(f->keep, &f->op) = a->ops.p[i];
  for (size_t i = 0; i < a->progs.n; i++) *(FeedProg *)pile_add(f->keep, &f->prog) = a->progs.p[i];
  return p;
}
