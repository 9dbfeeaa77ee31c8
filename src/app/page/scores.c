/* The history of scores: EPSS and the catalog by day, CVSS as it was judged, and what a change reopened. */
#include "app/page/scores.h"
#include "app/page/triage_page.h"
#include "scores.html.h"
#include <stdlib.h>

enum { DAYS_SHOWN = 30 };

typedef struct Reopened { int32_t day; Str id, words; } Reopened;
typedef struct Story {
  ScoreHistory likely;
  ScoreChanges judged;
  VEC(Reopened) reopened;
} Story;

/* ---- what was reopened --------------------------------------------------------------------------------- */

/* By the program itself, since the world had changed: people's own steps have their own reasons. */
static Err reopened_one(Cx *cx, Web *web, Node n, Str vuln, Story *out) {
  LogRows rows = { 0 };
  Str id = node_id(web->graph, n);
  TRY(ledger_entries(cx, web->store, id, web->asof_size >= 0 ? web->asof_size - 1 : INT64_MAX, 0, SIZE_MAX, &rows));
  for (size_t i = 0; i < rows.n; i++) {
    const LogRow *e = &rows.p[i];
    if (!str_eq(e->to, S("reopened")) || !str_eq(e->actor, S("system")) || str_find(e->reason, vuln) == SIZE_MAX)
      continue;
    vec_add(cx->arena, &out->reopened, (Reopened){ date_of(e->t_us), id, e->reason });
  }
  return E_OK;
}

static Err reopened(Cx *cx, Web *web, Str vuln, const Nodes *findings, Story *out) {
  for (size_t i = 0; i < findings->n; i++) {
    Edges edges = { 0 };
    TRY(reopened_one(cx, web, findings->p[i], vuln, out));
    graph_edges(cx, web->graph, findings->p[i], NULL, &edges);
    for (size_t k = 0; k < edges.n; k++)
      if (edges.p[k].inverse && str_eq(str_of(node_type(web->graph, edges.p[k].to)->name), S("security_risk")))
        TRY(reopened_one(cx, web, edges.p[k].to, vuln, out));
  }
  return E_OK;
}

/* ---- days ---------------------------------------------------------------------------------------------- */

typedef VEC(int32_t) Days;

static int newest_first(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x < y) - (x > y);
}

/* On which something changed, the newest first; none that has not come yet, as the page is looked at. */
static void days_of(Cx *cx, const Story *s, Days *out) {
  Days all = { 0 };
  int32_t today = date_of(cx->now_us);
  for (size_t i = 0; i < s->likely.score.n; i++) vec_add(cx->arena, &all, s->likely.score.p[i].day);
  for (size_t i = 0; i < s->judged.n; i++) vec_add(cx->arena, &all, date_of(s->judged.p[i].at_us));
  for (size_t i = 0; i < s->reopened.n; i++) vec_add(cx->arena, &all, s->reopened.p[i].day);
  const int32_t kev[] = { s->likely.kev_added ? s->likely.kev_added : s->likely.kev_seen, s->likely.kev_gone };
  for (size_t i = 0; i < COUNT(kev); i++)
    if (kev[i]) vec_add(cx->arena, &all, kev[i]);
  if (all.n) qsort(all.p, all.n, sizeof *all.p, newest_first);
  for (size_t i = 0; i < all.n && out->n < DAYS_SHOWN; i++)
    if (all.p[i] <= today && (!out->n || out->p[out->n - 1] != all.p[i])) vec_add(cx->arena, out, all.p[i]);
}

static ScoreChange judged_on(const ScoreChanges *c, int32_t day) {
  ScoreChange last = { .cvss_x10 = CVSS_NONE, .epss_x1e9 = VULN_UNSCORED };
  for (size_t i = 0; i < c->n && date_of(c->p[i].at_us) <= day; i++) last = c->p[i];
  return last;
}

/* What the intakes kept goes before what a run saw. */
static bool listed_on(const ScoreHistory *h, const ScoreChange *judged, int32_t day) {
  int32_t since = h->kev_added ? h->kev_added : h->kev_seen;
  if (!h->kev_seen) return judged->kev;
  return since <= day && !(h->kev_gone && h->kev_gone <= day);
}

/* ---- the card ------------------------------------------------------------------------------------------ */

/* The line of the shown days: each score holds until the next one.  Units of the picture, 100 wide and 20 high. */
static Str line_of(Cx *cx, const ScoreHistory *h, int32_t first, int32_t today) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  int64_t last = h->last_day < today ? h->last_day : today, days = last - first, y = 20;
  size_t n = 0;
  for (size_t i = 0; i < h->score.n; i++) {
    const ScoreDay *s = &h->score.p[i];
    if (s->day < first || s->day > last) continue;
    int64_t x = days > 0 ? (s->day - first) * 100 / days : 0;
    if (n++) buf_fmt(&b, "%lld,%lld ", (long long)x, (long long)y);
    y = 20 - (s->epss_x1e9 < 0 ? 0 : s->epss_x1e9 * 19 / INT64_C(1000000000));
    buf_fmt(&b, "%lld,%lld ", (long long)x, (long long)y);
  }
  buf_fmt(&b, "100,%lld", (long long)y);
  return n > 1 ? buf_str(&b) : STR_NONE;
}

static ScoresRows row_of(Cx *cx, const Story *s, int32_t day) {
  ScoreChange judged = judged_on(&s->judged, day);
  int64_t epss;
  if (!score_on(&s->likely, day, &epss)) epss = judged.epss_x1e9;
  ScoresRows row = { .day = date_text(cx->arena, day),
                     .cvss = tenths_text(cx, judged.cvss_x10),
                     .epss = epss >= 0 ? epss_text(cx, epss) : S("not scored"),
                     .listed = listed_on(&s->likely, &judged, day) ? S("yes") : S("no"),
                     .events = NEW_ARRAY(cx->arena, s->reopened.n + 1, ScoresRowsEvents) };
  for (size_t i = 0; i < s->reopened.n; i++) {
    const Reopened *r = &s->reopened.p[i];
    if (r->day == day) row.events[row.events_n++] = (ScoresRowsEvents){ r->id, web_record_url(cx, r->id), r->words };
  }
  return row;
}

Err score_card(Cx *cx, Web *web, Str vuln, const ScoreHistory *likely, const Nodes *findings, Html *out) {
  Story s = { 0 };
  Days days = { 0 };
  ScoresPage page = { 0 };
  if (likely) s.likely = *likely;
  else TRY(score_history(cx, web->store, vuln, &s.likely));
  TRY(score_changes(cx, web->store, vuln, &s.judged));
  TRY(reopened(cx, web, vuln, findings, &s));
  days_of(cx, &s, &days);
  if (s.likely.first_day)
    page.kept = str_fmt(cx->arena, "EPSS is kept from %.*s to %.*s", STR(date_text(cx->arena, s.likely.first_day)),
                        STR(date_text(cx->arena, s.likely.last_day)));
  if (days.n) page.line = line_of(cx, &s.likely, days.p[days.n - 1], date_of(cx->now_us));
  page.rows = NEW_ARRAY(cx->arena, days.n + 1, ScoresRows);
  for (size_t i = 0; i < days.n; i++) page.rows[page.rows_n++] = row_of(cx, &s, days.p[i]);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  scores_html(&b, &page);
  *out = (Html){ buf_str(&b) };
  return E_OK;
}
