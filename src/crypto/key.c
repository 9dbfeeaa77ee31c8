/* Ed25519 signatures and Argon2id passwords. */
#include "crypto/crypto.h"
#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(((SignKey *)0)->secret) == crypto_sign_SECRETKEYBYTES, "libsodium's secret key");
_Static_assert(sizeof(((SignKey *)0)->public) == crypto_sign_PUBLICKEYBYTES, "libsodium's public key");

void sign_key_new(SignKey *out) { (void)crypto_sign_keypair(out->public, out->secret); }
void sign_key_from_seed(const uint8_t seed[32], SignKey *out) {
  (void)crypto_sign_seed_keypair(out->public, out->secret, seed);
}

void sign_message(const SignKey *k, Str message, uint8_t out[64]) {
  (void)crypto_sign_detached(out, NULL, (const uint8_t *)message.p, message.n, k->secret);
}

bool sign_check(const uint8_t public_key[32], Str message, const uint8_t signature[64]) {
  return crypto_sign_verify_detached(signature, (const uint8_t *)message.p, message.n, public_key) == 0;
}

/* What a check costs when there is nothing to check against; the defaults of argon_kib and argon_passes. */
enum { DECOY_KIB = 65536, DECOY_PASSES = 3 };

/* libsodium wants a pointer even to an empty password. */
static Str some(Str password) { return password.n ? password : S(""); }

Err password_hash(Cx *cx, Str password, uint32_t kib, uint32_t passes, Str *phc) {
  char text[crypto_pwhash_argon2id_STRBYTES] = "";
  password = some(password);
  if (crypto_pwhash_argon2id_str(text, password.p, password.n, passes, (size_t)kib * 1024) != 0)
    return fail(cx, E_LIMIT,
                "No memory for hashing a password (%u KiB); nothing was stored; try again or lower argon_kib", kib);
  *phc = str_dup(cx->arena, str_of(text));
  return E_OK;
}

static bool decoy(Str password) {
  static const uint8_t salt[crypto_pwhash_argon2id_SALTBYTES];
  uint8_t key[32];
  int done = crypto_pwhash_argon2id(key, sizeof key, password.p, password.n, salt, DECOY_PASSES,
                                    (size_t)DECOY_KIB * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  sodium_memzero(key, sizeof key);
  return done > 0;   /* it is 0 or -1: always false, but the work can't be optimised away */
}

bool password_check(Str phc, Str password) {
  char text[crypto_pwhash_argon2id_STRBYTES] = "";
  password = some(password);
  if (phc.n >= sizeof text || !phc.n) return decoy(password);
  memcpy(text, phc.p, phc.n);
  /* -1 means that libsodium can't read it; 0 and 1 say how its costs compare with the ones given here. */
  if (crypto_pwhash_argon2id_str_needs_rehash(text, DECOY_PASSES, (size_t)DECOY_KIB * 1024) < 0) return decoy(password);
  return crypto_pwhash_argon2id_str_verify(text, password.p, password.n) == 0;
}
