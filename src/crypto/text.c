/* Bytes as text, and random bytes. */
#include "crypto/crypto.h"
#include <sodium.h>

Str hex_text(Arena *a, Str bytes) {
  size_t size = bytes.n * 2 + 1;
  char *p = arena_alloc(a, size);
  (void)sodium_bin2hex(p, size, (const uint8_t *)bytes.p, bytes.n);
  return (Str){ p, size - 1 };
}

Str base64(Arena *a, Str bytes) {
  size_t size = sodium_base64_ENCODED_LEN(bytes.n, sodium_base64_VARIANT_ORIGINAL);
  char *p = arena_alloc(a, size);
  (void)sodium_bin2base64(p, size, (const uint8_t *)bytes.p, bytes.n, sodium_base64_VARIANT_ORIGINAL);
  return (Str){ p, size - 1 };
}

/* libsodium takes any byte above 127 for '/', so the text is written again: bytes have one spelling. */
bool base64_read(Arena *a, Str text, Str *bytes) {
  size_t room = text.n / 4 * 3, n = 0;
  const char *stop = NULL;
  if (text.n % 4 != 0) return false;
  uint8_t *p = arena_alloc(a, room);
  if (text.n && sodium_base642bin(p, room, text.p, text.n, NULL, &n, &stop, sodium_base64_VARIANT_ORIGINAL) != 0)
    return false;
  Str read = { (const char *)p, n };
  if (!str_eq(base64(a, read), text)) return false;
  *bytes = read;
  return true;
}

Str base32(Arena *a, Str bytes) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  Buf b = buf_new(a, bytes.n * 2 + 8);
  unsigned held = 0, bits = 0;
  for (size_t i = 0; i < bytes.n; i++) {
    held = (held << 8 | (unsigned char)bytes.p[i]) & 0xFFFF;
    for (bits += 8; bits >= 5; bits -= 5) buf_byte(&b, digits[held >> (bits - 5) & 31]);
  }
  if (bits) buf_byte(&b, digits[held << (5 - bits) & 31]);
  return buf_str(&b);
}

void random_bytes(uint8_t *p, size_t n) { randombytes_buf(p, n); }

Str random_hex(Arena *a, size_t bytes) {
  uint8_t *p = arena_alloc(a, bytes);
  random_bytes(p, bytes);
  return hex_text(a, (Str){ (const char *)p, bytes });
}
