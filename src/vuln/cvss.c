/* cvss.c - CVSS vectors: reading, canonical form, and the scores of versions 2.0, 3.0 and 3.1 in integers. */
#include "vuln/cvss.h"
#include <string.h>

typedef struct CvssRow { const char *metric, *values; CvssGroup group; } CvssRow;
typedef struct CvssForm {
  const char *version, *prefix;
  const CvssRow *row;
  size_t rows;
  void (*score)(const CvssVector *, Cvss *);
} CvssForm;

/* Values are in the order in which the standard lists them; the scores below use their places. */
static const CvssRow rows2[] = {
  { "AV", "L A N", CVSS_BASE },
  { "AC", "H M L", CVSS_BASE },
  { "Au", "M S N", CVSS_BASE },
  { "C", "N P C", CVSS_BASE },
  { "I", "N P C", CVSS_BASE },
  { "A", "N P C", CVSS_BASE },
  { "E", "U POC F H ND", CVSS_TEMPORAL },
  { "RL", "OF TF W U ND", CVSS_TEMPORAL },
  { "RC", "UC UR C ND", CVSS_TEMPORAL },
  { "CDP", "N L LM MH H ND", CVSS_ENVIRONMENTAL },
  { "TD", "N L M H ND", CVSS_ENVIRONMENTAL },
  { "CR", "L M H ND", CVSS_ENVIRONMENTAL },
  { "IR", "L M H ND", CVSS_ENVIRONMENTAL },
  { "AR", "L M H ND", CVSS_ENVIRONMENTAL },
};
enum { V2_AV, V2_AC, V2_AU, V2_C, V2_E = 6, V2_RL, V2_RC, V2_CDP, V2_TD, V2_CR };

static const CvssRow rows3[] = {
  { "AV", "N A L P", CVSS_BASE },
  { "AC", "L H", CVSS_BASE },
  { "PR", "N L H", CVSS_BASE },
  { "UI", "N R", CVSS_BASE },
  { "S", "U C", CVSS_BASE },
  { "C", "H L N", CVSS_BASE },
  { "I", "H L N", CVSS_BASE },
  { "A", "H L N", CVSS_BASE },
  { "E", "X H F P U", CVSS_TEMPORAL },
  { "RL", "X U W T O", CVSS_TEMPORAL },
  { "RC", "X C R U", CVSS_TEMPORAL },
  { "CR", "X H M L", CVSS_ENVIRONMENTAL },
  { "IR", "X H M L", CVSS_ENVIRONMENTAL },
  { "AR", "X H M L", CVSS_ENVIRONMENTAL },
  { "MAV", "N A L P X", CVSS_ENVIRONMENTAL },
  { "MAC", "L H X", CVSS_ENVIRONMENTAL },
  { "MPR", "N L H X", CVSS_ENVIRONMENTAL },
  { "MUI", "N R X", CVSS_ENVIRONMENTAL },
  { "MS", "U C X", CVSS_ENVIRONMENTAL },
  { "MC", "H L N X", CVSS_ENVIRONMENTAL },
  { "MI", "H L N X", CVSS_ENVIRONMENTAL },
  { "MA", "H L N X", CVSS_ENVIRONMENTAL },
};
enum { V3_AV, V3_AC, V3_PR, V3_UI, V3_S, V3_C, V3_E = 8, V3_RL, V3_RC, V3_CR, V3_MAV = 14, V3_MC = 19 };

