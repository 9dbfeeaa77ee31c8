/* SipHash-1-3 (Aumasson and Bernstein): hash tables keyed per process, so that nobody can choose collisions. */
#include "base/base.h"
#include <string.h>
#include <sys/random.h>

static uint64_t key[2];
static bool keyed;

static uint64_t rotl(uint64_t x, int b) { return (x << b) | (x >> (64 - b)); }

static void round_once(uint64_t v[4]) {
  v[0] += v[1];
  v[1] = rotl(v[1], 13);
  v[1] ^= v[0];
  v[0] = rotl(v[0], 32);
  v[2] += v[3];
  v[3] = rotl(v[3], 16);
  v[3] ^= v[2];
  v[0] += v[3];
  v[3] = rotl(v[3], 21);
  v[3] ^= v[0];
  v[2] += v[1];
  v[1] = rotl(v[1], 17);
  v[1] ^= v[2];
  v[2] = rotl(v[2], 32);
}

uint64_t str_hash(Str s) {
  if (!keyed) {
    if (getrandom(key, sizeof key, 0) != (ssize_t)sizeof key) key[0] = (uint64_t)clock_mono_us();
    keyed = true;
  }
  uint64_t v[4] = { key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u,
                    key[1] ^ 0x7465646279746573u };
  size_t whole = s.n & ~(size_t)7;
  uint64_t m;
  for (size_t i = 0; i < whole; i += 8) {
    memcpy(&m, s.p + i, 8);
    v[3] ^= m;
    round_once(v);
    v[0] ^= m;
  }
  m = (uint64_t)s.n << 56;
  for (size_t i = whole; i < s.n; i++) m |= (uint64_t)(unsigned char)s.p[i] << (8 * (i & 7));
  v[3] ^= m;
  round_once(v);
  v[0] ^= m;
  v[2] ^= 0xff;
  round_once(v);
  round_once(v);
  round_once(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}
