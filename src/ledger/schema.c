/* The tables of the log and what guards them. */
#include "inside.h"

#define KEPT(table, what)                                                                                \
  "CREATE TRIGGER " table "_kept_delete BEFORE DELETE ON " table                                         \
  " BEGIN SELECT RAISE(ABORT, '" what " are never removed'); END;"
#define FIXED(table, what)                                                                               \
  "CREATE TRIGGER " table "_kept_update BEFORE UPDATE ON " table                                         \
  " BEGIN SELECT RAISE(ABORT, '" what " are never changed'); END;" KEPT(table, what)

/* Deferred keys: no leaf, no commit (21 CFR 11.10(e): every action that creates or changes a record is in the trail).
 * The words of a reason may be erased (GDPR Art. 17), and only that. */
const Migration ledger_steps[] = {
  { "ledger.1",
    "CREATE TABLE entry (seq INTEGER PRIMARY KEY CHECK (seq >= 0), leaf TEXT NOT NULL, hash BLOB NOT NULL, obj TEXT "
    "NOT NULL);"
    "CREATE INDEX entry_obj ON entry (obj, seq);"
    "CREATE TABLE reason (seq INTEGER PRIMARY KEY REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED, salt TEXT, "
    "text TEXT);"
    "CREATE TABLE node (level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, idx)) "
    "WITHOUT ROWID;"
    "CREATE TABLE revision (record TEXT NOT NULL, rev INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, hash "
    "BLOB NOT NULL,"
    " seq INTEGER NOT NULL UNIQUE REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY "
    "(record, rev));"
    "CREATE TABLE checkpoint (n INTEGER PRIMARY KEY, size INTEGER NOT NULL UNIQUE, root BLOB NOT NULL, note TEXT NOT "
    "NULL);"
    "CREATE TABLE ledger_meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);"
    FIXED("entry", "entries") FIXED("node", "nodes") FIXED("revision", "revisions")
        FIXED("checkpoint", "checkpoints") KEPT("reason", "reasons")
        KEPT("ledger_meta",
             "facts of the log") "CREATE TRIGGER reason_kept_update BEFORE UPDATE ON reason"
                                 " WHEN NEW.seq <> OLD.seq OR NEW.salt IS NOT NULL OR NEW.text IS NOT NULL"
                                 " BEGIN SELECT RAISE(ABORT, 'reasons are never changed, only erased'); END;"
                                 "CREATE TRIGGER ledger_meta_kept_update BEFORE UPDATE ON ledger_meta WHEN OLD.name "
                                 "<> 'checkpoints' OR NEW.name <> OLD.name"
                                 " BEGIN SELECT RAISE(ABORT, 'the name of a log is never changed'); END" },
  { "ledger.2",
    "CREATE TABLE epoch (n INTEGER PRIMARY KEY CHECK (n > 1), seq INTEGER NOT NULL UNIQUE REFERENCES entry (seq) "
    "DEFERRABLE INITIALLY DEFERRED, body TEXT NOT NULL);"
    "CREATE TABLE timestamp (size INTEGER PRIMARY KEY REFERENCES checkpoint (size), request "
    "BLOB NOT NULL, reply BLOB, told TEXT NOT NULL);" FIXED("epoch", "epochs") KEPT("timestamp", "timestamps")
        "CREATE TRIGGER timestamp_kept_update BEFORE UPDATE ON timestamp WHEN OLD.reply IS NOT NULL OR NEW.size <> "
        "OLD.size OR NEW.request <> OLD.request"
        " BEGIN SELECT RAISE(ABORT, 'a timestamp is never changed once it is there'); END" },
  /* A save touches fewer pages: a revision is found by its entry without an index of its own, and of the nodes only
   * every third level is kept (NODE_STEP). */
  { "ledger.3",
    "CREATE TABLE revision_by_seq (record TEXT NOT NULL, rev INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,"
    " hash BLOB NOT NULL, seq INTEGER PRIMARY KEY REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,"
    " UNIQUE (record, rev));"
    "INSERT INTO revision_by_seq SELECT record, rev, type, body, hash, seq FROM revision ORDER BY seq;"
    "DROP TABLE revision;"
    "ALTER TABLE revision_by_seq RENAME TO revision;" FIXED("revision", "revisions")
    "DROP INDEX entry_obj;"
    "CREATE INDEX entry_obj ON entry (obj);"
    "DROP TRIGGER node_kept_delete;"
    "DELETE FROM node WHERE level % 3 <> 0;" KEPT("node", "nodes") },
};
const size_t ledger_nsteps = COUNT(ledger_steps);
