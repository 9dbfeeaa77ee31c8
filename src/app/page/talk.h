/* talk.h - what stands beside a record: its files and what people said about it. */
#pragma once
#include "app/page/record.h"

Err record_talk(Cx *cx, Web *web, const RecordView *v, Html *out);
/* Comments that call this person, for My work; empty when there is none. */
Err work_mentions(Cx *cx, Web *web, Html *out, bool *any);
/* Views of a list as tabs, and the form that saves one. */
Err list_views(Cx *cx, Web *web, const RecordType *t, Str query, Html *out);
/* The set of a baseline. */
Err baseline_part(Cx *cx, Web *web, const RecordView *v, Html *out);
Str size_text(Cx *cx, int64_t bytes); /* "12 KB" */
