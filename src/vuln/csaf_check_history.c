/* csaf_check_history.c - versions of a document and its revision history. */
#include "vuln/csaf_check_inside.h"
#include <stdlib.h>

typedef struct Number {
  Str text, pre;                 /* pre: behind a hyphen */
  int64_t part[3];
  int parts;                     /* 1: an integer; 3: semantic; 0: neither */
} Number;

static Number number_of(Str s) {
  Number n = { .text = s };
  size_t plus = str_find_char(s, '+');
  Str rest = plus == SIZE_MAX ? s : str_slice(s, 0, plus), head;
  size_t hyphen = str_find_char(rest, '-');
  if (hyphen != SIZE_MAX) {
    n.pre = str_slice(rest, hyphen + 1, rest.n);
    rest = str_slice(rest, 0, hyphen);
  }
  while (n.parts < 3) {
    bool more = str_cut(rest, '.', &head, &rest);
    if (!str_int(head, &n.part[n.parts]) || n.part[n.parts] < 0) return (Number){ .text = s };
    n.parts++;
    if (!more) break;
    if (n.parts == 3) return (Number){ .text = s };
  }
  if (n.parts == 2 || (n.parts == 1 && (n.pre.n || plus != SIZE_MAX))) n.parts = 0;
  return n;
}

/* Precedence of semantic versions between pre-releases: identifier by identifier, numbers below words. */
static int compare_pre(Str a, Str b) {
  if (!a.n || !b.n) return (int)(b.n > 0) - (int)(a.n > 0);
  while (a.n || b.n) {
    Str x, y;
    int64_t m = 0, n = 0;
    if (!a.n || !b.n) return a.n ? 1 : -1;
    (void)str_cut(a, '.', &x, &a);
    (void)str_cut(b, '.', &y, &b);
    bool xn = str_int(x, &m), yn = str_int(y, &n);
    int d = xn && yn ? (m > n) - (m < n) : xn != yn ? (xn ? -1 : 1) : str_cmp(x, y);
    if (d) return d;
  }
  return 0;
}

static int compare(const Number *a, const Number *b) {
  for (int i = 0; i < 3; i++)
    if (a->part[i] != b->part[i]) return a->part[i] < b->part[i] ? -1 : 1;
  return compare_pre(a->pre, b->pre);
}

typedef struct HistoryEntry {
  Number number;
  int64_t at_us;
  size_t place;
} HistoryEntry;
typedef VEC(HistoryEntry) HistoryEntries;

static HistoryEntries read_history(Csaf *c) {
  HistoryEntries list = { 0 };
  size_t n = 0;
  JSON_EACH(r, json_get(c->tracking, "revision_history")) {
    HistoryEntry one = { .number = number_of(json_text(r, "number")), .place = n++ };
    (void)time_parse(json_text(r, "date"), &one.at_us);
    vec_add(c->cx->arena, &list, one);
  }
  return list;
}

static int by_date(const void *x, const void *y) {
  const HistoryEntry *a = x, *b = y;
  if (a->at_us != b->at_us) return a->at_us < b->at_us ? -1 : 1;
  return compare(&a->number, &b->number);
}

static int by_number(const void *x, const void *y) {
  const HistoryEntry *a = x, *b = y;
  return compare(&a->number, &b->number);
}

static Str at_number(Csaf *c, size_t place) {
  return csaf_at(c, "/document/tracking/revision_history/%zu/number", place);
}

/* 6.1.14, 6.1.16, 6.1.21, 6.1.22 */
static void order(Csaf *c, HistoryEntries *list, const Number *version, bool draft) {
  HistoryEntry *p = list->p;
  qsort(p, list->n, sizeof *p, by_date);
  for (size_t i = 1; i < list->n; i++)
    if (compare(&p[i - 1].number, &p[i].number) > 0)
      csaf_fault(c, "6.1.14", at_number(c, p[i].place), "%.*s is later but smaller than %.*s",
                 STR(p[i].number.text), STR(p[i - 1].number.text));
  Number last = p[list->n - 1].number, own = *version;
  if (draft) last.pre = own.pre = STR_NONE;
  if (compare(&last, &own))
    csaf_fault(c, "6.1.16", S("/document/tracking/version"), "the newest revision is %.*s, the version %.*s",
               STR(last.text), STR(own.text));
  qsort(p, list->n, sizeof *p, by_number);
  if (p[0].number.part[0] > 1)
    csaf_fault(c, "6.1.21", at_number(c, p[0].place), "the history begins with %.*s", STR(p[0].number.text));
  for (size_t i = 1; i < list->n; i++) {
    if (p[i].number.part[0] - p[i - 1].number.part[0] > 1)
      csaf_fault(c, "6.1.21", at_number(c, p[i].place), "nothing stands between %.*s and %.*s",
                 STR(p[i - 1].number.text), STR(p[i].number.text));
    if (str_eq(p[i].number.text, p[i - 1].number.text))
      csaf_fault(c, "6.1.22", at_number(c, p[i].place), "%.*s stands twice", STR(p[i].number.text));
  }
}

void csaf_check_history(Csaf *c) {
  HistoryEntries list = read_history(c);
  Number version = number_of(json_text(c->tracking, "version"));
  Str status = json_text(c->tracking, "status"), at = S("/document/tracking/version");
  bool draft = str_eq(status, S("draft")), mixed = false;
  if ((version.part[0] == 0 || version.pre.n) && version.parts && !draft)
    csaf_fault(c, "6.1.17", S("/document/tracking/status"), "the version %.*s is a draft's", STR(version.text));
  if (!draft && version.pre.n)
    csaf_fault(c, "6.1.20", at, "a document that is %.*s has no pre-release version", STR(status));
  for (size_t i = 0; i < list.n; i++) {
    const Number *n = &list.p[i].number;
    mixed |= n->parts != version.parts;
    if (!draft && n->parts && n->part[0] == 0)
      csaf_fault(c, "6.1.18", at_number(c, i), "%.*s is a draft's, the document is %.*s", STR(n->text), STR(status));
    if (n->pre.n) csaf_fault(c, "6.1.19", at_number(c, i), "%.*s is a pre-release", STR(n->text));
    if (!n->parts)
      csaf_fault(c, "schema", at_number(c, i), "'%.*s' is neither an integer nor a semantic version", STR(n->text));
  }
  if (mixed) csaf_fault(c, "6.1.30", at, "integers and semantic versions are mixed");
  else if (list.n && version.parts) order(c, &list, &version, draft);
}
