#include "risk/inside.h"

enum { NO_LEVEL = 255 };

static bool on_scale(Str word, char first, char other, size_t *at) {
  if (word.n != 2 || (word.p[0] != first && word.p[0] != other)) return false;
  if (word.p[1] < '1' || word.p[1] > '0' + RISK_SCALE) return false;
  *at = (size_t)(word.p[1] - '1');
  return true;
}

static bool level_find(Str word, unsigned char *out) {
  for (unsigned char i = 0; risk_level[i]; i++)
    if (str_eq(word, str_of(risk_level[i]))) {
      *out = i;
      return true;
    }
  return false;
}

/* "medium medium high high high" into one row; STR_NONE or what is wrong. */
static Str read_row(Arena *a, Str rest, unsigned char *row) {
  size_t n = 0;
  while (rest.n) {
    Str word;
    str_cut(rest, ' ', &word, &rest);
    rest = str_trim(rest);
    if (n == RISK_SCALE) return str_fmt(a, "more than %d levels", RISK_SCALE);
    if (!level_find(word, &row[n])) return str_fmt(a, "\"%.*s\" is no level: low, medium or high", STR(word));
    n++;
  }
  return n == RISK_SCALE ? STR_NONE : str_fmt(a, "%zu levels instead of %d", n, RISK_SCALE);
}

static Str read_line(Arena *a, Str line, RiskMatrix *m) {
  Str head, rest;
  size_t e;
  if (!str_cut(line, ':', &head, &rest)) return S("no \":\" behind the exploitability");
  head = str_trim(head);
  if (!on_scale(head, 'e', 'e', &e)) return str_fmt(a, "\"%.*s\" is not e1 to e5", STR(head));
  if (m->level[e][0] != NO_LEVEL) return str_fmt(a, "\"%.*s\" stands twice", STR(head));
  return read_row(a, str_trim(rest), m->level[e]);
}

bool risk_matrix_read(Arena *a, Str text, RiskMatrix *out, Str *wrong) {
  RiskMatrix m;
  for (size_t e = 0; e < RISK_SCALE; e++) m.level[e][0] = NO_LEVEL;
  Str line;
  for (size_t number = 1; str_line(&text, &line); number++) {
    str_cut(line, '#', &line, &(Str){ NULL, 0 });
    line = str_trim(line);
    Str why = line.n ? read_line(a, line, &m) : STR_NONE;
    if (why.n) {
      *wrong = str_fmt(a, "Line %zu: %.*s.", number, STR(why));
      return false;
    }
  }
  for (size_t e = 0; e < RISK_SCALE; e++)
    if (m.level[e][0] == NO_LEVEL) {
      *wrong = str_fmt(a, "There is no line for e%zu.", e + 1);
      return false;
    }
  *out = m;
  return true;
}

Str risk_matrix_level(const RiskMatrix *m, Str likelihood, Str severity) {
  size_t e, s;
  if (!on_scale(likelihood, 'e', 'p', &e) || !on_scale(severity, 's', 's', &s)) return STR_NONE;
  return str_of(risk_level[m->level[e][s]]);
}
