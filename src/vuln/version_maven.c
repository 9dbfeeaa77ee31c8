/* version_maven.c - Maven's ComparableVersion, which no byte key can express: what pads the shorter version depends on
 * what stands in the longer one. */
#include "vuln/inside.h"

enum { MAVEN_MAX_TOKENS = VERSION_MAX_BYTES + 1 };

typedef struct MavenToken {
  bool hyphen, number;
  Str text;
} MavenToken; /* hyphen: what stands before it; else a dot */
typedef struct MavenVersion {
  size_t n;
  MavenToken token[MAVEN_MAX_TOKENS];
  char lower[VERSION_MAX_BYTES];
} MavenVersion;

static Str unalias(Str word, bool digit_follows) {
  static const struct { Str word, means; bool digit;
  } aliases[] = {
    { { "a", 1 }, { "alpha", 5 }, true },     { { "b", 1 }, { "beta", 4 }, true },
    { { "m", 1 }, { "milestone", 9 }, true }, { { "cr", 2 }, { "rc", 2 }, false },
    { { "ga", 2 }, { "", 0 }, false },        { { "final", 5 }, { "", 0 }, false },
    { { "release", 7 }, { "", 0 }, false },
  };
  for (size_t i = 0; i < COUNT(aliases); i++)
    if (str_eq(word, aliases[i].word) && (digit_follows || !aliases[i].digit)) return aliases[i].means;
  return word;
}

static bool is_null_token(const MavenToken *t) { return t->number ? all_zero(t->text) : t->text.n == 0; }

/* Null tokens go from the end, and from before each hyphen; the first token stays. */
static void trim_nulls(MavenVersion *m) {
  size_t i = m->n - 1;
  while (i > 0) {
    if (is_null_token(&m->token[i])) {
      for (size_t j = i; j + 1 < m->n; j++) m->token[j] = m->token[j + 1];
      m->n--;
      i--;
      continue;
    }
    while (i > 0 && !m->token[i].hyphen) i--;
    if (i > 0) i--;
  }
}

static void tokens(MavenVersion *m, Str v) {
  m->n = 0;
  for (size_t i = 0; i < v.n; i++) m->lower[i] = (char)(v.p[i] >= 'A' && v.p[i] <= 'Z' ? v.p[i] | 32 : v.p[i]);
  Str rest = { m->lower, v.n };
  bool hyphen = true;
  for (;;) {
    size_t n = 0;
    bool number = rest.n && is_digit(*rest.p);
    while (n < rest.n && rest.p[n] != '.' && rest.p[n] != '-' && is_digit(rest.p[n]) == number) n++;
    Str text = str_slice(rest, 0, n);
    rest = str_slice(rest, n, rest.n);
    if (!n) { text = S("0"); number = true; }
    else if (!number) text = unalias(text, rest.n && is_digit(*rest.p));
    m->token[m->n++] = (MavenToken){ hyphen, number, text };
    if (!rest.n) break;
    hyphen = *rest.p != '.';                     /* between digits and letters stands a hyphen */
    if (*rest.p == '.' || *rest.p == '-') rest = str_slice(rest, 1, rest.n);
  }
  trim_nulls(m);
}

static int word_rank(Str w) {
  static const Str order[] = { { "alpha", 5 },    { "beta", 4 }, { "milestone", 9 }, { "rc", 2 },
                               { "snapshot", 8 }, { "", 0 },     { "sp", 2 } };
  int i = 0;
  while (i < (int)COUNT(order) && !str_eq(w, order[i])) i++;
  return i;
}

static int same_separator(const MavenToken *a, const MavenToken *b) {
  if (a->number && b->number) return digits_cmp(a->text, b->text);
  if (a->number != b->number) return a->number ? 1 : -1;
  int ra = word_rank(a->text), rb = word_rank(b->text);
  return ra != rb ? ra - rb : ra == 7 ? str_cmp(a->text, b->text) : 0;
}

/* .word < -word < -number < .number */
static int kind_rank(const MavenToken *t) { return t->number ? (t->hyphen ? 2 : 3) : (t->hyphen ? 1 : 0); }

static MavenToken padding(const MavenToken *other) {
  if (!other->hyphen && other->number) return (MavenToken){ false, true, S("0") };
  return (MavenToken){ other->hyphen, false, S("") };
}

bool maven_compare(Str a, Str b, int *order) {
  MavenVersion va, vb;
  tokens(&va, a);
  tokens(&vb, b);
  int d = 0;
  for (size_t i = 0; !d && (i < va.n || i < vb.n); i++) {
    MavenToken ta = i < va.n ? va.token[i] : padding(&vb.token[i]);
    MavenToken tb = i < vb.n ? vb.token[i] : padding(&va.token[i]);
    d = ta.hyphen == tb.hyphen ? same_separator(&ta, &tb) : kind_rank(&ta) - kind_rank(&tb);
  }
  *order = d;
  return true;
}
