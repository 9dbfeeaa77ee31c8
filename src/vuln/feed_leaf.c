/* feed_leaf.c - what advisories say by CPE becomes leaves of programs: bounds and keys are made once, at ingest. */
#include "vuln/feed.h"

/* A leaf borrows its texts from the record that is read and from the name that was read of it. */
static Str word(Str s) { return s.n ? s : S(""); }

Str version_with_update(Arena *a, Str version, Str update) {
  version = cpe_plain(a, version);
  return cpe_is_literal(update) ? str_fmt(a, "%.*s %.*s", STR(version), STR(cpe_plain(a, update))) : version;
}

bool leaf_of_cpe(Feed *f, const Cpe *c, Tell tell, FeedLeaf *out) {
  static const int rest[REST_COUNT] = { CPE_EDITION,   CPE_LANGUAGE,  CPE_SW_EDITION,
                                        CPE_TARGET_SW, CPE_TARGET_HW, CPE_OTHER };
  if (!cpe_is_literal(c->value[CPE_PART]) || !cpe_is_literal(c->value[CPE_VENDOR]) ||
      !cpe_is_literal(c->value[CPE_PRODUCT]))
    return false;
  FeedLeaf l = { .part = word(c->value[CPE_PART]),
                 .vendor = word(c->value[CPE_VENDOR]),
                 .product = word(c->value[CPE_PRODUCT]),
                 .version = word(c->value[CPE_VERSION]),
                 .update = word(c->value[CPE_UPDATE]),
                 .flags = (uint32_t)tell };
  for (size_t i = 0; i < REST_COUNT; i++) l.rest[i] = word(c->value[rest[i]]);
  if (cpe_is_literal(l.version))
    (void)version_key(f->arena, SCHEME_GENERIC, version_with_update(f->arena, l.version, l.update), &l.key);
  *out = l;
  return true;
}

/* Letters and digits only, lower case: how names in words are looked up. */
Str name_folded(Arena *a, Str name) {
  char *p = str_z(a, name);
  size_t n = 0;
  for (size_t i = 0; i < name.n; i++)
    if (is_alnum(p[i])) p[n++] = (char)(is_alpha(p[i]) ? p[i] | 32 : p[i]);
  return (Str){ p, n };
}

bool leaf_of_name(Feed *f, Str vendor, Str product, FeedLeaf *out) {
  Str folded = name_folded(f->arena, product);
  if (folded.n < 3) return false; /* "R", "C": a name that names nothing */
  *out = (FeedLeaf){ .part = S("n"),
                     .vendor = word(vendor),
                     .product = word(folded),
                     .version = S("*"),
                     .update = S("*"),
                     .flags = LEAF_VULNERABLE };
  for (size_t i = 0; i < REST_COUNT; i++) out->rest[i] = S("*");
  return true;
}

static bool bound(Feed *f, Str text, Str *own, Str *key) {
  *own = word(text);
  return version_key(f->arena, SCHEME_GENERIC, text, key);
}

void leaf_range(Feed *f, FeedLeaf *l, LeafBound lo, LeafBound hi) {
  bool readable = true;
  l->version = l->update = S("*"); /* with a range the name's own version says nothing */
  l->key = STR_NONE;
  l->flags |= LEAF_RANGE;
  if (lo.text.n) readable = bound(f, lo.text, &l->lo, &l->lo_key);
  if (hi.text.n && !bound(f, hi.text, &l->hi, &l->hi_key)) readable = false;
  l->flags |= !lo.text.n ? LEAF_LO_NONE : lo.inclusive ? 0u : LEAF_LO_EXCL;
  l->flags |= !hi.text.n ? LEAF_HI_NONE : hi.inclusive ? LEAF_HI_INCL : 0u;
  if (!readable) l->flags |= LEAF_UNREADABLE;
}

void prog_leaf(Feed *f, FeedAdv *a, const FeedLeaf *l) {
  vec_add(f->arena, &a->ops, (SnapOp){ OP_LEAF, (uint32_t)a->leaves.n });
  vec_add(f->arena, &a->leaves, *l);
}

void prog_op(Feed *f, FeedAdv *a, uint32_t kind) { vec_add(f->arena, &a->ops, (SnapOp){ kind, 0 }); }

void prog_end(Feed *f, FeedAdv *a, uint32_t first_op, uint32_t flags) {
  uint32_t n = (uint32_t)a->ops.n - first_op;
  if (n) vec_add(f->arena, &a->progs, (FeedProg){ first_op, n, flags });
}
