/* What comply/ answers for when the store is verified: the gaps are replayed from the changes. */
#include "comply/inside.h"
#include "comply.sql.h"

const Fact comply_fact = { "check", SQL_FACT_ROWS, SQL_FACT_KEYS };

typedef struct Line { Str key, text; bool found; } Line;
typedef struct Replay { VEC(Line) line; Map open; } Replay;

static Str line_text(Arena *a, const Rows *r, int from, Str first, int64_t first_us, Str closed,
                     int64_t closed_us) {
  return str_fmt(a, "%.*s\n%.*s\n%lld %lld %lld\n%.*s\n%.*s\n%.*s %lld %.*s %lld", STR(row_text(r, from)),
                 STR(row_text(r, from + 1)), (long long)row_int(r, from + 2), (long long)row_int(r, from + 3),
                 (long long)row_int(r, from + 4), STR(row_text(r, from + 5)), STR(row_text(r, from + 6)),
                 STR(first), (long long)first_us, STR(closed), (long long)closed_us);
}

typedef struct Began { Str run; int64_t us; size_t line; } Began;

static Err replay_changes(Cx *cx, Store *s, Replay *re) {
  AUTO(Rows) r = { 0 };
  VEC(Began) began = { 0 };
  TRY(store_rows(cx, s, SQL_CHANGES_ALL, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Arena *a = cx->arena;
    Str id = str_fmt(a, "%.*s\n%.*s", STR(row_text(&r, 0)), STR(row_text(&r, 3))),
        run = str_dup(a, row_text(&r, 1));
    bool open = str_eq(row_text(&r, 4), S("open")), close = str_eq(row_text(&r, 4), S("close"));
    size_t at = map_get(&re->open, id);
    if (open || at == MAP_NONE) {
      at = began.n;
      vec_add(a, &began, (Began){ run, row_int(&r, 2), re->line.n });
      vec_add(a, &re->line, (Line){ .key = str_fmt(a, "%.*s\n%.*s", STR(id), STR(run)) });
      map_put(&re->open, id, at);
    }
    const Began *b = &began.p[at];
    re->line.p[b->line].text =
        line_text(a, &r, 5, b->run, b->us, close ? run : S(""), close ? row_int(&r, 2) : 0);
  }
}

static Err gaps_derived(Cx *cx, Store *s, VerifyReport *report) {
  Replay re = { .open = map_new(cx->arena, 1024) };
  AUTO(Rows) r = { 0 };
  TRY(replay_changes(cx, s, &re));
  Map by_key = map_new(cx->arena, re.line.n);
  for (size_t i = 0; i < re.line.n; i++) map_put(&by_key, re.line.p[i].key, i);
  TRY(store_rows(cx, s, SQL_GAPS_ALL, NO_ARGS, &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Str key = str_fmt(cx->arena, "%.*s\n%.*s\n%.*s", STR(row_text(&r, 0)), STR(row_text(&r, 1)),
                      STR(row_text(&r, 9)));
    size_t at = map_get(&by_key, key);
    Str text =
        line_text(cx->arena, &r, 2, row_text(&r, 9), row_int(&r, 10), row_text(&r, 11), row_int(&r, 12));
    if (at != MAP_NONE) re.line.p[at].found = true;
    if (at == MAP_NONE || !str_eq(re.line.p[at].text, text))
      verify_find(cx, report, "projection", row_text(&r, 3),
                  "the gap of rule %.*s differs from what its runs say", STR(row_text(&r, 2)));
  }
  for (size_t i = 0; i < re.line.n; i++)
    if (!re.line.p[i].found)
      verify_find(cx, report, "projection", S("gap"), "a gap that a run opened is missing");
  return E_OK;
}

static const char *const part_tables[] = { "check_run", "check_pack", "check_rule", "check_change", "gap" };
const VerifyPart comply_verify_part = { "comply",           &comply_fact,  1, gaps_derived, part_tables,
                                        COUNT(part_tables), comply_schema, 1 };
