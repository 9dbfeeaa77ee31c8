/* Codes that change every 30 seconds (RFC 6238 over RFC 4226). */
#include "people/inside.h"

uint32_t totp_code(Str secret, int64_t step, int digits) {
  uint8_t counter[8], mac[20];
  uint32_t most = 1;
  for (int i = 7; i >= 0; i--, step >>= 8) counter[i] = (uint8_t)(step & 0xFF);
  hmac_sha1(secret, (Str){ (const char *)counter, sizeof counter }, mac);
  const uint8_t *at = mac + (mac[19] & 15);
  uint32_t code = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
  for (int i = 0; i < digits; i++) most *= 10;
  return code % most;
}

int64_t totp_match(Str secret, Str code, int64_t now_us, int64_t after) {
  uint64_t typed;
  int64_t now = now_us / (TOTP_STEP_S * US_PER_S), found = -1;
  if (code.n != TOTP_DIGITS || !str_uint(code, &typed)) return -1;
  for (int64_t step = now - 1; step <= now + 1; step++)
    if (step > after && totp_code(secret, step, TOTP_DIGITS) == typed && found < 0) found = step;
  return found;
}
