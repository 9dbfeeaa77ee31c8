/* version.c - one door to the orders of versions of all schemes. */
#include "vuln/inside.h"
#include <string.h>

typedef struct SchemeRow {
  const char *name;
  bool has_key;
  void (*key)(Key *k, Str v);
  bool (*compare)(Str a, Str b, int *order);
} SchemeRow;

static bool no_compare(Str a, Str b, int *order) {
  (void)a, (void)b, (void)order;
  return false;
}

static const SchemeRow schemes[SCHEME_COUNT] = {
#define KEYED(id, name, function) [id] = { name, true, function, NULL }
#define COMPARED(id, name, function) [id] = { name, false, NULL, function }
  KEYED(SCHEME_SEMVER, "semver", key_semver),    KEYED(SCHEME_NPM, "npm", key_semver),
  KEYED(SCHEME_CARGO, "cargo", key_semver),      KEYED(SCHEME_GOLANG, "golang", key_golang),
  KEYED(SCHEME_PYPI, "pypi", key_pypi),          COMPARED(SCHEME_MAVEN, "maven", maven_compare),
  KEYED(SCHEME_NUGET, "nuget", key_nuget),       KEYED(SCHEME_GEM, "gem", key_gem),
  COMPARED(SCHEME_COMPOSER, "composer", composer_compare),
  KEYED(SCHEME_DEB, "deb", key_deb),             KEYED(SCHEME_RPM, "rpm", key_rpm),
  KEYED(SCHEME_APK, "apk", key_apk),             KEYED(SCHEME_CRAN, "cran", key_cran),
  KEYED(SCHEME_HACKAGE, "hackage", key_hackage), KEYED(SCHEME_HEX, "hex", key_semver),
  KEYED(SCHEME_PUB, "pub", key_pub),             KEYED(SCHEME_CONAN, "conan", key_conan),
  KEYED(SCHEME_OPENSSL, "openssl", key_openssl), KEYED(SCHEME_GENERIC, "generic", key_generic),
  COMPARED(SCHEME_NONE, "", no_compare),
  KEYED(SCHEME_GENTOO, "gentoo", key_gentoo),    KEYED(SCHEME_DATETIME, "datetime", key_datetime),
  KEYED(SCHEME_LEXICOGRAPHIC, "lexicographic", key_lexicographic),
  KEYED(SCHEME_ALPM, "alpm", key_alpm),          KEYED(SCHEME_NGINX, "nginx", key_semver),
};

const char *scheme_name(Scheme s) { return schemes[s].name; }
bool scheme_has_key(Scheme s) { return schemes[s].has_key; }

bool scheme_find(Str name, Scheme *out) {
  for (unsigned i = 0; i < SCHEME_COUNT; i++) {
    if (i == SCHEME_NONE || !str_eq(name, str_of(schemes[i].name))) continue;
    *out = (Scheme)i;
    return true;
  }
  return false;
}

void key_byte(Key *k, unsigned byte) {
  if (k->n == KEY_MAX_BYTES || byte > 255) k->bad = true;
  else k->b[k->n++] = (uint8_t)byte;
}

void key_bytes(Key *k, Str s) {
  for (size_t i = 0; i < s.n; i++) key_byte(k, (uint8_t)s.p[i]);
}

static Str strip_zeros(Str digits) {
  while (digits.n && *digits.p == '0') digits = str_slice(digits, 1, digits.n);
  return digits;
}

void key_number(Key *k, Str digits) {
  digits = strip_zeros(digits);
  if (digits.n > 255) k->bad = true;
  key_byte(k, (unsigned)(digits.n & 255));
  key_bytes(k, digits);
}

int key_cmp(Str a, Str b) {
  size_t n = a.n < b.n ? a.n : b.n;
  int order = n ? memcmp(a.p, b.p, n) : 0;
  return order ? order : (a.n > b.n) - (a.n < b.n);
}

