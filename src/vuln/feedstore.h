/* feedstore.h - sources and intakes as rows, for the files that update, export and import. */
#pragma once
#include "vuln/source.h"
#include "vuln/store_inside.h"

enum { FEED_STEPS = 1 };                /* migrations: feed_schema.c */
enum { FACT_SOURCE, FACT_INTAKE, FACT_KEY };

/* What one try at a source came to, as feed.take takes it. */
typedef struct IntakeRow {
  Str source, kind, outcome, words, origin, newest, cursor, pack, bundle;
  int64_t records, rows, fresh, changed, gone, bad, live, bundle_n;
  const FeedSkip *skip; size_t nskips;
} IntakeRow;
void intake_json(const IntakeRow *r, JsonOut *o);
Str outcome_word(Err e);

/* An update under way: states live until the snapshot is built. */
typedef struct Update {
  Cx *cx;
  const FeedUpdateAsk *ask;
  Cx keep;                               /* freed by who began it */
  VEC(IntakeRow) rows;
  VEC(Str) changed;                      /* names of sources with something new, and their states */
  VEC(ArchiveState *) states;
} Update;
Update update_begin(Cx *cx, const FeedUpdateAsk *ask);
Err update_add(Update *u, const IntakeRow *row);
Err update_end(Update *u, FeedUpdated *out);

/* The packs of a source folded in order.  Everything lives in a; the maps stay until the process ends. */
Err source_state(Cx *cx, Store *s, Str source, Arena *a, ArchiveState *out);
Err pack_fold_file(Cx *cx, const char *folder, Str sha256, Arena *a, ArchiveState *state);
/* All sources whose intakes are part of the snapshot: by name. */
Err feed_source_names(Cx *cx, Store *s, Str **names, size_t *n);
Err guard_intake(Cx *cx, const FeedStatus *s, const Intake *in, bool full, int64_t live);
