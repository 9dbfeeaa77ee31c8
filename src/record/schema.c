/* Tables that are not made from the model. */
#include "inside.h"

const Migration record_schema[] = {
  { "record.1",
    "CREATE TABLE signature(hash TEXT PRIMARY KEY NOT NULL, record TEXT NOT NULL COLLATE NOCASE, rev INTEGER NOT NULL,"
    " seq INTEGER NOT NULL UNIQUE, signed_us INTEGER NOT NULL, manifest TEXT NOT NULL);"
    "CREATE INDEX signature_record ON signature(record, seq);"
    "CREATE TRIGGER signature_kept_update BEFORE UPDATE ON signature"
    " BEGIN SELECT RAISE(ABORT, 'signatures are never changed'); END;"
    "CREATE TRIGGER signature_kept_delete BEFORE DELETE ON signature"
    " BEGIN SELECT RAISE(ABORT, 'signatures are never removed'); END;"
    "CREATE TABLE sign_ceremony(nonce TEXT PRIMARY KEY NOT NULL, failures INTEGER NOT NULL, used INTEGER NOT NULL,"
    " at_us INTEGER NOT NULL)" },
};
const size_t record_nschema = COUNT(record_schema);
