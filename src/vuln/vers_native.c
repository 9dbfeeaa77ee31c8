/* vers_native.c - ranges as package managers write them: comparators, ^ ~ ~> ~=, wildcards, hyphens, intervals.
 *
 * One row per dialect says what differs; everything becomes a set of intervals. */
#include "vuln/vers_native.h"

typedef enum Meaning { M_EQ, M_NE, M_GE, M_GT, M_LE, M_LT, M_CARET, M_TILDE, M_PESSIMISTIC } Meaning;

typedef struct Dialect {
  Scheme scheme;
  Meaning bare, tilde;           /* of a version without operator, of "~" */
  const char *below;             /* put behind a version: before all its pre-releases */
  unsigned width;                /* numbers of a computed version */
  unsigned full;                 /* a version of fewer numbers is any that begins so ("1.2" is any 1.2.x) */
  unsigned hyphen;               /* the same in "1.2 - 2.3" */
  bool intervals;                /* [1.0, 2.0) */
  bool list;                     /* a comma is "or" */
  bool unstable;                 /* Composer: a plain bound of >= and < is before its pre-releases */
  bool exacting; /* PEP 440: an operator stands always; wildcards and local parts only where they may */
} Dialect;

static const Dialect dialects[] = {
  { .scheme = SCHEME_NPM, .tilde = M_TILDE, .below = "-0", .width = 3, .full = 3, .hyphen = 3 },
  { .scheme = SCHEME_SEMVER, .tilde = M_TILDE, .below = "-0", .width = 3, .full = 3, .hyphen = 3 },
  { .scheme = SCHEME_CARGO, .bare = M_CARET, .tilde = M_TILDE, .below = "-0", .width = 3, .full = 3, .hyphen = 3 },
  { .scheme = SCHEME_PUB, .tilde = M_TILDE, .below = "-0", .width = 3, .hyphen = 3 },
  { .scheme = SCHEME_HEX, .tilde = M_PESSIMISTIC, .below = "-0", .width = 3, .hyphen = 3 },
  { .scheme = SCHEME_CONAN, .tilde = M_TILDE, .below = "-" },
  { .scheme = SCHEME_COMPOSER, .tilde = M_PESSIMISTIC, .below = "-dev", .width = 4, .hyphen = 3, .unstable = true },
  { .scheme = SCHEME_PYPI, .tilde = M_PESSIMISTIC, .below = ".dev0", .exacting = true },
  { .scheme = SCHEME_GEM, .tilde = M_PESSIMISTIC, .below = ".a" },
  { .scheme = SCHEME_NUGET,
    .bare = M_GE,
    .tilde = M_TILDE,
    .below = "-0",
    .width = 3,
    .hyphen = 3,
    .intervals = true },
  { .scheme = SCHEME_MAVEN, .tilde = M_TILDE, .below = "-alpha", .intervals = true },
  { .scheme = SCHEME_OPENSSL, .tilde = M_TILDE, .below = "", .list = true },
};

enum { NUMBERS_MOST = 8 };
typedef struct Partial {
  Str text, epoch;               /* without mark (v, =) and build; "1!" */
  uint64_t number[NUMBERS_MOST]; unsigned n;
  bool wild, plain;              /* ends in x or *; nothing but numbers */
} Partial;

static bool is_wildcard(Str s) { return s.n && (*s.p == 'x' || *s.p == 'X' || *s.p == '*'); }

