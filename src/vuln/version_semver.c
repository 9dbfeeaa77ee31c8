/* version_semver.c - Semantic Versioning 2.0.0 and its relatives: Go, NuGet, Pub, Conan, OpenSSL.
 *
 * Key: the numbers, then 00 identifiers 00 for a pre-release, 01 for a release, 03 number for each number beyond the
 * usual three or four; so 1.0.0-rc.1 < 1.0.0 < 1.0.0.1. */
#include "vuln/inside.h"

/* Identifiers of a pre-release: numeric ones are lower than words; fewer are lower.  fold: letter case is nothing. */
static void identifiers(Key *k, Str s, bool fold) {
  if (str_ends(s, S("."))) k->bad = true;
  while (s.n) {
    Str id;
    str_cut(s, '.', &id, &s);
    if (!id.n) k->bad = true;
    if (id.n && all_digits(id)) {
      key_byte(k, 1);
      key_number(k, id);
      continue;
    }
    key_byte(k, 2);
    for (size_t i = 0; i < id.n; i++) {
      if (!is_alnum(id.p[i]) && id.p[i] != '-' && id.p[i] != '_' && id.p[i] != '~') k->bad = true;
      key_byte(k, (uint8_t)(fold && is_alpha(id.p[i]) ? id.p[i] | 32 : id.p[i]));
    }
    key_byte(k, 0);
  }
  key_byte(k, 0);
}

/* The dotted numbers at the front: `least` of them always (absent is 0), the rest without zeros at their end. */
static void numbers(Key *k, Str *v, unsigned least, unsigned most) {
  unsigned n = 0, zeros = 0;
  for (;;) {
    Str d = take_digits(v);
    if (!d.n || ++n > most) k->bad = true;
    if (n <= least) key_number(k, d);
    else if (all_zero(d)) zeros++;
    else {
      for (; zeros; zeros--) { key_byte(k, 3); key_byte(k, 0); }
      key_byte(k, 3);
      key_number(k, d);
    }
    if (v->n < 2 || *v->p != '.' || !is_digit(v->p[1]) || k->bad) break;
    *v = str_slice(*v, 1, v->n);
  }
  for (; n < least; n++) key_number(k, S(""));
}

/* What follows the numbers: [-]pre [+build].  loose: a pre-release may follow a number without hyphen (1.2.3beta). */
static void tail(Key *k, Str v, bool fold, bool build_counts) {
  Str pre, build;
  bool has_build = str_cut(v, '+', &pre, &build);
  if (pre.n && *pre.p == '-') {
    pre = str_slice(pre, 1, pre.n);
    if (!pre.n) k->bad = true;
  } else if (pre.n && !is_alpha(*pre.p)) {
    k->bad = true;
  }
  if (pre.n) {
    key_byte(k, 0);
    identifiers(k, pre, fold);
  } else {
    key_byte(k, 1);
  }
  if (!build_counts) return;
  key_byte(k, has_build ? 1 : 0);
  if (has_build) identifiers(k, build, false);
}

static Str strip_v(Str v) {
  while (v.n && (*v.p == 'v' || *v.p == 'V' || *v.p == '=' || *v.p == ' ')) v = str_slice(v, 1, v.n);
  return v;
}

void key_semver(Key *k, Str v) {
  v = strip_v(v);
  numbers(k, &v, 3, 16);
  tail(k, v, false, false);
}

/* Module versions; go1.21rc2 and go1.20 of the tool chain; " X:boringcrypto" and the like are builds of the same. */
void key_golang(Key *k, Str v) {
  if (str_starts(v, S("go")) && v.n > 2 && is_digit(v.p[2])) v = str_slice(v, 2, v.n);
  v = str_slice(v, 0, str_find_char(v, ' ') == SIZE_MAX ? v.n : str_find_char(v, ' '));
  key_semver(k, v);
}

void key_nuget(Key *k, Str v) {
  v = strip_v(v);
  numbers(k, &v, 4, 4);
  if (v.n && *v.p != '-' && *v.p != '+') k->bad = true;
  tail(k, v, true, false);
}

void key_pub(Key *k, Str v) {
  v = strip_v(v);
  numbers(k, &v, 3, 16);
  tail(k, v, false, true);
}

/* Conan: items between dots; an item is a number, a number with a rest, or a word; more items are later. */
static void conan_items(Key *k, Str s) {
  unsigned zeros = 0;
  while (s.n) {
    Str item, digits;
    str_cut(s, '.', &item, &s);
    digits = take_digits(&item);
    if (digits.n && !item.n && all_zero(digits)) { zeros++; continue; }
    for (; zeros; zeros--) { key_byte(k, 1); key_byte(k, 0); key_byte(k, 0); }
    key_byte(k, digits.n ? 1 : 2);
    if (digits.n) key_number(k, digits);
    for (size_t i = 0; i < item.n; i++) {
      if (!is_alnum(item.p[i]) && item.p[i] != '_' && item.p[i] != '-') k->bad = true;
      key_byte(k, (uint8_t)(is_alpha(item.p[i]) ? item.p[i] | 32 : item.p[i]));
    }
    key_byte(k, 0);
  }
  key_byte(k, 0);
}

void key_conan(Key *k, Str v) {
  Str core, pre, build;
  str_cut(v, '+', &v, &build);
  bool has_pre = str_cut(v, '-', &core, &pre);
  if (!core.n) k->bad = true;
  conan_items(k, core);
  key_byte(k, has_pre ? 0 : 1);
  if (has_pre) conan_items(k, pre);
  conan_items(k, build);
}

/* OpenSSL: 1.0.2 < 1.0.2a < 1.0.2za; 1.1.0-pre1 < 1.1.0-pre10 < 1.1.0; 3.0.0-alpha1 < 3.0.0. */
void key_openssl(Key *k, Str v) {
  if (str_starts(v, S("openssl-"))) v = str_slice(v, 8, v.n);
  numbers(k, &v, 3, 3);
  key_bytes(k, take_letters(&v));
  key_byte(k, 0);
  if (v.n && *v.p == '+') v = STR_NONE;
  if (!v.n || *v.p != '-') {
    if (v.n) k->bad = true;
    key_byte(k, 1);
    return;
  }
  key_byte(k, 0);
  for (v = str_slice(v, 1, v.n); v.n && *v.p != '+';) {
    Str word = take_letters(&v), digits = take_digits(&v);
    if (!word.n && !digits.n) { v = str_slice(v, 1, v.n); continue; }
    key_byte(k, 2);
    key_bytes(k, word);
    key_byte(k, 0);
    key_number(k, digits);
  }
  key_byte(k, 0);
}
