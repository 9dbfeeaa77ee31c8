/* version_distro.c - Debian, RPM, Arch, Alpine and Gentoo package versions. */
#include "vuln/inside.h"

/* ---- deb: deb-version(7) ------------------------------------------------------------------------------- */

/* '~' before the end, the end before letters, letters before anything else. */
static unsigned deb_weight(Key *k, char c) {
  if (c == '~') return 1;
  if (is_alpha(c)) return 2u + (unsigned char)c;
  if (c <= ' ' || c >= 126) k->bad = true;
  return 130u + (unsigned char)c;
}

static void deb_part(Key *k, Str s) {
  while (s.n) {
    size_t n = 0;
    while (n < s.n && !is_digit(s.p[n])) n++;
    Str word = str_slice(s, 0, n);
    s = str_slice(s, n, s.n);
    Str digits = take_digits(&s);
    if (!word.n && !s.n && all_zero(digits)) break;       /* "0" is the same as nothing */
    for (size_t i = 0; i < word.n; i++) key_byte(k, deb_weight(k, word.p[i]));
    key_byte(k, 2);
    key_number(k, digits);
  }
  key_byte(k, 2);
  key_byte(k, 0);
  key_byte(k, 2);
}

void key_deb(Key *k, Str v) {
  size_t colon = str_find_char(v, ':'), hyphen;
  Str epoch = colon == SIZE_MAX ? S("0") : str_slice(v, 0, colon), revision = S("0");
  if (colon != SIZE_MAX) v = str_slice(v, colon + 1, v.n);
  if ((hyphen = str_rfind_char(v, '-')) != SIZE_MAX) {
    revision = str_slice(v, hyphen + 1, v.n);
    v = str_slice(v, 0, hyphen);
  }
  if (!epoch.n || !all_digits(epoch) || !v.n) k->bad = true;
  key_number(k, epoch);
  deb_part(k, v);
  deb_part(k, revision);
}

/* ---- rpm: rpmvercmp ------------------------------------------------------------------------------------ */

enum { RPM_TILDE = 1, RPM_END = 2, RPM_CARET = 3, RPM_ALPHA = 4, RPM_NUMBER = 5 };

static void rpm_part(Key *k, Str s) {
  while (s.n) {
    if (*s.p == '~' || *s.p == '^') {
      key_byte(k, *s.p == '~' ? RPM_TILDE : RPM_CARET);
      s = str_slice(s, 1, s.n);
    } else if (is_digit(*s.p)) {
      key_byte(k, RPM_NUMBER);
      key_number(k, take_digits(&s));
    } else if (is_alpha(*s.p)) {
      key_byte(k, RPM_ALPHA);
      key_bytes(k, take_letters(&s));
      key_byte(k, 0);
    } else {
      s = str_slice(s, 1, s.n);
    }
  }
  key_byte(k, RPM_END);
}

/* [epoch:]version[-release]; no release is before any. */
static void epoch_version_release(Key *k, Str v, void (*part)(Key *k, Str s)) {
  size_t colon = str_find_char(v, ':'), hyphen;
  Str epoch = S("");
  if (colon != SIZE_MAX && all_digits(str_slice(v, 0, colon))) {
    epoch = str_slice(v, 0, colon);
    v = str_slice(v, colon + 1, v.n);
  }
  key_number(k, epoch);
  hyphen = str_rfind_char(v, '-');
  if (hyphen == 0 || !v.n) k->bad = true;
  part(k, hyphen == SIZE_MAX ? v : str_slice(v, 0, hyphen));
  key_byte(k, hyphen == SIZE_MAX ? 1 : 2);
  if (hyphen != SIZE_MAX) part(k, str_slice(v, hyphen + 1, v.n));
}

void key_rpm(Key *k, Str v) { epoch_version_release(k, v, rpm_part); }

/* ---- alpm: pacman's vercmp ------------------------------------------------------------------------------- */

/* What may follow a segment, from the least: a word without separator, nothing, a number without separator, then
 * separators by their count; behind equal counts a word, nothing and a number.  '~' and '^' are separators. */
enum { ALPM_WORD = 1, ALPM_END = 2, ALPM_NUMBER = 3, ALPM_SEPARATED = 4 };

static void alpm_part(Key *k, Str s) {
  do {
    size_t n = 0;
    while (n < s.n && !is_alnum(s.p[n])) n++;
    s = str_slice(s, n, s.n);
    if (n) {
      key_byte(k, ALPM_SEPARATED);
      if (s.n) key_byte(k, n < 250 ? (unsigned)n : 250);
      else key_byte(k, 1);                                /* at the end their count is nothing */
    }
    if (!s.n) break;
    if (is_digit(*s.p)) {
      key_byte(k, ALPM_NUMBER);
      key_number(k, take_digits(&s));
    } else {
      key_byte(k, ALPM_WORD);
      key_bytes(k, take_letters(&s));
      key_byte(k, 0);
    }
  } while (s.n);
  key_byte(k, ALPM_END);
}

/* pacman leaves the releases out when one version has none, which orders nothing (1.0 would be 1.0-1 and 1.0-2); here
 * a version without release stands before all its releases. */
void key_alpm(Key *k, Str v) { epoch_version_release(k, v, alpm_part); }

/* ---- apk: digits(.digits)*[letter[n]](_suffix[n])*[~hash][-rN] ----------------------------------------- */