/* The numbers at the front, up to a wildcard. */
static Err read_partial(Cx *cx, const Dialect *d, Str text, Partial *out) {
  Partial p = { .text = text, .epoch = STR_NONE };
  if (d->below && text.n > 1 && (*text.p | 32) == 'v' && !is_alpha(text.p[1]))
    p.text = text = str_slice(text, 1, text.n);
  size_t bang = d->exacting ? str_find_char(text, '!') : SIZE_MAX, plus = str_find_char(text, '+');
  if (d->full && plus != SIZE_MAX) p.text = text = str_slice(text, 0, plus);       /* a build has no age */
  if (bang != SIZE_MAX) {
    p.epoch = str_slice(text, 0, bang + 1);
    text = str_slice(text, bang + 1, text.n);
  }
  while (text.n && p.n < NUMBERS_MOST) {
    Str digits = take_digits(&text);
    if (digits.n && p.wild) return fail(cx, E_INVALID, "\"%.*s\": a number behind a wildcard", STR(p.text));
    if (digits.n && (!str_uint(digits, &p.number[p.n++]) || p.number[p.n - 1] >= INT64_MAX))
      return fail(cx, E_INVALID, "\"%.*s\": a number is too large to compute a range", STR(str_head(p.text, 60)));
    if (!digits.n && !is_wildcard(text)) break;
    if (!digits.n) {
      p.wild = true;
      text = str_slice(text, 1, text.n);
    }
    if (text.n < 2 || *text.p != '.' || !(is_digit(text.p[1]) || is_wildcard(str_slice(text, 1, text.n)))) break;
    text = str_slice(text, 1, text.n);
  }
  p.plain = text.n == 0;
  if (p.wild && text.n && !(d->full && *text.p == '-'))
    return fail(cx, E_INVALID, "\"%.*s\": something stands behind a wildcard", STR(p.text));
  if (p.plain && p.n < d->full) p.wild = true;
  bool cut = !d->unstable && !p.wild && p.n < d->full;       /* 1.2-rc: a pre-release of what? */
  if (cut || (!p.wild && !version_is_valid(d->scheme, p.text)))
    return fail(cx, E_INVALID, "\"%.*s\" is no %s version", STR(str_head(p.text, 60)), scheme_name(d->scheme));
  if (d->unstable && !p.wild) p.text = composer_normal(cx->arena, p.text);
  *out = p;
  return E_OK;
}

/* The first n numbers, padded, the last one plus `more`. */
static Str numbers_text(Cx *cx, const Dialect *d, const Partial *p, unsigned n, uint64_t more, const char *suffix) {
  Buf b = buf_new(cx->arena, 512);
  buf_add(&b, p->epoch);
  for (unsigned i = 0; i < n || i < d->width; i++) {
    if (i) buf_byte(&b, '.');
    buf_add(&b,
            str_fmt(cx->arena, "%llu", i < n ? (unsigned long long)(p->number[i] + (i + 1 == n ? more : 0)) : 0ULL));
  }
  buf_z(&b, suffix);
  return buf_str(&b);
}

/* Which number grows at the end of ^, ~ and ~>. */
static unsigned growing(Meaning m, const Partial *p) {
  unsigned i = 0;
  if (m == M_TILDE) return p->n > 1 ? 2 : 1;
  if (m == M_PESSIMISTIC) return p->n > 2 ? p->n - 1 : 1;
  if (m != M_CARET) return p->n;
  while (i + 1 < p->n && !p->number[i]) i++;
  return i + 1;
}

static bool takes(Cx *cx, const Dialect *d, Str version, const char *suffix) {
  return version_is_valid(d->scheme, str_fmt(cx->arena, "%.*s%s", STR(version), suffix));
}

