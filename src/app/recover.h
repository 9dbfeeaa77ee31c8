/* recover.h - the rows of an archive, and a store made good from it. */
#pragma once
#include "app/anchor.h"

/* Brings the tables that machines filled up to the archive's checkpoint: rows/HASH with the lines of a table, and
 * rows/list, which names them and the number of entries that they belong to, written last.  Only tables that entries
 * since the last time speak of are written; a round that took long is not followed by another for fifty times as long,
 * unless `now`. */
Err archive_rows(Cx *cx, Store *s, const char *dir, int64_t size, bool now);
/* The rows of every table into a new store.  size: of the log that they belong to.  E_NOTFOUND: the archive has
 * none. */
Err archive_rows_take(Cx *cx, const char *dir, Store *s, int64_t *size);

typedef struct Recovered {
  int64_t kept, taken;              /* entries of the store, of the archive */
  int64_t words, contents;          /* reasons whose words are lost; contents that were mended */
  int64_t restated;                 /* objects whose rows were older than the log */
  int64_t size, lost;                               /* entries now; signed entries that are in neither */
  bool base;                                        /* the store itself could still be read */
} Recovered;
/* Repairs forward: a new store of what is right in the one of `folder` and in the archive, verified, then put in its
 * place; the old database is kept beside it.  actor: login of who answers for it.  lost > 0: it is in place, but the
 * log does not reach what was signed; only a new epoch goes on from there.
 * E_CONFLICT: nothing is to be mended.  E_INTEGRITY: the two are not of one log, or something is in neither. */
typedef struct RecoverAsk { const char *folder, *archive; Str actor, reason; } RecoverAsk;
Err recover_forward(Cx *cx, const RecoverAsk *ask, Recovered *out);
