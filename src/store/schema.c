/* The tables of the store itself. */
#include "inside.h"

/* Blobs are evidence: nothing removes or changes one. */
const Migration store_steps[] = {
  { "store.1",
    "CREATE TABLE store_version (seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, at_us INTEGER NOT NULL);"
    "CREATE TABLE blob (hash TEXT PRIMARY KEY NOT NULL CHECK (length(hash) = 64), size INTEGER NOT NULL, bytes BLOB "
    "NOT NULL);"
    "CREATE TRIGGER blob_kept_update BEFORE UPDATE ON blob BEGIN SELECT RAISE(ABORT, 'blobs are never changed'); END;"
    "CREATE TRIGGER blob_kept_delete BEFORE DELETE ON blob BEGIN SELECT RAISE(ABORT, 'blobs are never removed'); "
    "END;" },
};
const size_t store_nsteps = COUNT(store_steps);