static Err comparator(Cx *cx, const Dialect *d, Meaning m, const Partial *p, VersSet *out) {
  VersSet set = { 0 };
  VersInterval v = { { .version = STR_NONE }, { .version = STR_NONE } };
  bool computed = p->wild || m >= M_CARET, plus = str_find_char(p->text, '+') != SIZE_MAX;
  if (d->exacting && m > M_NE && (p->wild || plus || (m == M_PESSIMISTIC && p->n < 2)))
    return fail(cx, E_INVALID, "\"%.*s\": this operator takes no such version", STR(str_head(p->text, 60)));
  if (p->wild && !p->n) {
    if (m != M_GT && m != M_LT && m != M_NE) vec_add(cx->arena, &set, v);
    *out = set;
    return E_OK;
  }
  if (computed && (!d->below || !p->n))
    return fail(cx, E_INVALID, "\"%.*s\": %s has no such range", STR(p->text), scheme_name(d->scheme));
  bool early = d->exacting || d->unstable;         /* 1.2.* takes pre-releases of 1.2, <1.2 does not */
  Str from = !p->wild ? p->text : numbers_text(cx, d, p, p->n, 0, early ? d->below : "");
  if (d->unstable && p->plain && (m == M_GE || m >= M_CARET)) from = numbers_text(cx, d, p, p->n, 0, d->below);
  Str end = computed ? numbers_text(cx, d, p, growing(m, p), 1, d->below) : STR_NONE;
  if (m == M_GT && p->wild) from = numbers_text(cx, d, p, p->n, 1, "");
  if (m == M_LT && (p->wild || (early && p->plain))) from = numbers_text(cx, d, p, p->n, 0, d->below);
  else if (m == M_LT && d->exacting &&
           version_compare(d->scheme, p->text, numbers_text(cx, d, p, p->n, 0, "")) != '<' &&
           takes(cx, d, p->text, d->below))
    from = str_fmt(cx->arena, "%.*s%s", STR(p->text), d->below);
  if (m == M_NE) {
    vec_add(cx->arena, &set, (VersInterval){ v.lo, { .version = from, .open = true } });
    v.lo =
        (VersBound){ p->wild ? end : from, !p->wild, d->exacting && !p->wild && takes(cx, d, from, ".post0.dev0") };
  } else if (m == M_LE || m == M_LT) {
    bool past = m == M_LE && p->wild;
    v.hi = (VersBound){ .version = past ? end : from, .open = past || m == M_LT };
  } else {
    v.lo = (VersBound){ .version = from, .open = m == M_GT && !p->wild };
    if (m == M_EQ || m >= M_CARET) v.hi = (VersBound){ .version = computed ? end : from, .open = computed };
  }
  vec_add(cx->arena, &set, v);
  *out = set;
  return E_OK;
}

static Str skip_spaces(Str s, bool commas) {
  while (s.n && (*s.p == ' ' || *s.p == '\t' || (commas && *s.p == ','))) s = str_slice(s, 1, s.n);
  return s;
}

static Meaning take_operator(const Dialect *d, Str *text) {
  static const struct { Str text; Meaning means;
  } operators[] = {
    { { "===", 3 }, M_EQ },
    { { ">=", 2 }, M_GE }, { { "<=", 2 }, M_LE }, { { "==", 2 }, M_EQ }, { { "!=", 2 }, M_NE },
    { { "<>", 2 }, M_NE }, { { "<<", 2 }, M_LT }, { { ">>", 2 }, M_GT }, { { "~>", 2 }, M_PESSIMISTIC },
    { { "~=", 2 }, M_PESSIMISTIC },
    { { ">", 1 }, M_GT },  { { "<", 1 }, M_LT },  { { "=", 1 }, M_EQ },  { { "^", 1 }, M_CARET },
    { { "~", 1 }, M_TILDE },
  };
  for (size_t i = 0; i < COUNT(operators); i++) {
    if (!str_starts(*text, operators[i].text)) continue;
    *text = skip_spaces(str_slice(*text, operators[i].text.n, text->n), false);
    Meaning m = operators[i].means;
    return m == M_TILDE || (m == M_PESSIMISTIC && d->full) ? d->tilde : m;
  }
  return d->bare;
}

static Str take_version(Str *text) {
  size_t n = 0;
  while (n < text->n && text->p[n] > ' ' && text->p[n] != ',' && text->p[n] != '<' && text->p[n] != '>' &&
         text->p[n] != '=' && text->p[n] != ')' && text->p[n] != ']')
    n++;
  Str v = str_slice(*text, 0, n);
  *text = str_slice(*text, n, text->n);
  return v;
}

static Err bound(Cx *cx, const Dialect *d, Meaning m, Str version, VersSet *set) {
  Partial p;
  VersSet one = { 0 };
  TRY(read_partial(cx, d, version, &p));
  TRY(comparator(cx, d, m, &p, &one));
  return vers_set_meet(cx, d->scheme, set, &one, set);
}

static void add_all(Cx *cx, VersSet *to, const VersSet *from) {
  for (size_t i = 0; i < from->n; i++) vec_add(cx->arena, to, from->p[i]);
}

static void everything(Cx *cx, VersSet *set) {
  *set = (VersSet){ 0 };
  vec_add(cx->arena, set, (VersInterval){ { .version = STR_NONE }, { .version = STR_NONE } });
}

