/* record.h - what the pages of one record share. */
#pragma once
#include "app/page/web.h"

typedef struct RecordView {
  Record record;
  StepChoice *choice;
  size_t nchoice;
  bool may_edit;
  LogRows log; /* newest first */
  size_t entries;
  Str tone;
} RecordView;
/* Reads it after checking that this person may.  rev 0: the last. */
Err record_view(Cx *cx, Web *web, Str id, int64_t rev, RecordView *out);
/* Breadcrumb, title, state, the buttons for what may be done next. */
Html record_head(Cx *cx, Web *web, const RecordView *v, bool history);
/* A problem when no field can hold this text: told beside its field, before anything is sent on. */
void record_text_fits(Cx *cx, const RecordType *t, Str name, Str text);
