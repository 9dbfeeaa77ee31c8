/* shape_value.c - values that have no parts: text, numbers, times and words, as JSON and as XML write them. */
#include "supply/shape.h"

bool word_known(const Words *w, Str s, unsigned version) {
  for (size_t i = 0; i < w->n; i++) if (str_eq(s, w->word[i].word)) return w->word[i].from <= version;
  return false;
}

const Words *words_of(const ShapeTable *t, const char *what) {
  const Words *w = t->words;
  while (!str_eq(str_of(w->what), str_of(what))) w++;
  return w;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* urn:uuid: and five groups; letters of either case, as RFC 4122 lets a reader take them. */
bool cyclonedx_serial_known(Str s) {
  static const size_t group[] = { 8, 4, 4, 4, 12 };
  if (!str_starts(s, S("urn:uuid:")) || s.n != 45) return false;
  s = str_slice(s, 9, s.n);
  for (size_t i = 0; i < COUNT(group); i++) {
    Str part;
    (void)str_cut(s, '-', &part, &s);
    if (part.n != group[i]) return false;
    for (size_t k = 0; k < part.n; k++)
      if (str_find_char(S("0123456789abcdefABCDEF"), part.p[k]) == SIZE_MAX) return false;
  }
  return true;
}

/* ---- patterns: a row of letters and classes with {n}, {n,m} or + behind them, the longest each; A|B either ---- */

static bool in_class(Str class, char c) {
  for (size_t i = 0; i < class.n; i++) {
    bool range = i + 2 < class.n && class.p[i + 1] == '-';
    if (range ? c >= class.p[i] && c <= class.p[i + 2] : c == class.p[i]) return true;
    if (range) i += 2;
  }
  return false;
}

static size_t number_take(Str *p) {
  size_t n = 0;
  while (p->n && is_digit(*p->p)) {
    n = n * 10 + (size_t)(*p->p - '0');
    *p = str_slice(*p, 1, p->n);
  }
  return n;
}

static bool branch_fits(Str p, Str s) {
  while (p.n) {
    size_t end = *p.p == '[' ? str_find_char(p, ']') : 0, low = 1, high = 1, n = 0;
    Str class = end ? str_slice(p, 1, end) : str_slice(p, 0, 1);
    p = str_slice(p, end + 1, p.n);
    if (p.n && *p.p == '+') {
      high = SIZE_MAX;
      p = str_slice(p, 1, p.n);
    } else if (p.n && *p.p == '{') {
      p = str_slice(p, 1, p.n);
      low = high = number_take(&p);
      if (*p.p == ',') {
        p = str_slice(p, 1, p.n);
        high = number_take(&p);
      }
      p = str_slice(p, 1, p.n);
    }
    while (n < s.n && n < high && (end ? in_class(class, s.p[n]) : s.p[n] == *class.p)) n++;
    if (n < low) return false;
    s = str_slice(s, n, s.n);
  }
  return !s.n;
}

static bool pattern_fits(Str pattern, Str s) {
  for (Str branch; pattern.n;) {
    (void)str_cut(pattern, '|', &branch, &pattern);
    if (branch_fits(branch, s)) return true;
  }
  return false;
}

/* ---- numbers ---- */

static bool outside(const ShapeKind *k, double v) {
  return (k->low != SHAPE_FREE && v < k->low) || (k->high != SHAPE_FREE && v > k->high);
}

/* XML's decimal: a sign, digits, a point.  The bounds are small whole numbers, so that a double decides rightly. */
static bool decimal_read(Str s, double *out) {
  bool minus = s.n && *s.p == '-', digits = false;
  if (s.n && (minus || *s.p == '+')) s = str_slice(s, 1, s.n);
  double v = 0, unit = 1;
  bool point = false;
  for (size_t i = 0; i < s.n; i++) {
    if (s.p[i] == '.' && !point) { point = true; continue; }
    if (!is_digit(s.p[i])) return false;
    digits = true;
    if (point) v += (unit /= 10) * (s.p[i] - '0');
    else v = v * 10 + (s.p[i] - '0');
  }
  *out = minus ? -v : v;
  return digits;
}

static void number_judge(Judge *j, const ShapeKind *k, Value v, const char *name, const Path *at) {
  double n = 0;
  bool text = v.xml || (j->untyped && yyjson_is_str(v.json));
  Str s = v.xml ? str_trim(v.xml->text) : json_str(v.json);
  bool good = text ? decimal_read(s, &n) : yyjson_is_num(v.json);
  if (good && !text) n = yyjson_get_num(v.json);
  bool whole = text ? str_find_char(s, '.') == SIZE_MAX : n >= -1e18 && n <= 1e18 && n == (double)(int64_t)n;
  if (k->of == SHAPE_INT) good = good && whole;
  if (good && !outside(k, n)) return;
  Str bounds = k->low == SHAPE_FREE ? S("") : str_fmt(j->r->cx->arena, " from %d on", k->low);
  if (k->high != SHAPE_FREE) bounds = str_fmt(j->r->cx->arena, " from %d to %d", k->low, k->high);
  judge_error(j, at, NULL, "\"%s\" must be a %snumber%.*s", name, k->of == SHAPE_INT ? "whole " : "", STR(bounds));
}

/* ---- text ---- */

static void word_judge(Judge *j, const Words *w, Str s, const Path *at) {
  if (!word_known(w, s, j->version))
    judge_error(j, at, NULL, "\"%.*s\" is not %s in %s %.*s", STR(str_head(s, 60)), w->what,
                sbom_format_name(j->r->s->format), STR(j->r->s->spec));
}

/* RFC 3339; ISO 8601 without an offset is what many tools write and does no harm: a warning. */
static void time_judge(Judge *j, Str s, const Path *at) {
  int64_t us;
  if (time_parse(s, &us)) return;
  Str shown = str_head(s, 60), whole = str_fmt(j->r->cx->arena, "%.*sZ", STR(s));
  if (time_parse(whole, &us))
    judge_warn(j, at, NULL, str_fmt(j->r->cx->arena, "the time \"%.*s\" has no offset from UTC", STR(shown)));
  else if (!s.n && j->r->s->format == SBOM_SPDX) judge_warn(j, at, NULL, S("the time is empty"));
  else judge_error(j, at, NULL, "\"%.*s\" is not a date and time as 2026-11-22T04:31:00Z", STR(shown));
}

static bool is_date(Str s) {
  int32_t days;
  int64_t us;
  if (date_parse(s, &days)) return true;
  if (s.n <= 10) return false;                    /* XML: with an offset behind it */
  char whole[64];
  Str offset = str_slice(s, 10, s.n), clock = S("T00:00:00");
  if (10 + clock.n + offset.n > sizeof whole) return false;
  memcpy(whole, s.p, 10);
  memcpy(whole + 10, clock.p, clock.n);
  memcpy(whole + 10 + clock.n, offset.p, offset.n);
  return time_parse((Str){ whole, 10 + clock.n + offset.n }, &us);
}

static size_t characters(Str s) {
  size_t n = 0;
  for (size_t i = 0; i < s.n; i++) n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
  return n;
}

static void length_judge(Judge *j, const ShapeKind *k, Str s, const char *name, const Path *at) {
  if (k->low > 0 && !s.n) judge_error(j, at, NULL, "\"%s\" is empty", name);
  if (k->high != SHAPE_FREE && s.n > (size_t)k->high && characters(s) > (size_t)k->high)
    judge_error(j, at, NULL, "\"%s\" is longer than %d characters", name, k->high);
}

static void text_judge(Judge *j, const ShapeKind *k, Str s, const char *name, const Path *at) {
  Str shown = str_head(s, 60);
  switch (k->of) {
  case SHAPE_TEXT: length_judge(j, k, s, name, at); break;
  case SHAPE_WORD: word_judge(j, &j->t->words[k->at], s, at); break;
  case SHAPE_TIME: time_judge(j, s, at); break;
  case SHAPE_DATE:
    if (!is_date(s)) judge_error(j, at, NULL, "\"%.*s\" is not a date as 2026-11-22", STR(shown));
    break;
  case SHAPE_SERIAL:
    if (!cyclonedx_serial_known(s)) judge_error(j, at, NULL, "\"%.*s\" is not urn:uuid: and a UUID", STR(shown));
    break;
  case SHAPE_LICENCE:
    if (!is_licence_id(s))
      judge_error(j, at, NULL, "\"%.*s\" is not an identifier of the SPDX licence list (a licence outside of it goes "
                  "under \"name\")", STR(shown));
    break;
  case SHAPE_CPE:
    if (!cpe_looks_right(s)) judge_error(j, at, NULL, "\"%.*s\" is not a CPE", STR(shown));
    break;
  case SHAPE_PATTERN:
    if (!pattern_fits(str_of(k->text), s))
      judge_error(j, at, NULL, "\"%.*s\" does not have the form of \"%s\"", STR(shown), name);
    break;
  case SHAPE_BOOL:
    if (!word_known(&(Words){ NULL, (Word[]){ { S("true"), 0 }, { S("false"), 0 }, { S("1"), 0 }, { S("0"), 0 } }, 4,
                              false },
                    s, 0))
      judge_error(j, at, NULL, "\"%s\" must be true or false", name);
    break;
  case SHAPE_ANY: case SHAPE_OBJECT: case SHAPE_PART: case SHAPE_LIST: case SHAPE_EITHER: case SHAPE_INT:
  case SHAPE_NUM: break;
  }
}

void plain_judge(Judge *j, const ShapeKind *k, Value v, const char *name, const Path *at) {
  if (k->of == SHAPE_INT || k->of == SHAPE_NUM) { number_judge(j, k, v, name, at); return; }
  if (v.xml) {
    Str s = str_trim(v.xml->text);
    bool is_default = !s.n && k->of == SHAPE_WORD && j->t->words[k->at].has_default;
    if (!is_default) text_judge(j, k, s.p ? s : S(""), name, at);
  } else if (k->of == SHAPE_BOOL) {
    if (!yyjson_is_bool(v.json) && !j->untyped) judge_error(j, at, NULL, "\"%s\" must be true or false", name);
  } else if (yyjson_is_str(v.json)) {
    text_judge(j, k, json_str(v.json), name, at);
  } else {
    judge_error(j, at, NULL, "\"%s\" must be text", name);
  }
}