/* Comparators that all hold, or "1.2 - 2.3". */
static Err conjunction(Cx *cx, const Dialect *d, Str text, VersSet *out) {
  VersSet set, any = { 0 };
  size_t hyphen = str_find(text, S(" - "));
  everything(cx, &set);
  if (hyphen != SIZE_MAX) {
    Dialect both = *d;
    both.full = d->hyphen;
    TRY(bound(cx, &both, M_GE, str_trim(str_slice(text, 0, hyphen)), &set));
    TRY(bound(cx, &both, M_LE, str_trim(str_slice(text, hyphen + 3, text.n)), &set));
    *out = set;
    return E_OK;
  }
  for (text = skip_spaces(text, true); text.n; text = skip_spaces(text, true)) {
    VersSet one;
    everything(cx, &one);
    if (d->exacting && is_alnum(*text.p))
      return fail(cx, E_INVALID, "an operator is missing before \"%.*s\"", STR(str_head(text, 40)));
    Meaning m = take_operator(d, &text);
    Str version = take_version(&text);
    if (!version.n) return fail(cx, E_INVALID, "a version is missing before \"%.*s\"", STR(str_head(text, 40)));
    TRY(bound(cx, d, m, version, &one));
    if (d->list) add_all(cx, &any, &one);
    else TRY(vers_set_meet(cx, d->scheme, &set, &one, &set));
  }
  *out = d->list ? any : set;
  return E_OK;
}

/* [1.0, 2.0) (,1.0] [1.0] with commas between them: any of them. */
static Err intervals(Cx *cx, const Dialect *d, Str text, VersSet *out) {
  VersSet set = { 0 };
  for (text = skip_spaces(text, true); text.n; text = skip_spaces(text, true)) {
    VersSet one;
    size_t end = 0;
    everything(cx, &one);
    while (end < text.n && text.p[end] != ']' && text.p[end] != ')') end++;
    if ((*text.p != '[' && *text.p != '(') || end == text.n)
      return fail(cx, E_INVALID, "an interval is [FROM,TO], with ( or ) where the end is not in it");
    Str lo, hi;
    bool open = *text.p == '(', ends_open = text.p[end] == ')';
    bool two = str_cut(str_slice(text, 1, end), ',', &lo, &hi);
    text = str_slice(text, end + 1, text.n);
    lo = str_trim(lo);
    hi = str_trim(hi);
    if (!two && (open || ends_open || !lo.n)) return fail(cx, E_INVALID, "an interval of one version is [VERSION]");
    if (lo.n) TRY(bound(cx, d, !two ? M_EQ : open ? M_GT : M_GE, lo, &one));
    if (hi.n) TRY(bound(cx, d, ends_open ? M_LT : M_LE, hi, &one));
    add_all(cx, &set, &one);
  }
  *out = set;
  return E_OK;
}

static Dialect dialect_of(Scheme s) {
  for (size_t i = 0; i < COUNT(dialects); i++)
    if (dialects[i].scheme == s) return dialects[i];
  return (Dialect){ .scheme = s, .tilde = M_TILDE };             /* comparators alone */
}

/* Elixir says "and" and "or", Dart "any". */
static Str without_words(Cx *cx, Str native) {
  static const struct { Str word, means; } words[] = {
    { { "and", 3 }, { "", 0 } }, { { "or", 2 }, { "||", 2 } }, { { "any", 3 }, { "*", 1 } },
  };
  Buf b = buf_new(cx->arena, VERS_NATIVE_MAX_BYTES + 16);
  for (Str one; native.n;) {
    str_cut(native, ' ', &one, &native);
    for (size_t i = 0; i < COUNT(words); i++)
      if (str_eq(one, words[i].word)) one = words[i].means;
    if (b.n) buf_byte(&b, ' ');
    buf_add(&b, one);
  }
  return buf_str(&b);
}

static bool nginx_version(const Dialect *d, Str s) {
  for (size_t i = 0; i < s.n; i++)
    if (!is_digit(s.p[i]) && s.p[i] != '.') return false;
  return version_is_valid(d->scheme, s);
}