static const CvssRow rows4[] = {
  { "AV", "N A L P", CVSS_BASE },
  { "AC", "L H", CVSS_BASE },
  { "AT", "N P", CVSS_BASE },
  { "PR", "N L H", CVSS_BASE },
  { "UI", "N P A", CVSS_BASE },
  { "VC", "H L N", CVSS_BASE },
  { "VI", "H L N", CVSS_BASE },
  { "VA", "H L N", CVSS_BASE },
  { "SC", "H L N", CVSS_BASE },
  { "SI", "H L N", CVSS_BASE },
  { "SA", "H L N", CVSS_BASE },
  { "E", "A P U X", CVSS_TEMPORAL },
  { "CR", "H M L X", CVSS_ENVIRONMENTAL },
  { "IR", "H M L X", CVSS_ENVIRONMENTAL },
  { "AR", "H M L X", CVSS_ENVIRONMENTAL },
  { "MAV", "N A L P X", CVSS_ENVIRONMENTAL },
  { "MAC", "L H X", CVSS_ENVIRONMENTAL },
  { "MAT", "N P X", CVSS_ENVIRONMENTAL },
  { "MPR", "N L H X", CVSS_ENVIRONMENTAL },
  { "MUI", "N P A X", CVSS_ENVIRONMENTAL },
  { "MVC", "H L N X", CVSS_ENVIRONMENTAL },
  { "MVI", "H L N X", CVSS_ENVIRONMENTAL },
  { "MVA", "H L N X", CVSS_ENVIRONMENTAL },
  { "MSC", "H L N X", CVSS_ENVIRONMENTAL },
  { "MSI", "H L N S X", CVSS_ENVIRONMENTAL },
  { "MSA", "H L N S X", CVSS_ENVIRONMENTAL },
  { "S", "X N P", CVSS_SUPPLEMENTAL },
  { "AU", "X N Y", CVSS_SUPPLEMENTAL },
  { "R", "X A U I", CVSS_SUPPLEMENTAL },
  { "V", "X D C", CVSS_SUPPLEMENTAL },
  { "RE", "X L M H", CVSS_SUPPLEMENTAL },
  { "U", "X Clear Green Amber Red", CVSS_SUPPLEMENTAL },
};

/* ---- version 2.0 --------------------------------------------------------------------------------------- */

static int64_t div_half_up(int64_t n, int64_t d) { return n <= 0 ? 0 : (n + d / 2) / d; }

static const int64_t av2[] = { 395, 646, 1000 }, ac2[] = { 35, 61, 71 }, au2[] = { 450, 560, 704 },
                     cia2[] = { 0, 275, 660 };

/* impact: in 1e-12 of 10 points; the tenths of (.6 impact + .4 exploitability - 1.5) f. */
static int base2(const CvssVector *v, int64_t impact_e12) {
  if (impact_e12 == 0) return 0;
  int64_t exploit_e8 = 20 * av2[v->value[V2_AV]] * ac2[v->value[V2_AC]] * au2[v->value[V2_AU]];
  int64_t sum_e12 = impact_e12 / 10 * 6 + exploit_e8 * 4000 - INT64_C(1500000000000);
  return (int)div_half_up(sum_e12 / 1000 * 1176, INT64_C(100000000000));
}

static int temporal2(const CvssVector *v, int base_x10) {
  static const int64_t e[] = { 85, 90, 95, 100, 100 }, rl[] = { 87, 90, 95, 100, 100 }, rc[] = { 90, 95, 100, 100 };
  return (int)div_half_up(base_x10 * e[v->value[V2_E]] * rl[v->value[V2_RL]] * rc[v->value[V2_RC]], 1000000);
}

static int environmental2(const CvssVector *v) {
  static const int64_t need[] = { 50, 100, 151, 100 }, cdp_x10[] = { 0, 1, 3, 4, 5, 0 },
                       td[] = { 0, 25, 75, 100, 100 };
  int64_t left_e15 = 1;
  for (size_t i = 0; i < 3; i++) left_e15 *= 100000 - cia2[v->value[V2_C + i]] * need[v->value[V2_CR + i]];
  int64_t impact_e12 = (INT64_C(1000000000000000) - left_e15) / 1000 * 1041 / 100;
  if (impact_e12 > INT64_C(10000000000000)) impact_e12 = INT64_C(10000000000000);
  int64_t at_x10 = temporal2(v, base2(v, impact_e12));
  int64_t with_damage_x100 = at_x10 * 10 + (100 - at_x10) * cdp_x10[v->value[V2_CDP]];
  return (int)div_half_up(with_damage_x100 * td[v->value[V2_TD]], 1000);
}

static void score2(const CvssVector *v, Cvss *c) {
  int64_t left_e9 = 1;
  for (size_t i = 0; i < 3; i++) left_e9 *= 1000 - cia2[v->value[V2_C + i]];
  c->base_x10 = base2(v, (1000000000 - left_e9) * 10410);
  if (v->has[CVSS_TEMPORAL]) c->temporal_x10 = temporal2(v, c->base_x10);
  if (v->has[CVSS_ENVIRONMENTAL]) c->environmental_x10 = environmental2(v);
}

/* ---- versions 3.0 and 3.1 ------------------------------------------------------------------------------ */

__extension__ typedef __int128 Wide;
#define ONE INT64_C(1000000000000000)            /* fixed point: 15 decimals */

static int64_t times(int64_t a, int64_t b) { return (int64_t)((Wide)a * b / ONE); }

