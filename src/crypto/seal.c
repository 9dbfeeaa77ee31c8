/* Sealing small secrets for the store (AES-256-GCM), and the HMAC that RFC 4226 asks for. */
#include "crypto/crypto.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { NONCE = 12, TAG = 16 };

void hmac_sha1(Str key, Str message, uint8_t out[20]) {
  if (!HMAC(EVP_sha1(), key.n ? key.p : "", (int)key.n, (const uint8_t *)message.p, message.n, out, NULL))
    __builtin_trap();
}

static bool encrypt(EVP_CIPHER_CTX *c, const uint8_t key[32], Str about, Str plain, uint8_t *out) {
  int n = 0;
  uint8_t *at = out + NONCE;
  random_bytes(out, NONCE);
  return EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, out) == 1 &&
         EVP_EncryptUpdate(c, NULL, &n, (const uint8_t *)about.p, (int)about.n) == 1 &&
         EVP_EncryptUpdate(c, at, &n, (const uint8_t *)plain.p, (int)plain.n) == 1 &&
         EVP_EncryptFinal_ex(c, at + plain.n, &n) == 1 &&
         EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, at + plain.n) == 1;
}

Str seal(Arena *a, const uint8_t key[32], Str about, Str plain) {
  uint8_t *out = NEW_ARRAY(a, NONCE + plain.n + TAG, uint8_t);
  EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
  bool ok = c && encrypt(c, key, about, plain, out);
  EVP_CIPHER_CTX_free(c);
  if (!ok) __builtin_trap();   /* fails for want of memory only; a weaker seal must never come out */
  return (Str){ (const char *)out, NONCE + plain.n + TAG };
}

static bool decrypt(EVP_CIPHER_CTX *c, const uint8_t key[32], Str about, Str sealed, uint8_t *out) {
  int n = 0;
  size_t plain = sealed.n - NONCE - TAG;
  const uint8_t *in = (const uint8_t *)sealed.p;
  uint8_t tag[TAG];
  for (size_t i = 0; i < TAG; i++) tag[i] = in[NONCE + plain + i];
  return EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, in) == 1 &&
         EVP_DecryptUpdate(c, NULL, &n, (const uint8_t *)about.p, (int)about.n) == 1 &&
         EVP_DecryptUpdate(c, out, &n, in + NONCE, (int)plain) == 1 &&
         EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
         EVP_DecryptFinal_ex(c, out + plain, &n) == 1;
}

bool unseal(Arena *a, const uint8_t key[32], Str about, Str sealed, Str *plain) {
  if (sealed.n < NONCE + TAG) return false;
  uint8_t *out = NEW_ARRAY(a, sealed.n, uint8_t);
  EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
  bool ok = c && decrypt(c, key, about, sealed, out);
  EVP_CIPHER_CTX_free(c);
  if (ok) *plain = (Str){ (const char *)out, sealed.n - NONCE - TAG };
  return ok;
}
