#include "crypto/crypto.h"
#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <string.h>

/* Fetching the digest by name costs more than hashing a short message, so it is done once; one context serves every
 * hash that is made in one go (a process has one thread). */
static EVP_MD *md;
static EVP_MD_CTX *whole;

struct Sha256 { EVP_MD_CTX *ctx; };

static bool fetch(void) {
  if (!md) md = EVP_MD_fetch(NULL, "SHA256", NULL);
  if (md && !whole) whole = EVP_MD_CTX_new();
  return whole != NULL;
}

Err crypto_start(Cx *cx) {
  if (sodium_init() < 0)
    return fail(cx, E_CONFIG, "libsodium cannot start; nothing was done; check the system's random source");
  if (!fetch()) return fail(cx, E_CONFIG, "OpenSSL gives no SHA-256; nothing was done; check its configuration file");
  return E_OK;
}

/* OpenSSL's digest calls fail only for a wrong use or for want of memory; a wrong hash must never come out. */
static void must(int ok) {
  if (ok != 1) __builtin_trap();
}

/* OpenSSL reads its configuration and sets up its providers when it is first asked: a command that needs nothing else
 * of crypto, and perhaps no hash either, does not begin with that. */
static void begin(EVP_MD_CTX **ctx) {
  must(fetch());
  must(EVP_DigestInit_ex2(*ctx, md, NULL));
}

static Hash end(EVP_MD_CTX *ctx) {
  Hash h;
  must(EVP_DigestFinal_ex(ctx, h.b, NULL));
  return h;
}

Hash sha256(Str s) {
  begin(&whole);
  must(EVP_DigestUpdate(whole, s.p, s.n));
  return end(whole);
}

Hash sha256_two(uint8_t prefix, Str a, Str b) {
  begin(&whole);
  must(EVP_DigestUpdate(whole, &prefix, 1));
  must(EVP_DigestUpdate(whole, a.p, a.n));
  must(EVP_DigestUpdate(whole, b.p, b.n));
  return end(whole);
}

Hash sha256_one(uint8_t prefix, Str a) { return sha256_two(prefix, a, STR_NONE); }

Sha256 *sha256_new(Arena *a) {
  Sha256 *s = NEW(a, Sha256);
  s->ctx = EVP_MD_CTX_new();
  begin(&s->ctx);
  return s;
}

void sha256_add(Sha256 *s, Str bytes) { must(EVP_DigestUpdate(s->ctx, bytes.p, bytes.n)); }

Hash sha256_now(const Sha256 *s) {
  must(EVP_MD_CTX_copy_ex(whole, s->ctx));
  return end(whole);
}

Hash sha256_end(Sha256 *s) {
  Hash h = end(s->ctx);
  EVP_MD_CTX_free(s->ctx);
  s->ctx = NULL;
  return h;
}

Hash hmac_sha256(Str key, Str message) {
  assert(key.n <= INT32_MAX);
  must(fetch());
  Hash h;
  /* libcrypto takes a NULL key for "the key of the last time" */
  must(HMAC(md, key.n ? key.p : "", (int)key.n, (const uint8_t *)message.p, message.n, h.b, NULL) != NULL);
  return h;
}

uint64_t keyed_hash(const uint8_t key[16], Str s) {
  uint64_t h;
  _Static_assert(sizeof h == crypto_shorthash_BYTES && crypto_shorthash_KEYBYTES == 16, "libsodium's short hash");
  (void)crypto_shorthash((uint8_t *)&h, (const uint8_t *)s.p, s.n, key);
  return h;
}

bool hash_eq(Hash a, Hash b) { return memcmp(a.b, b.b, sizeof a.b) == 0; }
bool bytes_eq_secret(Str a, Str b) { return a.n == b.n && (a.n == 0 || sodium_memcmp(a.p, b.p, a.n) == 0); }
Str hash_bytes(const Hash *h) { return (Str){ (const char *)h->b, sizeof h->b }; }
Str hash_hex(Arena *a, Hash h) { return hex_text(a, hash_bytes(&h)); }

bool hash_from_hex(Str hex, Hash *out) {
  Hash h;
  const char *stop = NULL;
  size_t n = 0;
  if (hex.n != 2 * sizeof h.b) return false;
  if (sodium_hex2bin(h.b, sizeof h.b, hex.p, hex.n, NULL, &n, &stop) != 0 || n != sizeof h.b) return false;
  *out = h;
  return true;
}

bool hash_is_hex(Hash h, Str hex) {
  static const char digits[] = "0123456789abcdef";
  if (hex.n != 2 * sizeof h.b) return false;
  unsigned differs = 0;
  for (size_t i = 0; i < sizeof h.b; i++)
    differs |= (unsigned)((hex.p[2 * i] ^ digits[h.b[i] >> 4]) | (hex.p[2 * i + 1] ^ digits[h.b[i] & 15]));
  return differs == 0;
}
