/* schema.c - the tables of trace/: comments and views.  The graph itself is in memory only. */
#include "trace/inside.h"
#include "trace.sql.h"

static const char tables[] =
    "CREATE TABLE comment (\n"
    "  key TEXT PRIMARY KEY, record TEXT NOT NULL, n INTEGER NOT NULL, answers INTEGER NOT NULL,\n"
    "  author TEXT NOT NULL, t_us INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (record, n));\n"
    "CREATE INDEX comment_time ON comment (t_us);\n"
    "CREATE TABLE comment_mention (key TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (key, person)) WITHOUT ROWID;\n"
    "CREATE INDEX comment_person ON comment_mention (person);\n"
    "CREATE TABLE comment_seen (key TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (key, person)) WITHOUT ROWID;\n"
    "CREATE TABLE saved_view (\n"
    "  id TEXT PRIMARY KEY, n INTEGER NOT NULL UNIQUE, owner TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,\n"
    "  query TEXT NOT NULL, shared TEXT NOT NULL, dropped INTEGER NOT NULL DEFAULT 0);\n"
    "CREATE INDEX saved_view_type ON saved_view (type);\n";
const Migration trace_schema[] = { { "trace.1", tables } };
const size_t trace_nschema = COUNT(trace_schema);

const Command *const trace_commands[] = { &trace_comment_add, &trace_comment_seen, &trace_view_save, &trace_view_drop,
                                         &trace_baseline_freeze };
const size_t trace_ncommands = COUNT(trace_commands);

const Fact trace_facts[] = {
  [FACT_COMMENT] = { "comment", SQL_COMMENT_FACT_ROWS, SQL_COMMENT_FACT_KEYS },
  [FACT_VIEW] = { "view", SQL_VIEW_FACT_ROWS, SQL_VIEW_FACT_KEYS },
};
static const char *const part_tables[] = { "comment", "comment_mention", "comment_seen", "saved_view" };
const VerifyPart trace_verify_part = { "trace",     trace_facts,        COUNT(trace_facts), NULL,
                                       part_tables, COUNT(part_tables), trace_schema,       COUNT(trace_schema) };