enum {
  APK_PRE = 0x10,
  APK_END = 0x20,
  APK_REVISION = 0x30,
  APK_HASH = 0x38,
  APK_SUFFIX_NUMBER = 0x40,
  APK_POST = 0x50,
  APK_LETTER = 0x60,
  APK_DIGIT = 0x70
};

static const struct { Str word; unsigned byte; } apk_suffixes[] = {
  { { "alpha", 5 }, APK_PRE + 1 }, { { "beta", 4 }, APK_PRE + 2 }, { { "pre", 3 }, APK_PRE + 3 },
  { { "rc", 2 }, APK_PRE + 4 }, { { "cvs", 3 }, APK_POST + 1 }, { { "svn", 3 }, APK_POST + 2 },
  { { "git", 3 }, APK_POST + 3 }, { { "hg", 2 }, APK_POST + 4 }, { { "p", 1 }, APK_POST + 5 },
};

/* A later number with a leading zero compares as text, and so before all that start with another digit. */
static void apk_number(Key *k, Str digits) {
  key_byte(k, APK_DIGIT);
  if (!digits.n) k->bad = true;
  if (digits.n && *digits.p == '0') {
    key_byte(k, 0);
    key_bytes(k, digits);
    key_byte(k, 0);
  } else {
    key_number(k, digits);
  }
}

static void apk_suffix(Key *k, Str *v) {
  Str word = take_letters(v);
  size_t i = 0;
  while (i < COUNT(apk_suffixes) && !str_eq(word, apk_suffixes[i].word)) i++;
  if (i == COUNT(apk_suffixes)) { k->bad = true; return; }
  key_byte(k, apk_suffixes[i].byte);
  Str digits = take_digits(v);
  if (digits.n) { key_byte(k, APK_SUFFIX_NUMBER); key_number(k, digits); }
}

static bool skip_char(Str *v, char c) {
  if (!v->n || *v->p != c) return false;
  *v = str_slice(*v, 1, v->n);
  return true;
}

void key_apk(Key *k, Str v) {
  Str digits = take_digits(&v);
  if (!digits.n) k->bad = true;
  key_number(k, digits);
  while (skip_char(&v, '.')) apk_number(k, take_digits(&v));
  if (v.n && is_lower(*v.p)) {
    key_byte(k, APK_LETTER);
    key_byte(k, (unsigned char)*v.p);
    v = str_slice(v, 1, v.n);
    if (v.n && is_digit(*v.p)) { key_byte(k, APK_SUFFIX_NUMBER); key_number(k, take_digits(&v)); }   /* 1.8.1p1 */
  }
  while (!k->bad && skip_char(&v, '_')) apk_suffix(k, &v);
  if (skip_char(&v, '~')) {
    key_byte(k, APK_HASH);
    size_t n = 0;
    while (n < v.n && (is_digit(v.p[n]) || (v.p[n] >= 'a' && v.p[n] <= 'f'))) n++;
    if (!n) k->bad = true;
    key_bytes(k, str_slice(v, 0, n));
    key_byte(k, 0);
    v = str_slice(v, n, v.n);
  }
  if (skip_char(&v, '-')) {
    if (!skip_char(&v, 'r')) k->bad = true;
    Str revision = take_digits(&v);
    if (!revision.n) k->bad = true;
    key_byte(k, APK_REVISION);
    key_number(k, revision);
  }
  key_byte(k, APK_END);
  if (v.n) k->bad = true;
}

/* ---- gentoo: Package Manager Specification, section 3 --------------------------------------------------- */

enum { GENTOO_DONE = 1, GENTOO_NUMBER = 2, GENTOO_NO_SUFFIX = 5 };

/* A later number with a leading zero is a decimal fraction: compared as text without the zeros at its end. */
static void gentoo_number(Key *k, Str digits) {
  key_byte(k, GENTOO_NUMBER);
  if (!digits.n) k->bad = true;
  if (!digits.n || *digits.p != '0') { key_number(k, digits); return; }
  while (digits.n && digits.p[digits.n - 1] == '0') digits.n--;
  key_byte(k, 0);
  key_bytes(k, digits);
  key_byte(k, 0);
}

static void gentoo_suffix(Key *k, Str *v) {
  static const struct { Str word; unsigned byte; } suffixes[] = {
    { { "alpha", 5 }, 1 }, { { "beta", 4 }, 2 }, { { "pre", 3 }, 3 }, { { "rc", 2 }, 4 }, { { "p", 1 }, 6 },
  };
  Str word = take_letters(v);
  size_t i = 0;
  while (i < COUNT(suffixes) && !str_eq(word, suffixes[i].word)) i++;
  if (i == COUNT(suffixes)) { k->bad = true; return; }
  key_byte(k, suffixes[i].byte);
  key_number(k, take_digits(v));
}

void key_gentoo(Key *k, Str v) {
  Str digits = take_digits(&v), revision = STR_NONE;
  if (!digits.n) k->bad = true;
  key_number(k, digits);
  while (skip_char(&v, '.')) gentoo_number(k, take_digits(&v));
  key_byte(k, GENTOO_DONE);
  bool letter = v.n && is_lower(*v.p);
  key_byte(k, letter ? (unsigned char)*v.p : 0);
  v = str_slice(v, letter, v.n);
  while (!k->bad && skip_char(&v, '_')) gentoo_suffix(k, &v);
  key_byte(k, GENTOO_NO_SUFFIX);
  if (skip_char(&v, '-')) {
    if (!skip_char(&v, 'r') || !(revision = take_digits(&v)).n) k->bad = true;
  }
  key_number(k, revision);
  if (v.n) k->bad = true;
}
