/* version_generic.c - versions of which nobody told the order: CPE, CVE lists, firmware.
 *
 * Digits and letters are tokens, other bytes only separate.  Zeros at the end of a run of numbers are nothing, so that
 * 1.0 = 1.  Classes: pre-release word 1 < end 2 < patch word 3 < other word 4 < number 5. */
#include "vuln/inside.h"

typedef struct GenericWord {
  Str word;
  unsigned class, rank;
  bool digit;
} GenericWord; /* digit: only before a digit */
static const GenericWord words[] = {
  { { "dev", 3 }, 1, 1, false },     { { "snapshot", 8 }, 1, 1, false },  { { "nightly", 7 }, 1, 1, false },
  { { "ea", 2 }, 1, 2, false },      { { "alpha", 5 }, 1, 2, false },     { { "a", 1 }, 1, 2, true },
  { { "beta", 4 }, 1, 3, false },    { { "b", 1 }, 1, 3, true },          { { "milestone", 9 }, 1, 4, false },
  { { "m", 1 }, 1, 4, true },        { { "pre", 3 }, 1, 5, false },       { { "preview", 7 }, 1, 5, false },
  { { "cr", 2 }, 1, 5, false },      { { "rc", 2 }, 1, 5, false },
  { { "p", 1 }, 3, 1, true },        { { "pl", 2 }, 3, 1, false },        { { "patch", 5 }, 3, 1, false },
  { { "sp", 2 }, 3, 2, false },      { { "u", 1 }, 3, 3, true },          { { "update", 6 }, 3, 3, false },
  { { "hotfix", 6 }, 3, 4, false },  { { "hf", 2 }, 3, 4, false },        { { "r", 1 }, 3, 5, true },
  { { "rev", 3 }, 3, 5, false },     { { "build", 5 }, 3, 6, false },     { { "mr", 2 }, 3, 7, false },
  { { "fp", 2 }, 3, 8, false },      { { "cu", 2 }, 3, 9, false },
};

static void generic_word(Key *k, Str word, bool digit_follows) {
  for (size_t i = 0; i < COUNT(words); i++) {
    if (!str_eq_nocase(word, words[i].word) || (words[i].digit && !digit_follows)) continue;
    key_byte(k, words[i].class);
    key_byte(k, words[i].rank);
    return;
  }
  key_byte(k, 4);
  for (size_t i = 0; i < word.n; i++) key_byte(k, (unsigned char)(word.p[i] | 32));
  key_byte(k, 0);
}

static Str skip_separators(Str v) {
  while (v.n && !is_alnum(*v.p)) v = str_slice(v, 1, v.n);
  return v;
}

void key_generic(Key *k, Str v) {
  unsigned zeros = 0;
  if (v.n > 1 && (*v.p | 32) == 'v' && is_digit(v.p[1])) v = str_slice(v, 1, v.n);
  v = skip_separators(v);
  if (!v.n) k->bad = true;
  bool first = true;
  while (v.n && !k->bad) {
    Str digits = take_digits(&v), word = digits.n ? STR_NONE : take_letters(&v);
    Str next = skip_separators(v);
    if (digits.n && all_zero(digits) && !first) zeros++;
    else if (digits.n) {
      for (; zeros; zeros--) { key_byte(k, 5); key_byte(k, 0); }
      key_byte(k, 5);
      key_number(k, digits);
    } else {
      zeros = 0;
      generic_word(k, word, next.n && is_digit(*next.p));
    }
    first = false;
    v = next;
  }
  key_byte(k, 2);
}