static int64_t power(int64_t x, int n) {
  int64_t p = ONE;
  for (int i = 0; i < n; i++) p = times(p, x);
  return p;
}

/* Appendix A of the specification: up to one decimal, after rounding to five. */
static int round_up(int64_t x) {
  int64_t e5 = (x + ONE / 200000) / (ONE / 100000);
  return e5 <= 0 ? 0 : (int)((e5 + 9999) / 10000);
}

static int64_t hundredths(int n) { return n * (ONE / 100); }

/* m: the eight base metrics or what modifies them. */
static int64_t exploitability3(const int *m) {
  static const int av[] = { 85, 62, 55, 20 }, ac[] = { 77, 44 }, ui[] = { 85, 62 };
  static const int pr[2][3] = { { 85, 62, 27 }, { 85, 68, 50 } };
  int64_t x = times(hundredths(822), hundredths(av[m[V3_AV]]));
  x = times(x, hundredths(ac[m[V3_AC]]));
  x = times(x, hundredths(pr[m[V3_S]][m[V3_PR]]));
  return times(x, hundredths(ui[m[V3_UI]]));
}

static int combine3(int64_t impact, const int *m) {
  if (impact <= 0) return 0;
  int64_t sum = impact + exploitability3(m);
  if (m[V3_S] == 1) sum = times(hundredths(108), sum);
  return round_up(sum < 10 * ONE ? sum : 10 * ONE);
}

static int temporal3(const CvssVector *v, int base_x10) {
  static const int e[] = { 100, 100, 97, 94, 91 }, rl[] = { 100, 100, 97, 96, 95 }, rc[] = { 100, 100, 96, 92 };
  int64_t x = times(base_x10 * (ONE / 10), hundredths(e[v->value[V3_E]]));
  return round_up(times(times(x, hundredths(rl[v->value[V3_RL]])), hundredths(rc[v->value[V3_RC]])));
}

static const int cia3[] = { 56, 22, 0 };

static void score3(const CvssVector *v, Cvss *c, bool v31) {
  static const int need[] = { 100, 150, 100, 50 };
  int m[8];
  int64_t left = ONE, left_modified = ONE;
  for (size_t i = 0; i < 8; i++)
    m[i] = v->value[V3_MAV + i] == v->absent[V3_MAV + i] ? v->value[i] : v->value[V3_MAV + i];
  for (size_t i = 0; i < 3; i++) {
    left = times(left, ONE - hundredths(cia3[v->value[V3_C + i]]));
    left_modified = times(left_modified, ONE - cia3[m[V3_C + i]] * need[v->value[V3_CR + i]] * (ONE / 10000));
  }
  int64_t iss = ONE - left, miss = ONE - left_modified, point029 = 29 * (ONE / 1000), point02 = hundredths(2);
  int64_t changed = times(hundredths(752), iss - point029) - times(hundredths(325), power(iss - point02, 15));
  c->base_x10 = combine3(v->value[V3_S] == 1 ? changed : times(hundredths(642), iss), v->value);
  c->temporal_x10 = temporal3(v, c->base_x10);
  if (miss > 915 * (ONE / 1000)) miss = 915 * (ONE / 1000);
  int64_t bend = v31 ? power(times(miss, 9731 * (ONE / 10000)) - point02, 13) : power(miss - point02, 15);
  changed = times(hundredths(752), miss - point029) - times(hundredths(325), bend);
  c->environmental_x10 = temporal3(v, combine3(m[V3_S] == 1 ? changed : times(hundredths(642), miss), m));
}

static void score30(const CvssVector *v, Cvss *c) { score3(v, c, false); }
static void score31(const CvssVector *v, Cvss *c) { score3(v, c, true); }

/* ---- reading ------------------------------------------------------------------------------------------- */

static const CvssForm forms[] = {
  { "3.1", "CVSS:3.1/", rows3, COUNT(rows3), score31 },
  { "3.0", "CVSS:3.0/", rows3, COUNT(rows3), score30 },
  { "4.0", "CVSS:4.0/", rows4, COUNT(rows4), cvss4_score },
  { "2.0", "", rows2, COUNT(rows2), score2 },
};

/* The place of a value in "A B C", or -1. */
static int place(const char *values, Str value) {
  Str rest = str_of(values), one;
  for (int i = 0; rest.n; i++) {
    str_cut(rest, ' ', &one, &rest);
    if (str_eq(one, value)) return i;
  }
  return -1;
}

