/* feed_schema.c - the tables of sources, intakes and what was built of them. */
#include "vuln/feedstore.h"

static const char tables[] =
    "CREATE TABLE feed_source (\n"
    "  name TEXT PRIMARY KEY, kind TEXT NOT NULL, url TEXT NOT NULL, scope TEXT NOT NULL, max_age_days INTEGER NOT "
    "NULL,\n"
    "  enabled INTEGER NOT NULL, changed_us INTEGER NOT NULL, since INTEGER NOT NULL) STRICT;\n"
    "CREATE TABLE feed_intake (\n"
    "  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT "
    "NULL,\n"
    "  words TEXT NOT NULL, origin TEXT NOT NULL, at_us INTEGER NOT NULL, records INTEGER NOT NULL, rows INTEGER NOT "
    "NULL,\n"
    "  fresh INTEGER NOT NULL, changed INTEGER NOT NULL, gone INTEGER NOT NULL, bad INTEGER NOT NULL,\n"
    "  live INTEGER NOT NULL, newest TEXT NOT NULL, cursor TEXT NOT NULL, pack TEXT NOT NULL, skipped TEXT NOT "
    "NULL,\n"
    "  bundle TEXT NOT NULL, bundle_n INTEGER NOT NULL) STRICT;\n"
    "CREATE INDEX feed_intake_source ON feed_intake (source, n);\n"
    "CREATE TABLE feed_built (snapshot TEXT PRIMARY KEY, intake INTEGER NOT NULL) STRICT;\n"
    "CREATE TABLE feed_built_source (snapshot TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (snapshot, source)) "
    "STRICT;\n"
    "CREATE TABLE feed_key (\n"
    "  key TEXT PRIMARY KEY, name TEXT NOT NULL, trusted INTEGER NOT NULL, changed_us INTEGER NOT NULL) STRICT;\n";

const Migration feed_schema[] = { { "feedstore.1", tables } };
_Static_assert(COUNT(feed_schema) == FEED_STEPS, "the count in feedstore.h");
const size_t feed_nschema = FEED_STEPS;
