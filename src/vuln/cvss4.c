/* cvss4.c - CVSS 4.0: the score of a vector between the macrovectors, in exact integers.
 *
 * With binary floating point some hundred base vectors come out 0.1 wrong, at ties; hence no float here. */
#include "vuln/cvss.h"

enum { AV, AC, AT, PR, UI, VC, VI, VA, SC, SI, SA, E, CR, IR, AR, MAV };

/* Tenths of each macrovector's score (specification, table of MacroVectors).  Row: EQ1, EQ2, EQ3; column: EQ4, EQ5,
 * EQ6.  -1: does not exist. */
static const int macro_x10[18][18] = {
  { 100, 99, 98, 95, 95, 92, 100, 96, 93, 87, 91, 81, 93, 90, 89, 80, 81, 68 },
  { 98, 95, 95, 92, 90, 84, 93, 92, 89, 81, 81, 65, 88, 80, 78, 70, 69, 48 },
  { -1, 92, -1, 82, -1, 72, -1, 79, -1, 69, -1, 50, -1, 69, -1, 55, -1, 27 },
  { 99, 97, 95, 92, 92, 85, 95, 91, 90, 83, 84, 71, 92, 81, 82, 71, 72, 53 },
  { 95, 93, 92, 85, 85, 73, 92, 82, 80, 72, 70, 59, 84, 70, 71, 52, 50, 30 },
  { -1, 86, -1, 75, -1, 52, -1, 71, -1, 52, -1, 29, -1, 63, -1, 29, -1, 17 },
  { 98, 95, 94, 87, 91, 81, 94, 89, 86, 74, 77, 64, 87, 75, 74, 63, 63, 49 },
  { 94, 89, 88, 77, 76, 67, 86, 76, 74, 58, 59, 50, 72, 57, 57, 52, 52, 25 },
  { -1, 83, -1, 70, -1, 54, -1, 65, -1, 58, -1, 26, -1, 53, -1, 21, -1, 13 },
  { 95, 90, 88, 76, 76, 70, 90, 77, 75, 62, 61, 53, 77, 66, 68, 59, 52, 30 },
  { 89, 78, 76, 67, 62, 58, 74, 59, 57, 57, 47, 23, 61, 52, 57, 29, 24, 16 },
  { -1, 71, -1, 59, -1, 30, -1, 58, -1, 26, -1, 15, -1, 23, -1, 13, -1, 6 },
  { 93, 87, 86, 72, 75, 58, 86, 74, 74, 61, 56, 34, 70, 54, 52, 40, 40, 22 },
  { 85, 75, 74, 55, 62, 51, 72, 57, 55, 41, 46, 19, 53, 36, 34, 19, 19, 8 },
  { -1, 64, -1, 51, -1, 20, -1, 47, -1, 21, -1, 11, -1, 24, -1, 9, -1, 4 },
  { 88, 75, 73, 53, 60, 50, 73, 55, 59, 40, 41, 20, 54, 43, 45, 22, 20, 11 },
  { 75, 55, 58, 45, 40, 21, 61, 51, 48, 18, 20, 9, 46, 18, 17, 7, 8, 2 },
  { -1, 53, -1, 24, -1, 14, -1, 24, -1, 12, -1, 5, -1, 10, -1, 3, -1, 1 },
};

/* Levels: 0 is the most severe value of a metric.  The places of the values are the levels, but: the subsequent
 * system's impact has S (safety, place 3) before H. */
typedef struct Levels { int at[MAV]; } Levels;

static int impact_level(int place) { return place == 3 ? 0 : place + 1; }

/* modified: with threat and environmental metrics; else as if they were not defined. */
static Levels effective(const CvssVector *v, bool modified) {
  Levels l = { { 0 } };
  for (int i = AV; i < MAV; i++) {
    int place = v->value[i];
    if (i >= E) place = modified && place != v->absent[i] ? place : 0;      /* E:X is A, CR:X is H */
    else if (modified && v->value[MAV + i] != v->absent[MAV + i]) place = v->value[MAV + i];
    l.at[i] = i >= SC && i <= SA ? impact_level(place) : place;
  }
  return l;
}

typedef struct Macro { int eq1, eq2, eq3, eq4, eq5, eq6; } Macro;

static Macro macro_of(const Levels *l) {
  const int *m = l->at;
  Macro q = { 0 };
  bool any = m[AV] == 0 || m[PR] == 0 || m[UI] == 0;
  q.eq1 = m[AV] == 0 && m[PR] == 0 && m[UI] == 0 ? 0 : any && m[AV] != 3 ? 1 : 2;
  q.eq2 = m[AC] == 0 && m[AT] == 0 ? 0 : 1;
  q.eq3 = m[VC] == 0 && m[VI] == 0 ? 0 : m[VC] == 0 || m[VI] == 0 || m[VA] == 0 ? 1 : 2;
  q.eq4 = m[SI] == 0 || m[SA] == 0 ? 0 : m[SC] == 1 || m[SI] == 1 || m[SA] == 1 ? 1 : 2;
  q.eq5 = m[E];
  q.eq6 = (m[CR] == 0 && m[VC] == 0) || (m[IR] == 0 && m[VI] == 0) || (m[AR] == 0 && m[VA] == 0) ? 0 : 1;
  return q;
}