/* What nginx writes of its advisories: "0.8.40+", "0.7.52-0.8.39", "1.5.10", between commas, or "all", "none".  A+ goes
 * on to the next branch (1.4.1+ to 1.5.0) where another range starts above it: "1.5.4+, 1.4.1+". */
static Err nginx_item(Cx *cx, const Dialect *d, Str text, Str newest, VersInterval *out) {
  Str lo, hi;
  VersInterval v = { 0 };
  bool plus = str_ends(text, S("+")), two = str_cut(text, '-', &lo, &hi);
  if (plus) lo = str_slice(text, 0, text.n - 1);
  if (!nginx_version(d, lo) || (two && (plus || !nginx_version(d, hi))))
    return fail(cx, E_INVALID, "\"%.*s\" is no version, FROM-TO or FROM+", STR(str_head(text, 60)));
  v.lo.version = lo;
  v.hi.version = plus ? STR_NONE : two ? hi : lo;
  if (two && vers_compare(d->scheme, lo, hi) == '>')
    return fail(cx, E_INVALID, "\"%.*s\" ends before it starts", STR(text));
  if (plus && newest.n && vers_compare(d->scheme, lo, newest) == '<') {
    Partial p;
    TRY(read_partial(cx, d, lo, &p));
    if (p.n > 1)
      v.hi = (VersBound){ .open = true,
                          .version = str_fmt(cx->arena, "%llu.%llu.0", (unsigned long long)p.number[0],
                                             (unsigned long long)p.number[1] + 1) };
  }
  *out = v;
  return E_OK;
}

static Err nginx_set(Cx *cx, const Dialect *d, Str native, VersSet *out) {
  VersSet set = { 0 };
  Str rest = native, item, newest = STR_NONE;
  if (str_eq(native, S("none"))) { *out = set; return E_OK; }
  if (str_eq(native, S("all"))) { vec_add(cx->arena, &set, (VersInterval){ 0 }); *out = set; return E_OK; }
  for (bool more = true; more;) {
    more = str_cut(rest, ',', &item, &rest);
    item = str_trim(item);
    str_cut(item, '-', &item, &(Str){ 0 });
    if (str_ends(item, S("+"))) item = str_slice(item, 0, item.n - 1);
    if (!newest.n || vers_compare(d->scheme, newest, item) == '<') newest = item;
  }
  for (bool more = true; more;) {
    VersInterval one;
    more = str_cut(native, ',', &item, &native);
    TRY(nginx_item(cx, d, str_trim(item), newest, &one));
    vec_add(cx->arena, &set, one);
  }
  TRY(vers_set_tidy(cx, d->scheme, &set));
  *out = set;
  return E_OK;
}

Err vers_native_set(Cx *cx, Scheme s, Str native, VersSet *out) {
  Dialect d = dialect_of(s);
  VersSet set = { 0 };
  native = str_trim(native);
  if (native.n > VERS_NATIVE_MAX_BYTES)
    return fail(cx, E_INVALID, "the range is longer than %d bytes", VERS_NATIVE_MAX_BYTES);
  if (s == SCHEME_NGINX) return nginx_set(cx, &d, native, out);
  if (s == SCHEME_HEX || s == SCHEME_PUB) native = without_words(cx, native);
  if (s == SCHEME_CONAN && str_starts(native, S("[")) && str_ends(native, S("]")))
    native = str_slice(native, 1, native.n - 1);
  bool interval = d.intervals && native.n && (*native.p == '[' || *native.p == '(');
  for (bool more = true; more;) {
    VersSet one = { 0 };
    Str head;
    more = str_cut(native, '|', &head, &native);
    if (more && native.n && *native.p == '|') native = str_slice(native, 1, native.n);
    TRY(interval ? intervals(cx, &d, head, &one) : conjunction(cx, &d, str_trim(head), &one));
    add_all(cx, &set, &one);
  }
  TRY(vers_set_tidy(cx, s, &set));
  *out = set;
  return E_OK;
}

Err vers_from_native(Cx *cx, Scheme s, Str native, Str *out) {
  VersSet set = { 0 };
  TRY(vers_native_set(cx, s, native, &set));
  *out = vers_set_write(cx, s, &set);
  return E_OK;
}
