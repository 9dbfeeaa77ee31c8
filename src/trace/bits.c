/* Sets of nodes. */
#include "trace/inside.h"

Bits bits_new(Arena *a, size_t n) {
  size_t words = (n + 63) / 64;
  return (Bits){ NEW_ARRAY(a, words ? words : 1, uint64_t), words };
}

size_t bits_count(Bits b) {
  size_t n = 0;
  for (size_t i = 0; i < b.nwords; i++) n += (size_t)__builtin_popcountll(b.w[i]);
  return n;
}

void bits_or(Bits b, Bits other) {
  for (size_t i = 0; i < b.nwords && i < other.nwords; i++) b.w[i] |= other.w[i];
}
