/* table.h - lists as tables for spreadsheet programs, and such tables read again.
 *
 * A table has a key column (in XLSX hidden, and the id once more for the eye), the revision that was exported (hidden
 * in XLSX), title, state, owner, devices and all fields of the type.  What comes back is compared with the revision
 * that was exported; a row that is stale or that cannot be stored refuses the whole table. */
#pragma once
#include "app/app.h"

/* People are shown by their login. */
typedef struct TablePeople {
  Persons all;
  Map by_id;
} TablePeople;

typedef enum TableColumnKind {
  COL_KEY,
  COL_REV,
  COL_ID,
  COL_TYPE,
  COL_TITLE,
  COL_STATE,
  COL_OWNER,
  COL_DEVICES,
  COL_FIELD
} TableColumnKind;
typedef struct TableColumn {
  TableColumnKind kind;
  size_t field;
  Str label;
} TableColumn;
typedef struct TableColumns {
  TableColumn *p;
  size_t n;
} TableColumns;

/* type NULL: records of several types, with what all of them have. */
TableColumns table_columns(Cx *cx, const RecordType *type, bool xlsx);
Err table_people(Cx *cx, Store *s, TablePeople *out);
Str table_text(Cx *cx, const TablePeople *people, const Record *r, const TableColumn *c);

/* ids: in the order of the rows.  size: entries of the log, -1: now. */
typedef struct TableAsk {
  const RecordType *type;
  const Str *ids;
  size_t n;
  int64_t size;
  bool xlsx;
} TableAsk;
Err table_export(Cx *cx, Store *s, const TableAsk *ask, Str *out);
Str table_media(bool xlsx);

/* ---- and back ------------------------------------------------------------------------------------------ */

enum { TABLE_FAULTS = 1000 }; /* as many are kept; all are counted */
typedef struct TableCell {
  Str label, before, after;
} TableCell;
typedef struct TableRowPlan {
  Str id; /* "" for a new record whose number is not wanted */
  size_t line;
  int64_t base; /* 0: a new record */
  Str input;    /* JSON object of what changes */
  TableCell *cell;
  size_t ncell;
} TableRowPlan;
typedef struct TableFault {
  size_t line;
  Str cell, id, column, words;
  bool stale;
} TableFault; /* cell: "C7" in XLSX */
typedef struct TablePlan {
  const RecordType *type;
  Str file, sha256;
  VEC(TableRowPlan) changes; /* old and new records */
  size_t rows, unchanged, created, faults_all, stale;
  VEC(TableFault) faults;
} TablePlan;

/* What importing would do, and all that stands against it.  type STR_NONE: as the table says, or as its records are.
 * Fails when the table cannot be read at all; faults of rows are in the plan. */
Err table_plan(Cx *cx, Store *s, const Who *who, Str bytes, Str file, Str type, TablePlan *out);
/* E_STALE or E_INVALID when the plan has faults: nothing may be imported. */
Err table_plan_check(Cx *cx, const TablePlan *p);
/* Command table.import: all rows in one transaction.  Fills command, args_json and payload. */
Str table_rows_json(Cx *cx, const TablePlan *p);
void table_ask(Cx *cx, Str file, Str sha256, Str rows_json, Ask *out);
extern const Command table_command;
