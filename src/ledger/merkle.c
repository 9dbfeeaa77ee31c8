/* RFC 6962 and RFC 9162: the tree and its proofs, without any storage. */
#include "inside.h"

Hash leaf_hash(Str leaf) { return sha256_one(0, leaf); }
Hash node_hash(Hash left, Hash right) { return sha256_two(1, hash_bytes(&left), hash_bytes(&right)); }

int tree_add(Tree *t, Hash leaf, Hash made[TREE_LEVELS]) {
  int level = 0;
  for (; t->size >> level & 1; level++) {
    leaf = node_hash(t->at[level], leaf);
    made[level] = leaf;
  }
  t->at[level] = leaf;
  t->size++;
  return level;
}

Hash tree_root(const Tree *t) {
  bool any = false;
  Hash h = { { 0 } };
  for (int level = 0; level < TREE_LEVELS; level++) {
    if (!(t->size >> level & 1)) continue;
    h = any ? node_hash(t->at[level], h) : t->at[level];
    any = true;
  }
  return any ? h : sha256(S(""));
}

bool proof_inclusion_ok(int64_t seq, int64_t size, Hash leaf, const Proof *p, Hash root) {
  if (seq < 0 || size <= seq) return false;
  int64_t fn = seq, sn = size - 1;
  Hash r = leaf;
  for (size_t i = 0; i < p->n; i++) {
    if (sn == 0) return false;
    if ((fn & 1) || fn == sn) {
      r = node_hash(p->hash[i], r);
      while (!(fn & 1) && fn) { fn >>= 1; sn >>= 1; }
    } else {
      r = node_hash(r, p->hash[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && hash_eq(r, root);
}

/* RFC 9162 2.1.4.2.  From an empty tree everything is consistent, so such a proof proves nothing and is refused. */
bool proof_consistency_ok(int64_t old_size, int64_t new_size, const Proof *p, Hash old_root, Hash new_root) {
  if (old_size < 0 || new_size < old_size) return false;
  if (old_size == new_size) return p->n == 0 && hash_eq(old_root, new_root);
  if (old_size == 0) return false;
  int64_t fn = old_size - 1, sn = new_size - 1;
  while (fn & 1) { fn >>= 1; sn >>= 1; }
  size_t i = 0;
  Hash fr = old_root, sr = old_root;   /* a complete old tree is its own first node */
  if (fn) {
    if (p->n == 0) return false;
    fr = sr = p->hash[i++];
  }
  for (; i < p->n; i++) {
    if (sn == 0) return false;
    if ((fn & 1) || fn == sn) {
      fr = node_hash(p->hash[i], fr);
      sr = node_hash(p->hash[i], sr);
      while (!(fn & 1) && fn) { fn >>= 1; sn >>= 1; }
    } else {
      sr = node_hash(sr, p->hash[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && hash_eq(fr, old_root) && hash_eq(sr, new_root);
}
