/* version_lists.c - versions that are lists of segments: Python (PEP 440), RubyGems, CRAN, Hackage. */
#include "vuln/inside.h"

/* ---- pypi: PEP 440 ------------------------------------------------------------------------------------- */

static char lower(char c) { return is_alpha(c) ? (char)(c | 32) : c; }

static bool skip_word(Str *v, const char *word) {
  size_t n = 0;
  for (; word[n]; n++) if (n >= v->n || lower(v->p[n]) != word[n]) return false;
  *v = str_slice(*v, n, v->n);
  return true;
}

static bool skip_separator(Str *v) {
  if (!v->n || (*v->p != '.' && *v->p != '-' && *v->p != '_')) return false;
  *v = str_slice(*v, 1, v->n);
  return true;
}

/* [sep]word[sep][digits]; *v is unchanged when none of the words is there. */
static bool labelled(Str *v, const char *const *words, size_t n, size_t *which, Str *digits) {
  Str at = *v;
  (void)skip_separator(&at);
  for (size_t i = 0; i < n; i++) {
    Str rest = at;
    if (!skip_word(&rest, words[i])) continue;
    (void)skip_separator(&rest); /* with or without a number behind it */
    *digits = take_digits(&rest);
    *which = i;
    *v = rest;
    return true;
  }
  return false;
}

static void pypi_local(Key *k, Str v) {
  if (!v.n) k->bad = true;
  while (!k->bad) {
    size_t n = 0;
    while (n < v.n && is_alnum(v.p[n])) n++;
    Str part = str_slice(v, 0, n);
    v = str_slice(v, n, v.n);
    if (!n) k->bad = true;
    key_byte(k, all_digits(part) ? 2 : 1);
    if (all_digits(part)) key_number(k, part);
    else {
      for (size_t i = 0; i < n; i++) key_byte(k, (unsigned char)lower(part.p[i]));
      key_byte(k, 0);
    }
    if (!v.n) break;
    if (!skip_separator(&v)) k->bad = true;
  }
}

static void pypi_release(Key *k, Str *v) {
  unsigned zeros = 0;
  for (;;) {
    Str d = take_digits(v);
    if (!d.n) { k->bad = true; return; }
    if (all_zero(d)) zeros++;
    else {
      for (; zeros; zeros--) { key_byte(k, 1); key_byte(k, 0); }
      key_byte(k, 1);
      key_number(k, d);
    }
    if (v->n < 2 || *v->p != '.' || !is_digit(v->p[1])) break;
    *v = str_slice(*v, 1, v->n);
  }
  key_byte(k, 0);
}

void key_pypi(Key *k, Str v) {
  static const char *const pre_words[] = { "alpha", "a", "beta", "b", "preview", "pre", "rc", "c" };
  static const unsigned pre_rank[] = { 1, 1, 2, 2, 3, 3, 3, 3 };
  static const char *const post_words[] = { "post", "rev", "r" };
  static const char *const dev_words[] = { "dev" };
  Str epoch = S(""), pre, post = STR_NONE, dev;
  size_t which = 0;
  (void)skip_word(&v, "v");
  size_t bang = str_find_char(v, '!');
  if (bang != SIZE_MAX) {
    epoch = str_slice(v, 0, bang);
    v = str_slice(v, bang + 1, v.n);
    if (!epoch.n || !all_digits(epoch)) k->bad = true;
  }
  key_number(k, epoch);
  pypi_release(k, &v);
  bool has_pre = labelled(&v, pre_words, COUNT(pre_words), &which, &pre);
  unsigned rank = has_pre ? pre_rank[which] : 4;
  bool has_post = v.n > 1 && *v.p == '-' && is_digit(v.p[1]);      /* 1.0-1 is 1.0.post1 */
  if (has_post) {
    v = str_slice(v, 1, v.n);
    post = take_digits(&v);
  } else {
    has_post = labelled(&v, post_words, COUNT(post_words), &which, &post);
  }
  bool has_dev = labelled(&v, dev_words, COUNT(dev_words), &which, &dev);
  if (has_dev && !has_pre && !has_post) rank = 0;
  key_byte(k, rank);
  if (has_pre) key_number(k, pre);
  key_byte(k, has_post ? 1 : 0);
  if (has_post) key_number(k, post);
  key_byte(k, has_dev ? 0 : 1);
  if (has_dev) key_number(k, dev);
  if (v.n && *v.p == '+') pypi_local(k, str_slice(v, 1, v.n));
  else if (v.n) k->bad = true;
  key_byte(k, 0);
}