static Str take(Str *s, bool (*is)(char)) {
  size_t n = 0;
  while (n < s->n && is(s->p[n])) n++;
  Str run = str_slice(*s, 0, n);
  *s = str_slice(*s, n, s->n);
  return run;
}

Str take_digits(Str *s) { return take(s, is_digit); }
Str take_letters(Str *s) { return take(s, is_alpha); }

bool all_digits(Str s) {
  take_digits(&s);
  return s.n == 0;
}

bool all_zero(Str digits) { return strip_zeros(digits).n == 0; }

int digits_cmp(Str a, Str b) {
  a = strip_zeros(a);
  b = strip_zeros(b);
  if (a.n != b.n) return a.n < b.n ? -1 : 1;
  return a.n ? memcmp(a.p, b.p, a.n) : 0;
}

/* A commit of a repository is no version, though its digits may read like one: 99e58ed8 is not 99.  In full under any
 * scheme; shortened where versions have dots and a letter stands among the digits.  It is a name, not an age. */
static bool is_commit(Scheme s, Str v) {
  enum { SHORT_LEAST = 7, SHA1 = 40, SHA256 = 64 };
  static const Scheme dotted[] = { SCHEME_SEMVER, SCHEME_NPM, SCHEME_CARGO, SCHEME_HEX, SCHEME_PUB, SCHEME_NUGET,
                                   SCHEME_GOLANG, SCHEME_GENERIC };
  size_t letters = 0;
  for (size_t i = 0; i < v.n; i++) {
    if (!is_digit(v.p[i]) && (!is_alpha(v.p[i]) || (v.p[i] | 32) > 'f')) return false;
    letters += is_alpha(v.p[i]);
  }
  if (v.n == SHA1 || v.n == SHA256) return true;
  bool has_dots = false;
  for (size_t i = 0; i < COUNT(dotted); i++) has_dots |= s == dotted[i];
  return has_dots && letters && v.n >= SHORT_LEAST && v.n < SHA1;
}

static bool is_text(Scheme s, Str version) {
  return version.n && version.n <= VERSION_MAX_BYTES && !is_commit(s, version);
}

static bool key_make(Scheme s, Str version, Key *k) {
  k->n = 0;
  version = str_trim(version);
  k->bad = !is_text(s, version);
  if (!k->bad) schemes[s].key(k, version);
  return !k->bad;
}

bool version_key(Arena *a, Scheme s, Str version, Str *key) {
  Key k __attribute__((uninitialized)); /* 4 KiB, of which a few bytes are written */
  if (!schemes[s].has_key || !key_make(s, version, &k)) return false;
  *key = str_dup(a, (Str){ (const char *)k.b, k.n });
  return true;
}

bool version_is_valid(Scheme s, Str version) { return version_compare(s, version, version) != '?'; }

bool key_is_numbered(Str key) { return key.n && key.p[0] == 5; }

/* Under generic a number and a word at the front say nothing about each other: other naming, not another age. */
static bool same_shape(Scheme s, const Key *a, const Key *b) {
  return s != SCHEME_GENERIC || a->n == 0 || b->n == 0 || (a->b[0] == 5) == (b->b[0] == 5);
}

char version_compare(Scheme s, Str left, Str right) {
  int order = 0;
  if (schemes[s].has_key) {
    Key a __attribute__((uninitialized)), b __attribute__((uninitialized));
    if (!key_make(s, left, &a) || !key_make(s, right, &b) || !same_shape(s, &a, &b)) return '?';
    order = key_cmp((Str){ (const char *)a.b, a.n }, (Str){ (const char *)b.b, b.n });
  } else {
    left = str_trim(left);
    right = str_trim(right);
    if (!is_text(s, left) || !is_text(s, right)) return '?';
    if (!schemes[s].compare(left, right, &order)) return '?';
  }
  return order < 0 ? '<' : order > 0 ? '>' : '=';
}
