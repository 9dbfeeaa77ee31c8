/* verify: the tree over the entries, as it is stored and as it was signed. */
#include "ledger.sql.h"
#include "walk.h"

/* ---- rows in order --------------------------------------------------------------------------------------------- */

Err level_step(Cx *cx, Level *l) {
  TRY(rows_next(cx, &l->rows, &l->got));
  if (l->got) l->at = row_int(&l->rows, 0);
  return E_OK;
}

Err level_open(Cx *cx, Verify *v, const Sql *sql, const Val *args, size_t n, Level *l) {
  TRY(store_rows(cx, v->s, sql, args, n, &l->rows));
  l->open = true;
  return level_step(cx, l);
}

void Level_drop(Level *l) { if (l->open) Rows_drop(&l->rows); }

void Walk_drop(Walk *w) {
  for (int i = 0; i < TREE_LEVELS; i++) Level_drop(&w->level[i]);
  Level_drop(&w->reasons);
  Level_drop(&w->revisions);
  Level_drop(&w->points);
}

/* ---- nodes ----------------------------------------------------------------------------------------------------- */

/* Whole nodes before the first entry of this walk are another walk's. */
static Err nodes_open(Cx *cx, Verify *v, Level *l, int level) {
  if (l->open) return E_OK;
  int64_t from = v->first ? v->first >> level : INT64_MIN;
  return level_open(cx, v, SQL_NODE_LEVEL, ARGS(v_int(level), v_int(from)), l);
}

static void stray_node(Cx *cx, Verify *v, int level, int64_t index) {
  verify_find(cx, v->r, "node", str_fmt(v->scratch.arena, "%d/%lld", level, (long long)index),
              "does not belong to the tree");
}

/* bad: in, a fault below was told already and explains this one; out, this node is not right. */
static Err check_node(Cx *cx, Verify *v, Walk *w, int level, int64_t index, Hash computed, bool *bad) {
  Level *l = &w->level[level];
  int64_t from = index << level, to = ((index + 1) << level) - 1;
  Hash stored;
  TRY(nodes_open(cx, v, l, level));
  while (l->got && l->at < index) {
    stray_node(cx, v, level, l->at);
    TRY(level_step(cx, l));
  }
  bool there = l->got && l->at == index;
  bool same = there && hash_of_bytes(row_bytes(&l->rows, 1), &stored) && hash_eq(stored, computed);
  if (!there || (!same && !*bad))
    verify_find(cx, v->r, "node", str_fmt(v->scratch.arena, "%d/%lld", level, (long long)index),
                there ? "is not the hash of what is below it (entries %lld to %lld)"
                      : "is missing (over entries %lld to %lld)",
                (long long)from, (long long)to);
  *bad = !same;
  return there ? level_step(cx, l) : E_OK;
}

Err walk_add_leaf(Cx *cx, Verify *v, Walk *w, Hash leaf) {
  int64_t seq = w->tree.size;
  int n = tree_add(&w->tree, leaf, w->made);
  bool bad = false;
  for (int k = 0; k < n; k++) {
    bad |= w->bad[k];
    if ((k + 1) % NODE_STEP == 0) TRY(check_node(cx, v, w, k + 1, seq >> (k + 1), w->made[k], &bad));
  }
  w->bad[n] = bad;
  return E_OK;
}

static Err extra_nodes(Cx *cx, Verify *v, Walk *w) {
  for (int level = NODE_STEP; level < TREE_LEVELS && w->tree.size >> level; level += NODE_STEP) {
    Level *l = &w->level[level];
    TRY(nodes_open(cx, v, l, level));
    while (l->got) {
      stray_node(cx, v, level, l->at);
      TRY(level_step(cx, l));
    }
  }
  int top = 0;
  int64_t above;
  while (w->tree.size >> (top + 1)) top++;
  TRY(store_int(cx, v->s, SQL_NODE_ABOVE, ARGS(v_int(top), v_int(NODE_STEP)), 0, &above));
  if (above) verify_find(cx, v->r, "node", S("top"), "%lld nodes are outside the tree", (long long)above);
  return E_OK;
}

/* ---- roots ----------------------------------------------------------------------------------------------------- */

static void check_signer(Cx *cx, Verify *v, Walk *w) {
  if (!v->has_head || w->gap || v->signed_head.size != w->tree.size) return;
  if (!hash_eq(v->signed_head.root, tree_root(&w->tree)))
    verify_find(cx, v->r, "signer", S("head"),
                "the root over %lld entries is not the one that was signed; they agree up to "
                "entry %lld",
                (long long)w->tree.size, (long long)(w->good_size - 1));
}

Err walk_roots(Cx *cx, Verify *v, Walk *w) {
  check_signer(cx, v, w);
  Level *l = &w->points;
  while (l->got && l->at <= w->tree.size) {
    int64_t size = l->at;
    Hash root;
    bool same = size == w->tree.size && hash_of_bytes(row_bytes(&l->rows, 1), &root) &&
                hash_eq(root, tree_root(&w->tree));
    if (same) w->good_size = size;
    else if (!w->gap)
      verify_find(cx, v->r, "checkpoint", number_text(v->scratch.arena, size),
                  "its root is not that of the log; something in entries "
                  "%lld to %lld differs",
                  (long long)w->good_size, (long long)(size - 1));
    TRY(level_step(cx, l));
  }
  return E_OK;
}

Err walk_end(Cx *cx, Verify *v, Walk *w) {
  int64_t size = w->tree.size;
  for (Level *l = &w->points; l->got;) {
    verify_find(cx, v->r, "checkpoint", number_text(v->scratch.arena, l->at), "the log has only %lld entries",
                (long long)size);
    TRY(level_step(cx, l));
  }
  if (v->has_head && v->signed_head.size > size)
    verify_find(cx, v->r, "signer", S("head"), "rolled back: the log has %lld entries, but %lld were signed",
                (long long)size, (long long)v->signed_head.size);
  if (v->next_epoch < v->epochs.n)
    verify_find(cx, v->r, "epoch", number_text(v->scratch.arena, v->epochs.p[v->next_epoch].n), "no entry started it");
  v->r->head = (TreeHead){ size, tree_root(&w->tree) };
  return extra_nodes(cx, v, w);
}