static Err read_metric(Cx *cx, const CvssForm *f, Str part, CvssVector *v) {
  Str name, value;
  if (!str_cut(part, ':', &name, &value)) return fail(cx, E_INVALID, "\"%.*s\" is not metric:value", STR(part));
  size_t i = 0;
  while (i < f->rows && !str_eq(name, str_of(f->row[i].metric))) i++;
  if (i == f->rows) return fail(cx, E_INVALID, "CVSS %s has no metric \"%.*s\"", f->version, STR(name));
  if (v->seen[i]) return fail(cx, E_INVALID, "metric %.*s stands twice", STR(name));
  int at = place(f->row[i].values, value);
  if (at < 0)
    return fail(cx, E_INVALID, "metric %.*s has no value \"%.*s\"; one of: %s", STR(name), STR(value),
                f->row[i].values);
  v->seen[i] = true;
  v->value[i] = at;
  v->has[f->row[i].group] |= at != v->absent[i];
  return E_OK;
}

static Str value_text(const CvssRow *r, int at) {
  Str rest = str_of(r->values), one = STR_NONE;
  for (int i = 0; i <= at; i++) str_cut(rest, ' ', &one, &rest);
  return one;
}

static Str canonical(Cx *cx, const CvssForm *f, const CvssVector *v) {
  Buf b = buf_new(cx->arena, 1024);
  buf_z(&b, f->prefix);
  for (size_t i = 0, n = 0; i < f->rows; i++) {
    if (!v->seen[i] || (f->row[i].group != CVSS_BASE && v->value[i] == v->absent[i])) continue;
    if (n++) buf_byte(&b, '/');
    buf_z(&b, f->row[i].metric);
    buf_byte(&b, ':');
    buf_add(&b, value_text(&f->row[i], v->value[i]));
  }
  return buf_str(&b);
}

static Str word(const CvssForm *f, int x10) {
  bool v2 = str_eq(str_of(f->version), S("2.0"));
  if (x10 == 0 && !v2) return S("NONE");
  if (x10 < 40) return S("LOW");
  if (x10 < 70) return S("MEDIUM");
  return x10 < 90 || v2 ? S("HIGH") : S("CRITICAL");
}

Err cvss_read(Cx *cx, Str vector, Cvss *out) {
  CvssVector v = { 0 };
  Str s = str_trim(vector);
  size_t k = 0;
  while (k + 1 < COUNT(forms) && !str_starts(s, str_of(forms[k].prefix))) k++;
  const CvssForm *f = &forms[k];
  s = str_slice(s, strlen(f->prefix), s.n);
  if (!*f->prefix && s.n > 1 && *s.p == '(' && s.p[s.n - 1] == ')') s = str_slice(s, 1, s.n - 1);
  if (str_starts(s, S("CVSS:")))
    return fail(cx, E_INVALID, "CVSS version not known; one of 2.0 (no prefix), 3.0, 3.1, 4.0");
  if (!s.n) return fail(cx, E_INVALID, "no metric");
  for (size_t i = 0; i < f->rows; i++) {
    int x = place(f->row[i].values, S("X"));
    v.absent[i] = x >= 0 ? x : place(f->row[i].values, S("ND"));
    v.value[i] = v.absent[i];
  }
  if (s.p[s.n - 1] == '/') s = str_slice(s, 0, s.n - 1);      /* some publishers end with it */
  while (s.n) {
    Str part;
    if (str_cut(s, '/', &part, &s) && !s.n) return fail(cx, E_INVALID, "an empty metric");
    TRY(read_metric(cx, f, part, &v));
  }
  for (size_t i = 0; i < f->rows; i++)
    if (f->row[i].group == CVSS_BASE && !v.seen[i])
      return fail(cx, E_INVALID, "metric %s is missing", f->row[i].metric);
  Cvss c = { .version = str_of(f->version), .base_x10 = CVSS_NONE, .temporal_x10 = CVSS_NONE,
             .environmental_x10 = CVSS_NONE, .score_x10 = CVSS_NONE };
  f->score(&v, &c);
  if (c.score_x10 == CVSS_NONE)
    c.score_x10 = v.has[CVSS_ENVIRONMENTAL] ? c.environmental_x10
                  : v.has[CVSS_TEMPORAL]    ? c.temporal_x10
                                            : c.base_x10;
  c.vector = canonical(cx, f, &v);
  c.severity = word(f, c.score_x10);
  *out = c;
  return E_OK;
}