static int macro_score(Macro q) {
  if (q.eq1 > 2 || q.eq2 > 1 || q.eq3 > 2 || q.eq4 > 2 || q.eq5 > 2 || q.eq6 > 1) return -1;
  return macro_x10[q.eq1 * 6 + q.eq2 * 3 + q.eq3][q.eq4 * 6 + q.eq5 * 2 + q.eq6];
}

/* The most severe vectors of an equivalence class, as levels of its metrics (specification, 8.3). */
typedef struct Top { int n; int level[5][6]; } Top;
static const int metrics1[] = { AV, PR, UI }, metrics2[] = { AC, AT }, metrics36[] = { VC, VI, VA, CR, IR, AR },
                 metrics4[] = { SC, SI, SA };
static const Top top1[] = { { 1, { { 0, 0, 0 } } }, { 3, { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } },
                            { 2, { { 3, 0, 0 }, { 1, 1, 1 } } } };
static const Top top2[] = { { 1, { { 0, 0 } } }, { 2, { { 1, 0 }, { 0, 1 } } } };
static const Top top36[3][2] = {
  { { 1, { { 0, 0, 0, 0, 0, 0 } } }, { 2, { { 0, 0, 1, 1, 1, 0 }, { 0, 0, 0, 1, 1, 1 } } } },
  { { 2, { { 1, 0, 0, 0, 0, 0 }, { 0, 1, 0, 0, 0, 0 } } },
    { 5,
      { { 1, 0, 1, 0, 1, 0 },
        { 1, 0, 0, 0, 1, 1 },
        { 0, 1, 0, 1, 0, 1 },
        { 0, 1, 1, 1, 0, 0 },
        { 1, 1, 0, 0, 0, 1 } } } },
  { { 0, { { 0 } } }, { 1, { { 1, 1, 1, 0, 0, 0 } } } },
};
static const Top top4[] = { { 1, { { 1, 0, 0 } } }, { 1, { { 1, 1, 1 } } }, { 1, { { 2, 2, 2 } } } };

/* Steps from the first of the most severe vectors that is nowhere less severe than ours. */
static int distance(const Levels *l, const Top *top, const int *metrics, int n) {
  for (int t = 0; t < top->n; t++) {
    int sum = 0;
    bool above = true;
    for (int i = 0; i < n; i++) {
      int step = l->at[metrics[i]] - top->level[t][i];
      above &= step >= 0;
      sum += step;
    }
    if (above) return sum;
  }
  return 0;
}

enum { DEPTHS = 840, MEANS = 60 };               /* divisible by every depth, and by 1 to 5 */
typedef struct Fall { int64_t sum; int n; } Fall;

static void fall(Fall *f, int here, int lower, int steps, int depth) {
  if (lower < 0) return;
  f->sum += (int64_t)(here - lower) * steps * (DEPTHS / depth);
  f->n++;
}

static int lower_36(Macro q) {
  Macro a = q, b = q;
  if (q.eq3 == 0 && q.eq6 == 0) {
    a.eq3++;
    b.eq6++;
    int left = macro_score(a), right = macro_score(b);
    return left > right ? left : right;
  }
  if (q.eq6 == 0) a.eq6++;
  else a.eq3++;
  return macro_score(a);
}

static int score_of(const Levels *l) {
  static const int depth1[] = { 1, 4, 5 }, depth2[] = { 1, 2 }, depth36[3][2] = { { 7, 6 }, { 8, 8 }, { 1, 10 } },
                   depth4[] = { 6, 5, 4 };
  const int *m = l->at;
  if (m[VC] == 2 && m[VI] == 2 && m[VA] == 2 && m[SC] == 3 && m[SI] == 3 && m[SA] == 3) return 0;
  Macro q = macro_of(l), low = q;
  int here = macro_score(q);
  Fall f = { 0, 0 };
  low.eq1++;
  fall(&f, here, macro_score(low), distance(l, &top1[q.eq1], metrics1, 3), depth1[q.eq1]);
  low = q;
  low.eq2++;
  fall(&f, here, macro_score(low), distance(l, &top2[q.eq2], metrics2, 2), depth2[q.eq2]);
  fall(&f, here, lower_36(q), distance(l, &top36[q.eq3][q.eq6], metrics36, 6), depth36[q.eq3][q.eq6]);
  low = q;
  low.eq4++;
  fall(&f, here, macro_score(low), distance(l, &top4[q.eq4], metrics4, 3), depth4[q.eq4]);
  low = q;
  low.eq5++;
  fall(&f, here, macro_score(low), 0, 1);
  int64_t whole = DEPTHS * MEANS, value = here * whole - (f.n ? f.sum * (MEANS / f.n) : 0);
  if (value < 0) value = 0;
  int score = (int)((value + whole / 2) / whole);
  return score > 100 ? 100 : score;
}

void cvss4_score(const CvssVector *v, Cvss *c) {
  Levels base = effective(v, false), all = effective(v, true);
  c->base_x10 = score_of(&base);
  c->score_x10 = score_of(&all);
}
