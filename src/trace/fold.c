/* Texts as searches compare them: without letter case and accents, so that "Gerat" and "GERÄT" find each other. */
#define _GNU_SOURCE /* memmem */
#include "trace/inside.h"
#include <string.h>

/* Base letters of U+00C0..U+017F and U+1E00..U+1EFF; '-': none. */
static const char latin[] =
    "aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggg"
    "gggghhhhiiiiiiiiiiiijjkkkllllll--llnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static const char latin_more[] =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrr"
    "ssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy-s--s-aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy------";
/* Those that become two letters. */
static const struct {
  uint32_t from;
  char to[3];
} pairs[] = { { 0xC6, "ae" },  { 0xDE, "th" },  { 0xDF, "ss" },  { 0xE6, "ae" },   { 0xFE, "th" },
              { 0x132, "ij" }, { 0x133, "ij" }, { 0x152, "oe" }, { 0x153, "oe" }, { 0x1E9E, "ss" } };

/* One code point at s[i]; a byte that is none stands for itself. */
static uint32_t code_at(Str s, size_t i, size_t *bytes) {
  unsigned char c = (unsigned char)s.p[i];
  size_t n = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
  if (i + n > s.n) n = 1;
  *bytes = n;
  if (n == 1) return c;
  uint32_t code = c & (0x7Fu >> n);
  for (size_t k = 1; k < n; k++) code = code << 6 | ((unsigned char)s.p[i + k] & 0x3F);
  return code;
}

static size_t put_code(uint32_t c, char out[4]) {
  if (c < 0x800) {
    out[0] = (char)(0xC0 | c >> 6);
    out[1] = (char)(0x80 | (c & 0x3F));
    return 2;
  }
  out[0] = (char)(0xE0 | c >> 12);
  out[1] = (char)(0x80 | (c >> 6 & 0x3F));
  out[2] = (char)(0x80 | (c & 0x3F));
  return 3;
}

/* Greek and Cyrillic: lower case, the commonest accents off. */
static uint32_t lower_other(uint32_t c) {
  if (c >= 0x391 && c <= 0x3A9) return c + 32;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c == 0x401 || c == 0x451) return 0x435;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  switch (c) {
  case 0x386: case 0x3AC: return 0x3B1;
  case 0x388: case 0x3AD: return 0x3B5;
  case 0x389: case 0x3AE: return 0x3B7;
  case 0x38A: case 0x3AF: case 0x3CA: return 0x3B9;
  case 0x38C: case 0x3CC: return 0x3BF;
  case 0x38E: case 0x3CD: case 0x3CB: return 0x3C5;
  case 0x38F: case 0x3CE: return 0x3C9;
  case 0x3C2: return 0x3C3;
  default: return c;
  }
}

/* The folded bytes of the character at s[i]; *bytes: how many it has. */
static size_t fold_at(Str s, size_t i, char out[4], size_t *bytes) {
  uint32_t c = code_at(s, i, bytes);
  if (c < 0x80 || *bytes == 1) {
    out[0] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : (char)c;
    return 1;
  }
  if (c >= 0x300 && c <= 0x36F) return 0; /* combining marks */
  for (size_t k = 0; k < COUNT(pairs); k++)
    if (pairs[k].from == c) {
      memcpy(out, pairs[k].to, 2);
      return 2;
    }
  char letter = c >= 0xC0 && c <= 0x17F ? latin[c - 0xC0] : c >= 0x1E00 && c <= 0x1EFF ? latin_more[c - 0x1E00] : '-';
  if (letter != '-') {
    out[0] = letter;
    return 1;
  }
  uint32_t low = lower_other(c);
  if (low != c) return put_code(low, out);
  memcpy(out, s.p + i, *bytes);
  return *bytes;
}

Str text_fold(Arena *a, Str s) {
  char *p = arena_alloc(a, s.n * 2 + 1);
  size_t n = 0;
  for (size_t i = 0, bytes; i < s.n; i += bytes) {
    char out[4];
    size_t k = fold_at(s, i, out, &bytes);
    memcpy(p + n, out, k);
    n += k;
  }
  return (Str){ p, n };
}

/* Whether the folded word begins at s[i]; *end: behind it. */
static bool begins(Str s, size_t i, Str word, size_t *end) {
  size_t at = 0;
  while (at < word.n && i < s.n) {
    char out[4];
    size_t bytes, k = fold_at(s, i, out, &bytes);
    if (k > word.n - at || memcmp(out, word.p + at, k) != 0) return false;
    at += k;
    i += bytes;
  }
  *end = i;
  return at == word.n;
}

bool text_find(Str s, const Str *words, size_t n, size_t from, TextSpan *out) {
  for (size_t i = from, bytes; i < s.n; i += bytes) {
    size_t longest = 0;
    for (size_t w = 0, end; w < n; w++)
      if (words[w].n && begins(s, i, words[w], &end) && end - i > longest) longest = end - i;
    if (longest) {
      *out = (TextSpan){ i, i + longest };
      return true;
    }
    (void)code_at(s, i, &bytes);
  }
  return false;
}

static bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

bool text_has(Str folded, Str word, bool at_start) {
  const char *p = folded.p, *end = folded.p + folded.n;
  while (p < end && (p = memmem(p, (size_t)(end - p), word.p, word.n)) != NULL) {
    if (!at_start || p == folded.p || !letter(p[-1])) return true;
    p++;
  }
  return false;
}