/* What stands before the mark of a post-release; none: nothing. */
static Str before_post(Str version) {
  Str v = str_slice(version, 0, str_find_char(version, '+') == SIZE_MAX ? version.n : str_find_char(version, '+'));
  while (v.n) {
    Str digits = take_digits(&v), word = take_letters(&v);
    bool named = str_eq_nocase(word, S("post")) || str_eq_nocase(word, S("rev")) || str_eq_nocase(word, S("r"));
    bool hyphen = digits.n && !word.n && v.n > 1 && *v.p == '-' && is_digit(v.p[1]);
    size_t n = (size_t)(v.p - version.p) - word.n;
    if (named && n && !is_alnum(version.p[n - 1])) n--;
    if (named || hyphen) return str_slice(version, 0, n);
    if (v.n && !is_alnum(*v.p)) v = str_slice(v, 1, v.n);
  }
  return STR_NONE;
}

bool pypi_is_post_of(Str version, Str of) { return version_compare(SCHEME_PYPI, before_post(version), of) == '='; }

/* ---- gem: Gem::Version --------------------------------------------------------------------------------------
 * A missing segment counts as 0, a word is lower than a number.  A run of n zeros is therefore written with what
 * follows it: before a word more zeros are later, before a number they are earlier, at the end they are nothing. */

enum { GEM_WORD = 1, GEM_END = 2, GEM_NUMBER = 3, GEM_ZEROS = 250 };

void key_gem(Key *k, Str v) {
  unsigned zeros = 0;
  bool words = false, build = false;
  if (!is_digit(*v.p)) k->bad = true;
  while (v.n && !k->bad) {
    if (*v.p == '.' || *v.p == '-') {
      bool hyphen = *v.p == '-', more = build && hyphen;         /* behind the first hyphen others may stand anywhere */
      build |= hyphen;
      v = str_slice(v, 1, v.n);
      if ((!v.n || !is_alnum(*v.p)) && !more && !(build && v.n && *v.p == '-')) k->bad = true;
      if (!hyphen) continue;
      if (!words) zeros = 0;                     /* 1.0-x is 1.0.pre.x */
      key_byte(k, GEM_WORD);
      key_byte(k, zeros);
      key_bytes(k, S("pre"));
      key_byte(k, 0);
      words = true;
      zeros = 0;
      continue;
    }
    Str digits = take_digits(&v), word = digits.n ? STR_NONE : take_letters(&v);
    if (!digits.n && !word.n) { k->bad = true; break; }
    if (digits.n && all_zero(digits)) {
      if (++zeros > GEM_ZEROS) k->bad = true;
      continue;
    }
    if (word.n && !words) zeros = 0;             /* zeros at the end of the release part are dropped */
    key_byte(k, word.n ? GEM_WORD : GEM_NUMBER);
    key_byte(k, word.n ? zeros : GEM_ZEROS - zeros);
    zeros = 0;
    if (digits.n) { key_number(k, digits); continue; }
    words = true;
    key_bytes(k, word);
    key_byte(k, 0);
  }
  key_byte(k, GEM_END);
}

/* ---- cran and hackage: numbers; of equal ones the longer list is later --------------------------------- */

static void number_list(Key *k, Str v, bool hyphen) {
  for (;;) {
    Str d = take_digits(&v);
    if (!d.n) k->bad = true;
    key_byte(k, 1);
    key_number(k, d);
    if (!v.n || k->bad) break;
    if (*v.p != '.' && !(hyphen && *v.p == '-')) k->bad = true;
    v = str_slice(v, 1, v.n);
  }
  key_byte(k, 0);
}

void key_cran(Key *k, Str v) { number_list(k, v, true); }
void key_hackage(Key *k, Str v) { number_list(k, v, false); }
