/* walk.h - one walk of verify along the log; cursors over the other tables go beside it in the same order, so that each
 * row is read once and memory does not grow with the log. */
#pragma once
#include "inside.h"

/* Rows in the order of the log; at: the first column. */
typedef struct Level { Rows rows; bool open, got; int64_t at; } Level;
Err level_step(Cx *cx, Level *l);
Err level_open(Cx *cx, Verify *v, const Sql *sql, const Val *args, size_t n, Level *l);
void Level_drop(Level *l);

typedef struct Walk {
  Tree tree;                       /* of the stored leaf hashes */
  Hash made[TREE_LEVELS];          /* by the last entry */
  bool bad[TREE_LEVELS];           /* a fault below was told already */
  Level level[TREE_LEVELS];        /* nodes of a level complete in the same order as the entries come */
  Level points, reasons, revisions;  /* checkpoints by size; the others by the entry that they belong to */
  IndexSums sums;
  bool gap;                        /* entries are missing: positions no longer count */
  char time[40];                   /* of the entry before */
  size_t time_n;
  int64_t good_size;               /* the last checkpoint whose root was right */
} Walk;
void Walk_drop(Walk *w);

/* ---- verify_tree.c ---- */

Err walk_add_leaf(Cx *cx, Verify *v, Walk *w, Hash leaf);
Err walk_roots(Cx *cx, Verify *v, Walk *w);    /* checkpoints and the signer's head over what was walked so far */
Err walk_end(Cx *cx, Verify *v, Walk *w);      /* what is beyond the end of the log */
