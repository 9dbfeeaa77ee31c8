/* settle.h - what decisions and news bring about, done by the program itself; inside of app. */
#pragma once
#include "app/clock_rule.h"
#include "app/triage.h"

typedef struct Settle {
  Cx *cx;
  Writer *w;
  Store *s;
  const Graph *g;
  const Ask *who;
  int64_t moved;  /* records that were changed */
  Node exploited; /* just told to be: the graph does not say so yet */
} Settle;

/* Asks as the program, with the reason that the log shows. */
Err settle_ask(Settle *x, const char *command, Str args, Str reason, JVal **result);
/* *rev: the revision before, then the one after. */
Err settle_step(Settle *x, Str id, int64_t *rev, const char *step, Str reason);
Str settle_text(const Graph *g, Node n, const char *field);
/* Somebody was faster: what they wrote stands, and the next run looks at it again. */
Err settle_unless_overtaken(Cx *cx, Err e);

/* ---- deadline.c ---- */

typedef enum Deadline { DEADLINE_FOUND, DEADLINE_EXPLOITED, DEADLINE_UNCONTROLLED, DEADLINE_MEASURE } Deadline;
/* Starts the clocks that data/triage/clocks.txt has for the event, where they do not run already. */
Err deadline_start(Settle *x, Node finding, Deadline event, Str why);
/* Of a decision in force: what it starts, and what it ends. */
Err deadline_decided(Settle *x, const TriageFinding *f);
/* A decision to fix that is in force opens a change, once; *rev: of the finding, before and after. */
Err deadline_change(Settle *x, const TriageFinding *f, int64_t *rev);
