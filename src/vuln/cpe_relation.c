/* cpe_relation.c - how one CPE value, or one whole name, relates to another (NISTIR 7696, tables 6-2 and 6-4). */
#include "vuln/inside.h"

static const char *const relations[] = { "equal", "superset", "subset", "disjoint", "undefined" };
const char *cpe_relation_name(CpeRelation r) { return relations[r]; }

typedef enum Kind { ANY, NA, LITERAL, WILD } Kind;

static Kind kind_of(Str s) {
  if (str_eq(s, S("*"))) return ANY;
  if (str_eq(s, S("-"))) return NA;
  for (size_t i = 0; i < s.n; i++) {
    if (s.p[i] == '\\') i++;
    else if (s.p[i] == '*' || s.p[i] == '?') return WILD;
  }
  return LITERAL;
}

bool cpe_is_literal(Str value) { return kind_of(value) == LITERAL; }

/* Takes one character, with its backslash if it has one, off the front. */
static Str take(Str *s) {
  Str one = str_slice(*s, 0, s->n > 1 && *s->p == '\\' ? 2 : 1);
  *s = str_slice(*s, one.n, s->n);
  return one;
}

static size_t length_of(Str s) {
  size_t n = 0;
  for (; s.n; n++) (void)take(&s);
  return n;
}

/* Wildcards stand at the ends only: '*' for any number of characters, each '?' for none or one. */
static bool pattern_holds(Str pattern, Str text) {
  size_t before = 0, behind = 0, least = 0;
  Str body = pattern, rest = pattern;
  for (; body.n && (*body.p == '*' || *body.p == '?'); body = str_slice(body, 1, body.n))
    before = *body.p == '*' ? SIZE_MAX : before == SIZE_MAX ? before : before + 1;
  rest = body;
  size_t end = body.n;
  while (rest.n) {
    size_t at = (size_t)(rest.p - body.p);
    Str one = take(&rest);
    bool wild = one.n == 1 && (*one.p == '*' || *one.p == '?');
    if (!wild) continue;
    if (end == body.n) end = at;
    behind = *one.p == '*' ? SIZE_MAX : behind == SIZE_MAX ? behind : behind + 1;
  }
  body = str_slice(body, 0, end);
  least = length_of(body);
  size_t all = length_of(text);
  if (all < least) return false;
  size_t spare = all - least;
  for (size_t skip = 0; skip <= spare; skip++) {
    if (skip) (void)take(&text);
    if (skip > before) return false;
    if (spare - skip <= behind && str_starts(text, body)) return true;
  }
  return false;
}

CpeRelation cpe_relation(Str source, Str target) {
  static const CpeRelation table[4][4] = {
    /* rows: source; columns: target ANY, NA, literal, with wildcards */
    [ANY] = { CPE_EQUAL, CPE_SUPERSET, CPE_SUPERSET, CPE_UNDEFINED },
    [NA] = { CPE_SUBSET, CPE_EQUAL, CPE_DISJOINT, CPE_UNDEFINED },
    [LITERAL] = { CPE_SUBSET, CPE_DISJOINT, CPE_EQUAL, CPE_UNDEFINED },
    [WILD] = { CPE_SUBSET, CPE_DISJOINT, CPE_SUPERSET, CPE_UNDEFINED },
  };
  Kind s = kind_of(source), t = kind_of(target);
  if (t == LITERAL && s == LITERAL && !str_eq_nocase(source, target)) return CPE_DISJOINT;
  if (t == LITERAL && s == WILD && !pattern_holds(source, target)) return CPE_DISJOINT;
  return table[s][t];
}

/* Table 6-4: disjoint if any value is; else undefined if any is; else what all agree on, equal aside. */
CpeRelation cpe_name_relation(const Cpe *source, const Cpe *target) {
  size_t count[CPE_UNDEFINED + 1] = { 0 };
  for (size_t i = 0; i < CPE_ATTRIBUTES; i++) count[cpe_relation(source->value[i], target->value[i])]++;
  if (count[CPE_DISJOINT]) return CPE_DISJOINT;
  if (count[CPE_UNDEFINED] || (count[CPE_SUPERSET] && count[CPE_SUBSET])) return CPE_UNDEFINED;
  return count[CPE_SUPERSET] ? CPE_SUPERSET : count[CPE_SUBSET] ? CPE_SUBSET : CPE_EQUAL;
}

/* The value without its backslashes. */
Str cpe_plain(Arena *a, Str value) {
  if (str_find_char(value, '\\') == SIZE_MAX) return value;
  Buf b = buf_new(a, value.n + 1);
  for (size_t i = 0; i < value.n; i++) {
    if (value.p[i] == '\\' && i + 1 < value.n) i++;
    buf_byte(&b, value.p[i]);
  }
  return buf_str(&b);
}
