/* version_plain.c - versions that are points of time (RFC 3339), or plain text in the order of its bytes. */
#include "vuln/inside.h"

/* The instant in UTC, then the fraction of its second to any number of decimals. */
void key_datetime(Key *k, Str v) {
  size_t dot = str_find_char(v, '.');
  Str fraction = STR_NONE, zone = str_slice(v, dot == SIZE_MAX ? v.n : dot + 1, v.n);
  char text[64];
  int64_t us = 0;
  k->bad = v.n < 20 || v.p[10] != 'T' || v.p[v.n - 1] == 'z';        /* upper case alone is canonical */
  if (dot != SIZE_MAX) fraction = take_digits(&zone);
  size_t n = dot == SIZE_MAX ? v.n : dot;
  if ((dot != SIZE_MAX && !fraction.n) || n + zone.n > sizeof text) k->bad = true;
  if (k->bad) return;
  for (size_t i = 0; i < n; i++) text[i] = v.p[i];
  for (size_t i = 0; i < zone.n; i++) text[n + i] = zone.p[i];
  if (!time_parse((Str){ text, n + zone.n }, &us)) k->bad = true;
  uint64_t instant = (uint64_t)us ^ (UINT64_C(1) << 63);             /* before 1970 is before */
  for (unsigned shift = 64; shift;) key_byte(k, (instant >> (shift -= 8)) & 255);
  while (fraction.n && fraction.p[fraction.n - 1] == '0') fraction.n--;
  key_bytes(k, fraction);
}

void key_lexicographic(Key *k, Str v) {
  k->bad = !str_is_utf8(v);
  key_bytes(k, v);
}
