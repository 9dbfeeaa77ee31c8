/* Streams that only the holder of an offline key can read: a key drawn for each stream goes into an X25519 sealed
 * box, the stream itself is XChaCha20-Poly1305 in chunks whose order and end are part of what is authenticated. */
#include "crypto/crypto.h"
#include <sodium.h>
#include <string.h>

_Static_assert(STREAM_HEAD == crypto_box_SEALBYTES + crypto_secretstream_xchacha20poly1305_KEYBYTES +
                                  crypto_secretstream_xchacha20poly1305_HEADERBYTES,
               "head of a stream");
_Static_assert(STREAM_OVER == crypto_secretstream_xchacha20poly1305_ABYTES, "what a chunk grows by");
_Static_assert(sizeof(((BoxKey *)0)->secret) == crypto_box_SECRETKEYBYTES, "X25519");

enum { SEALED = crypto_box_SEALBYTES + crypto_secretstream_xchacha20poly1305_KEYBYTES };

struct Stream {
  crypto_secretstream_xchacha20poly1305_state state;
  uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
};

void box_key_new(BoxKey *out) { (void)crypto_box_keypair(out->public, out->secret); }

bool box_key_of(const uint8_t secret[32], BoxKey *out) {
  memcpy(out->secret, secret, sizeof out->secret);
  return crypto_scalarmult_base(out->public, secret) == 0;
}

Stream *stream_seal(Arena *a, const uint8_t to[32], uint8_t head[STREAM_HEAD]) {
  Stream *s = NEW(a, Stream);
  crypto_secretstream_xchacha20poly1305_keygen(s->key);
  if (crypto_box_seal(head, s->key, sizeof s->key, to) != 0) return NULL;
  (void)crypto_secretstream_xchacha20poly1305_init_push(&s->state, head + SEALED, s->key);
  return s;
}

static Stream *begin(Stream *s, const uint8_t head[STREAM_HEAD]) {
  return crypto_secretstream_xchacha20poly1305_init_pull(&s->state, head + SEALED, s->key) == 0 ? s : NULL;
}

Stream *stream_open(Arena *a, const BoxKey *k, const uint8_t head[STREAM_HEAD]) {
  Stream *s = NEW(a, Stream);
  return crypto_box_seal_open(s->key, head, SEALED, k->public, k->secret) == 0 ? begin(s, head) : NULL;
}

Stream *stream_reopen(Arena *a, const Stream *sealed, const uint8_t head[STREAM_HEAD]) {
  Stream *s = NEW(a, Stream);
  memcpy(s->key, sealed->key, sizeof s->key);
  return begin(s, head);
}

void stream_put(Stream *s, Str plain, Str about, bool last, uint8_t *out) {
  uint8_t tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0;
  (void)crypto_secretstream_xchacha20poly1305_push(&s->state, out, NULL, (const uint8_t *)plain.p, plain.n,
                                                   (const uint8_t *)about.p, about.n, tag);
}

bool stream_get(Stream *s, Str sealed, Str about, uint8_t *out, bool *last) {
  uint8_t tag = 0;
  bool good = crypto_secretstream_xchacha20poly1305_pull(&s->state, out, NULL, &tag, (const uint8_t *)sealed.p,
                                                         sealed.n, (const uint8_t *)about.p, about.n) == 0;
  *last = good && tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  return good;
}

void stream_end(Stream *s) {
  if (s) sodium_memzero(s, sizeof *s);
}
