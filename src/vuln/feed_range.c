/* feed_range.c - the events of an OSV range become intervals once, at ingest.
 *
 * OSV says: walk the events in order of version; introduced turns affected on for v >= e, fixed off for v >= e,
 * last_affected off for v > e; of equal versions the order in the file stands.  So the state can change only at an
 * event's version and just behind it: both are asked, and neighbours that agree become one interval. */
#include "vuln/feed.h"
#include <stdlib.h>

typedef enum EventKind { INTRODUCED, FIXED, LAST_AFFECTED } EventKind;
typedef struct Event {
  EventKind kind;
  bool first;
  Str text, key;
  size_t place;
  Scheme scheme;
} Event; /* first: "0" */
typedef VEC(Event) Events;

static int event_cmp(const Event *a, const Event *b) {
  if (a->first || b->first) return b->first - a->first;
  if (scheme_has_key(a->scheme)) return key_cmp(a->key, b->key);
  char c = version_compare(a->scheme, a->text, b->text);
  return c == '<' ? -1 : c == '>';
}

static int event_order(const void *x, const void *y) {
  const Event *a = x, *b = y;
  int d = event_cmp(a, b);
  return d ? d : (a->place > b->place) - (a->place < b->place);
}

/* The state at event i's version (behind: just behind it), asked of all events up to there. */
static bool state_at(const Events *e, size_t i, bool behind) {
  bool on = false;
  for (size_t j = 0; j < e->n; j++) {
    int d = event_cmp(&e->p[j], &e->p[i]);
    if (d > 0) break;
    if (e->p[j].kind == INTRODUCED) on = true;
    else if (e->p[j].kind == FIXED || d < 0 || behind) on = false;
  }
  return on;
}

static void emit(Feed *f, FeedRows *rows, const FeedRow *like, const Event *from, const Event *to, bool inclusive) {
  FeedRow r = *like;
  r.flags = (from->first ? ROW_LO_NONE : 0u) | (to ? 0u : ROW_HI_NONE) | (inclusive ? ROW_HI_INCL : 0u);
  r.lo = from->text;
  r.lo_key = from->key;
  if (to) { r.hi = to->text; r.hi_key = to->key; }
  vec_add(f->arena, rows, r);
}

/* limit: versions at or above every limit are out of sight; NULL when there is none. */
static void intervals(Feed *f, FeedRows *rows, const FeedRow *like, const Events *e, const Event *limit) {
  const Event *from = NULL;
  size_t before = rows->n;
  for (size_t i = 0; i < e->n; i++) {
    if (i && event_cmp(&e->p[i - 1], &e->p[i]) == 0) continue;
    if (limit && event_cmp(&e->p[i], limit) >= 0) break;
    bool at = state_at(e, i, false), behind = state_at(e, i, true);
    if (!from && at) from = &e->p[i];
    if (from && !at) { emit(f, rows, like, from, &e->p[i], false); from = NULL; }
    if (from && !behind) { emit(f, rows, like, from, &e->p[i], true); from = NULL; }
  }
  if (from) emit(f, rows, like, from, limit, false);
  if (rows->n != before) return;
  FeedRow never = *like;
  never.flags = ROW_NEVER;
  vec_add(f->arena, rows, never);
}

static bool read_event(Feed *f, Str text, EventKind kind, Scheme scheme, Event *out) {
  Event e = { .kind = kind, .scheme = scheme, .text = str_dup(f->arena, text), .first = str_eq(text, S("0")) };
  if (!e.first && scheme_has_key(scheme)) {
    if (!version_key(f->arena, scheme, text, &e.key)) return false;
  } else if (!e.first && !version_is_valid(scheme, text)) {
    return false;
  }
  *out = e;
  return true;
}

static void unreadable(Feed *f, FeedRows *rows, const FeedRow *like, JVal *events) {
  FeedRow r = *like;
  r.flags = ROW_UNREADABLE;
  JSON_EACH(event, events) {
    Str lo = json_text(event, "introduced"), hi = json_text(event, "fixed");
    if (lo.p) r.lo = str_dup(f->arena, lo);
    if (!hi.p) hi = json_text(event, "last_affected");
    if (hi.p) r.hi = str_dup(f->arena, hi);
  }
  vec_add(f->arena, rows, r);
}

void feed_range(Feed *f, FeedRows *rows, const FeedRow *like, JVal *range, Scheme scheme) {
  static const char *const names[] = { "introduced", "fixed", "last_affected" };
  JVal *list = json_get(range, "events");
  Events events = { 0 };
  Event limit = { 0 };
  bool limited = false, readable = scheme != SCHEME_NONE, infinite = false;
  FeedRow row = *like;
  row.scheme = scheme;
  JSON_EACH(event, list) {
    for (size_t k = 0; k < COUNT(names) && readable; k++) {
      Str text = json_text(event, names[k]);
      Event e;
      if (!text.p) continue;
      readable = read_event(f, text, (EventKind)k, scheme, &e);
      e.place = events.n;
      if (readable) vec_add(f->arena, &events, e);
    }
    Str text = json_text(event, "limit");
    Event e;
    if (!text.p || !readable) continue;
    infinite |= str_eq(text, S("*"));
    readable = str_eq(text, S("*")) || read_event(f, text, FIXED, scheme, &e);
    if (readable && !infinite && (!limited || event_cmp(&e, &limit) > 0)) { limit = e; limited = true; }
  }
  if (!readable) { unreadable(f, rows, &row, list); return; }
  if (events.n) qsort(events.p, events.n, sizeof *events.p, event_order);
  intervals(f, rows, &row, &events, limited && !infinite ? &limit : NULL);
}
