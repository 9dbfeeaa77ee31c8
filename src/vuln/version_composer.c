/* version_composer.c - Packagist: the order of PHP's version_compare(), which is not transitive over unknown words, so
 * that no byte key can express it. */
#include "vuln/inside.h"

/* The next part: a run of digits or of letters; everything else separates. */
static Str next_part(Str *v) {
  while (v->n && !is_alnum(*v->p)) *v = str_slice(*v, 1, v->n);
  Str digits = take_digits(v);
  return digits.n ? digits : take_letters(v);
}

/* dev < alpha < beta < RC < (a number) < pl; any other word is before all of them. */
static int form(Str part) {
  static const struct { Str word; int rank;
  } forms[] = {
    { { "dev", 3 }, 0 }, { { "alpha", 5 }, 1 }, { { "a", 1 }, 1 },  { { "beta", 4 }, 2 }, { { "b", 1 }, 2 },
    { { "RC", 2 }, 3 },  { { "rc", 2 }, 3 },    { { "pl", 2 }, 5 }, { { "p", 1 }, 5 },
  };
  if (part.n && is_digit(*part.p)) return 4;
  for (size_t i = 0; i < COUNT(forms); i++) if (str_starts(part, forms[i].word)) return forms[i].rank;
  return -1;
}

static int part_cmp(Str a, Str b) {
  if (is_digit(*a.p) && is_digit(*b.p)) return digits_cmp(a, b);
  return form(a) - form(b);
}

/* What Composer makes of a version before it compares: four numbers, lower case, no build and no word "stable".  More
 * numbers stay, and so does what begins with a word: a branch. */
static Str normal(Str v, char *room) {
  size_t n = 0;
  unsigned count = 0;
  Str whole = v;
  v = str_slice(v, 0, str_find_char(v, '+') == SIZE_MAX ? v.n : str_find_char(v, '+'));
  if (v.n && (*v.p | 32) == 'v') v = str_slice(v, 1, v.n);
  for (Str digits; (digits = take_digits(&v)).n;) {
    for (size_t i = 0; i < digits.n; i++) room[n++] = digits.p[i];
    count++;
    if (v.n < 2 || *v.p != '.' || !is_digit(v.p[1])) break;
    v = str_slice(v, 1, v.n);
    room[n++] = '.';
  }
  if (!count) return whole;
  for (; count < 4; count++) { room[n++] = '.'; room[n++] = '0'; }
  while (v.n && !is_alnum(*v.p)) v = str_slice(v, 1, v.n);
  if (str_eq_nocase(v, S("stable"))) v = STR_NONE;
  if (v.n) room[n++] = '-';
  for (size_t i = 0; i < v.n; i++) room[n++] = (char)(v.p[i] >= 'A' && v.p[i] <= 'Z' ? v.p[i] | 32 : v.p[i]);
  return (Str){ room, n };
}

Str composer_normal(Arena *a, Str v) {
  char room[VERSION_MAX_BYTES + 8];
  return v.n > VERSION_MAX_BYTES ? v : str_dup(a, normal(v, room));
}

bool composer_compare_normal(Str a, Str b, int *order) {
  char left[VERSION_MAX_BYTES + 8], right[VERSION_MAX_BYTES + 8];
  if (a.n > VERSION_MAX_BYTES || b.n > VERSION_MAX_BYTES) return false;
  a = normal(a, left);
  b = normal(b, right);
  return a.n && b.n && composer_compare(a, b, order);
}

bool composer_compare(Str a, Str b, int *order) {
  if (*a.p == 'v' || *a.p == 'V') a = str_slice(a, 1, a.n);
  if (*b.p == 'v' || *b.p == 'V') b = str_slice(b, 1, b.n);
  if (!a.n || !b.n || !is_alnum(*a.p) || !is_alnum(*b.p)) return false;
  for (;;) {
    Str pa = next_part(&a), pb = next_part(&b);
    int d = 0;
    if (pa.n && pb.n) d = part_cmp(pa, pb);
    else if (pa.n) d = is_digit(*pa.p) ? 1 : form(pa) - form(S("1"));
    else if (pb.n) d = is_digit(*pb.p) ? -1 : form(S("1")) - form(pb);
    if (d || (!pa.n && !pb.n)) {
      *order = d;
      return true;
    }
  }
}
