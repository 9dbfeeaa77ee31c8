/* crypto.h - hashes, signatures, passwords, random: thin, over OpenSSL (hashes) and libsodium (Ed25519, Argon2id).
 *
 * Floor 1.  Includes base.  Nothing home-made. */
#pragma once
#include "base/base.h"

typedef struct Hash { uint8_t b[32]; } Hash;

Err crypto_start(Cx *cx);                          /* before anything else here but sha256: that starts itself */
Hash sha256(Str s);
Hash sha256_two(uint8_t prefix, Str a, Str b);     /* SHA-256(prefix || a || b): Merkle nodes */
Hash sha256_one(uint8_t prefix, Str a);            /* SHA-256(prefix || a): Merkle leaves */
typedef struct Sha256 Sha256;                      /* streaming */
Sha256 *sha256_new(Arena *a);
void sha256_add(Sha256 *s, Str bytes);
Hash sha256_now(const Sha256 *s);                  /* of what was added so far; more may follow */
Hash sha256_end(Sha256 *s);                        /* also frees; once */
Hash hmac_sha256(Str key, Str message);
bool hash_eq(Hash a, Hash b);
void hmac_sha1(Str key, Str message, uint8_t out[20]);   /* for RFC 4226 alone */
bool bytes_eq_secret(Str a, Str b);                /* constant time */
Str hash_hex(Arena *a, Hash h);
bool hash_from_hex(Str hex, Hash *out);
bool hash_is_hex(Hash h, Str hex);                 /* 64 lower-case digits */
Str hash_bytes(const Hash *h);                     /* borrowed 32 bytes */

/* SipHash-2-4: sums of it tell whether two sets are the same, to anyone who could not know the key. */
uint64_t keyed_hash(const uint8_t key[16], Str s);

Str base64(Arena *a, Str bytes);
bool base64_read(Arena *a, Str text, Str *bytes);
Str base32(Arena *a, Str bytes);                   /* RFC 4648 without padding */
Str hex_text(Arena *a, Str bytes);
void random_bytes(uint8_t *p, size_t n);
Str random_hex(Arena *a, size_t bytes);

typedef struct SignKey { uint8_t secret[64]; uint8_t public[32]; } SignKey;   /* Ed25519 */
void sign_key_new(SignKey *out);
void sign_key_from_seed(const uint8_t seed[32], SignKey *out);
void sign_message(const SignKey *k, Str message, uint8_t out[64]);
bool sign_check(const uint8_t public_key[32], Str message, const uint8_t signature[64]);

/* AES-256-GCM: nonce || ciphertext || tag.  about: where the seal belongs, so that it cannot be moved elsewhere. */
Str seal(Arena *a, const uint8_t key[32], Str about, Str plain);
bool unseal(Arena *a, const uint8_t key[32], Str about, Str sealed, Str *plain);   /* false: not what was sealed */

/* Argon2id in PHC form.  memory in KiB.  E_LIMIT when memory cannot be had. */
Err password_hash(Cx *cx, Str password, uint32_t kib, uint32_t passes, Str *phc);
bool password_check(Str phc, Str password);        /* false also for a broken phc; costs the same */

/* RFC 3161: the request for a timestamp over a hash, and what a reply proves.  ca_pem: the roots that are trusted;
 * empty: the signature is checked, but not whose it is.  The authority's certificate must have been good when it
 * stamped. */
typedef struct Stamp { int64_t at_us; Str authority; } Stamp;
Err timestamp_request(Cx *cx, Hash of, Str *der);
bool timestamp_is_of(Str request, Hash of);
bool timestamp_check(Arena *a, Str request, Str reply, Str ca_pem, Stamp *out);

/* ---- streams to an offline key (stream.c): backups ---- */

typedef struct BoxKey { uint8_t secret[32], public[32]; } BoxKey;      /* X25519 */
void box_key_new(BoxKey *out);
bool box_key_of(const uint8_t secret[32], BoxKey *out);
/* STREAM_HEAD bytes, then chunks of at most STREAM_CHUNK plain bytes, each STREAM_OVER longer when sealed.  `about` is
 * bound to its chunk without being in it.  The last chunk says so: a stream that was cut does not end. */
enum { STREAM_CHUNK = 65536, STREAM_OVER = 17, STREAM_HEAD = 104 };
typedef struct Stream Stream;
Stream *stream_seal(Arena *a, const uint8_t to[32], uint8_t head[STREAM_HEAD]);            /* NULL: no such key */
Stream *stream_open(Arena *a, const BoxKey *k, const uint8_t head[STREAM_HEAD]);           /* NULL: not to this key */
/* To read what was just written back, with the key that the writer still holds. */
Stream *stream_reopen(Arena *a, const Stream *sealed, const uint8_t head[STREAM_HEAD]);
void stream_put(Stream *s, Str plain, Str about, bool last, uint8_t *out);         /* plain.n + STREAM_OVER bytes */
/* out: sealed.n - STREAM_OVER bytes; sealed.n is at least STREAM_OVER.  false: it is not what was written. */
bool stream_get(Stream *s, Str sealed, Str about, uint8_t *out, bool *last);
void stream_end(Stream *s);                                            /* forgets the key; NULL is fine */
