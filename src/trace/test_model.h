/* test_model.h - a small model and records from lines, for the tests and the benchmark of this folder. */
#pragma once
#include "trace/inside.h"

Err test_model_set(Cx *cx);
/* One line: id TAB type TAB state TAB owner TAB products TAB title TAB field=value;... TAB link=ID,ID!;...
 * Several values with '|'.  "!" after an id: its fingerprint has moved since. */
Err test_record_read(Cx *cx, Str line, Record *out);
typedef VEC(Record) Records;
Err test_records_read(Cx *cx, Str text, Records *out);
Err test_graph(Cx *cx, const Records *records, Graph **out);
