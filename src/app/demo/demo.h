/* demo.h - the sample company: a story told by text files in data/sorrel/, replayed through the commands that
 * everybody uses.
 *
 * load.txt names the tables and their record types.  A row is one record; `when` says how many days ago it was
 * created, `steps` what was done with it later ("submit:ines@120 approve:lena@118").  All creations and steps become
 * one list of commands in the order of time: a record is created after what it points at, and a link that would close
 * a circle is added right after. */
#pragma once
#include "app/app.h"
#include "app/data.h"

typedef struct Row {
  const RecordType *type;
  Str *head;
  size_t nhead;
  CsvRow cells;
  Str id, file, by;
  int64_t created_us;
  int mark;
  Strs late;
} Row;
/* One command to come.  A step or link names its record: which revision it speaks of is known only when it is played.
 */
typedef struct Act {
  int64_t t_us;
  size_t order;
  const char *command;
  Str who, args, reason, id, step, link, to;
  bool revises;
} Act;
typedef struct Demo {
  Cx *cx;
  const char *folder;
  const Settings *set;
  Writer *writer;
  int64_t today_us;
  Map person; /* login -> index into ids */
  VEC(Str) ids;
  Map row_of; /* record id -> row */
  VEC(Row) rows;
  VEC(Act) acts;
} Demo;

/* table.c: rows of a CSV file of the sample. */
Err demo_table(Demo *d, const char *name, Str **head, size_t *nhead, CsvRow **rows, size_t *n);
Str demo_cell(Str *head, size_t nhead, const CsvRow *row, const char *name);
Str row_cell(const Row *r, const char *name);
Err demo_person(Demo *d, Str login, Str *id);
Str demo_date(Demo *d, Str text);                                /* "@-61d" and "@+41d" count from today */
Err demo_row_args(Demo *d, const Row *r, Str *args, Strs *late); /* late: links to what does not exist yet */

/* story.c: the list of commands and playing it. */
void demo_act(Demo *d, Act a);
int64_t demo_days_ago(const Demo *d, int64_t days, int64_t plus_minutes);
Err demo_play(Demo *d);
Err demo_records(Demo *d); /* reads all tables and lists their creations, links and steps */

/* people.c, parts.c: people and duties; SBOMs, advisories, decisions. */
Err demo_people(Demo *d, Str admin, int64_t *count);
Err demo_duties(Demo *d, Str admin);
Err demo_sboms(Demo *d, const Ask *who, DemoCounts *out);
Err demo_advisories(Demo *d, const Ask *who);
Err demo_decide(Demo *d);
