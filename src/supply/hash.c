/* hash.c - names and lengths of the hash algorithms that SBOMs state. */
#include "supply/inside.h"

/* cyclonedx: the first minor version of CycloneDX that has it; 0: all; NEVER: SPDX alone. */
enum { NEVER = 99 };
typedef struct HashKind { Str name, spdx; size_t digits; unsigned cyclonedx; } HashKind;
#define HASH(name, spdx, digits, from) { { name, sizeof name - 1 }, { spdx, sizeof spdx - 1 }, digits, from }
static const HashKind kinds[] = {
  HASH("MD5", "MD5", 32, 0), HASH("SHA-1", "SHA1", 40, 0), HASH("SHA-224", "SHA224", 56, NEVER),
  HASH("SHA-256", "SHA256", 64, 0), HASH("SHA-384", "SHA384", 96, 0), HASH("SHA-512", "SHA512", 128, 0),
  HASH("SHA3-256", "SHA3-256", 64, 0), HASH("SHA3-384", "SHA3-384", 96, 2), HASH("SHA3-512", "SHA3-512", 128, 0),
  HASH("BLAKE2b-256", "BLAKE2b-256", 64, 2), HASH("BLAKE2b-384", "BLAKE2b-384", 96, 2),
  HASH("BLAKE2b-512", "BLAKE2b-512", 128, 2), HASH("BLAKE3", "BLAKE3", 0, 2),
  HASH("Streebog-256", "Streebog-256", 64, 7), HASH("Streebog-512", "Streebog-512", 128, 7),
  HASH("MD2", "MD2", 32, NEVER), HASH("MD4", "MD4", 32, NEVER), HASH("MD6", "MD6", 0, NEVER),
  HASH("ADLER32", "ADLER32", 8, NEVER),
};

static const HashKind *kind_of(Str alg, bool spdx) {
  for (size_t i = 0; i < COUNT(kinds); i++)
    if (str_eq(alg, spdx ? kinds[i].spdx : kinds[i].name)) return &kinds[i];
  return NULL;
}

Str hash_name(Str spdx) {
  const HashKind *k = kind_of(spdx, true);
  return k ? k->name : spdx;
}

/* SPDX 3 writes small letters and has '_' where others have '-' or nothing. */
static bool alike(Str a, Str b) {
  size_t i = 0;
  for (size_t k = 0; k < b.n; k++) {
    if (b.p[k] == '-') continue;
    while (i < a.n && (a.p[i] == '_' || a.p[i] == '-')) i++;
    if (i >= a.n || !str_eq_nocase(str_slice(a, i, i + 1), str_slice(b, k, k + 1))) return false;
    i++;
  }
  return i == a.n;
}

Str hash_spdx3_name(Str alg) {
  for (size_t i = 0; i < COUNT(kinds); i++) if (alike(alg, kinds[i].name)) return kinds[i].name;
  return alg;
}

Str hash_spdx_name(Str name) {
  const HashKind *k = kind_of(name, false);
  return k ? k->spdx : STR_NONE;
}

bool hash_in_cyclonedx(Str name, unsigned version) {
  const HashKind *k = kind_of(name, false);
  return k && k->cyclonedx <= version;
}

Str hash_fault(Arena *a, Str alg, Str content, unsigned version) {
  const HashKind *k = kind_of(alg, version == HASH_SPDX);
  Str shown = str_head(alg, 40);
  bool hex = content.n > 0 && content.n % 2 == 0;
  for (size_t i = 0; i < content.n && hex; i++)
    hex = str_find_char(S("0123456789abcdefABCDEF"), content.p[i]) != SIZE_MAX;
  if (!k || (version != HASH_SPDX && k->cyclonedx > version))
    return str_fmt(a, "\"%.*s\" is not a hash algorithm of this version", STR(shown));
  if (!hex || (k->digits && content.n != k->digits))
    return str_fmt(a, "this is not a %.*s hash: %zu characters", STR(shown), content.n);
  return STR_NONE;
}
