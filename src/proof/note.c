/* SHA-256, Ed25519, base64 and RFC 3161 from libcrypto; policy, signed note and inclusion proof over them. */
#include "proof.h"
#include <openssl/evp.h>
#include <openssl/ts.h>
#include <stdlib.h>

#define DASH "\xe2\x80\x94 " /* U+2014 and a space */

Hash sha256(const Text *parts, size_t n) {
  static EVP_MD_CTX *ctx;
  Hash h;
  if (!ctx) ctx = EVP_MD_CTX_new();
  bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
  for (size_t i = 0; good && i < n; i++) good = EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) == 1;
  if (!good || EVP_DigestFinal_ex(ctx, h.b, NULL) != 1) abort(); /* no judgement without a hash */
  return h;
}

/* Whether the text has the first bytes of the hash as lower-case digits. */
static bool begins(Hash h, Text hex) {
  for (size_t i = 0; i < hex.n; i++)
    if (hex.p[i] != "0123456789abcdef"[i & 1 ? h.b[i / 2] & 15 : h.b[i / 2] >> 4]) return false;
  return true;
}

bool is_hex(Text t) { return t.n == 64 && only(t, "0123456789abcdef"); }
bool hash_is(Hash h, Text hex) { return hex.n == 64 && begins(h, hex); }
Hash hash_of(Text t) { return sha256(&t, 1); }

/* Exactly n bytes in the standard alphabet with padding, and no bit left over. */
bool base64(Text t, uint8_t *out, size_t n) {
  uint8_t raw[96], again[97];
  if (t.n != (n + 2) / 3 * 4 || t.n >= sizeof again) return false;
  if (EVP_DecodeBlock(raw, (const uint8_t *)t.p, (int)t.n) < 0) return false;
  (void)EVP_EncodeBlock(again, raw, (int)n);
  memcpy(out, raw, n);
  return memcmp(again, t.p, t.n) == 0;
}

/* NAME+hex(id)+base64(1, public key); the id follows from name and key. */
bool key_read(Text t, Key *out) {
  Key k = { 0 };
  Text id;
  uint8_t typed[33];
  if (!cut(&t, '+', &k.name) || !k.name.n || !cut(&t, '+', &id) || !base64(t, typed, sizeof typed) || typed[0] != 1)
    return false;
  Hash h = sha256((Text[]){ k.name, T("\n"), { (const char *)typed, sizeof typed } }, 3);
  if (id.n != 8 || !begins(h, id)) return false;
  memcpy(k.id, h.b, sizeof k.id);
  memcpy(k.public, typed + 1, sizeof k.public);
  *out = k;
  return true;
}

bool key_same(const Key *a, const Key *b) { return same(a->name, b->name) && !memcmp(a->public, b->public, 32); }

/* Takes the next word; spaces and tabs stand between words. */
static Text word(Text *line) {
  while (line->n && memchr(" \t", line->p[0], 2)) *line = from(*line, 1);
  Text w = { line->p, 0 };
  for (; line->n && !memchr(" \t", line->p[0], 2); w.n++) *line = from(*line, 1);
  return w;
}

const char *policy_read(Text t, Policy *out) {
  Policy p = { 0 };
  size_t quorums = 0;
  while (t.n) {
    Text line;
    if (!cut(&t, '\n', &line)) return "its last line does not end";
    Text first = word(&line);
    if (!first.n || first.p[0] == '#') continue;
    Text second = word(&line), third = word(&line);
    if (same(first, T("log"))) {
      if (p.n == KEYS_MAX || !key_read(second, &p.key[p.n++])) return "a line \"log\" holds no Ed25519 key";
    } else if (same(first, T("quorum")) && same(second, T("none")) && !third.n) quorums++;
    else return "it asks for more than a log's key, which this program cannot check";
  }
  if (!p.n) return "it names no log";
  if (quorums != 1) return "it needs one line \"quorum none\"";
  *out = p;
  return NULL;
}

static bool signed_by(const Key *key, Text message, const uint8_t signature[64]) {
  EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->public, sizeof key->public);
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  bool good = public && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, public) == 1 &&
              EVP_DigestVerify(ctx, signature, 64, (const uint8_t *)message.p, message.n) == 1;
  EVP_MD_CTX_free(ctx);
  EVP_PKEY_free(public);
  return good;
}

/* Lines of others (witnesses) may follow the log's own; the log's own comes first, so that each note has one form. */
static bool signatures(Text lines, const Key *key, Text message) {
  Text line, name;
  uint8_t typed[68];
  bool first = true;
  for (; lines.n; first = false) {
    if (!cut(&lines, '\n', &line) || !starts(line, T(DASH))) return false;
    line = from(line, sizeof DASH - 1);
    if (!cut(&line, ' ', &name) || !name.n || !line.n) return false;
    if (first && (!same(name, key->name) || !base64(line, typed, sizeof typed) || memcmp(typed, key->id, 4) != 0 ||
                  !signed_by(key, message, typed + 4)))
      return false;
  }
  return !first;
}

const Key *key_of(const Policy *policy, Text origin) {
  for (size_t i = 0; i < policy->n; i++)
    if (same(policy->key[i].name, origin)) return &policy->key[i];
  return NULL;
}

const char *note_read(Text note, const Policy *policy, Head *out) {
  Head h = { 0 };
  Text rest = note, size, root, empty, instance, part;
  if (!cut(&rest, '\n', &h.origin) || !cut(&rest, '\n', &size) || !cut(&rest, '\n', &root) ||
      !cut(&rest, '\n', &empty) || !number(size, &h.size) || !base64(root, h.root.b, sizeof h.root.b) || empty.n)
    return "it is no signed head of a log";
  instance = h.origin;
  if (!cut(&instance, '/', &part) || !same(part, T("proofline")) || !cut(&instance, '/', &part) || !part.n ||
      !number(instance, &h.epoch))
    return "its first line is no name of a log";
  const Key *key = key_of(policy, h.origin);
  if (!key) return "it is of a log that the policy does not name";
  if (!signatures(rest, key, (Text){ note.p, (size_t)(empty.p - note.p) }))
    return "it is not signed with the policy's key";
  *out = h;
  return NULL;
}

static Hash node(Hash left, Hash right) {
  return sha256((Text[]){ { "\x01", 1 }, { (const char *)left.b, 32 }, { (const char *)right.b, 32 } }, 3);
}

/* RFC 9162, 2.1.3.2.  What stands left of the way up is the tree over all entries before: its root is *before. */
static bool included(int64_t index, int64_t size, Hash leaf, Text lines, Hash root, Hash *before) {
  int64_t at = index, last = size - 1;
  Text line;
  Hash r = leaf, p;
  bool some = false;
  if (index >= size) return false;
  for (; lines.n; at >>= 1, last >>= 1) {
    if (last == 0 || !cut(&lines, '\n', &line) || !base64(line, p.b, sizeof p.b)) return false;
    if ((at & 1) || at == last) {
      r = node(p, r);
      *before = some ? node(p, *before) : p;
      some = true;
      for (; at && !(at & 1); at >>= 1) last >>= 1;
    } else r = node(r, p);
  }
  return last == 0 && memcmp(r.b, root.b, 32) == 0;
}

bool proof_ok(Text proof, int64_t seq, const Hash *leaf, const Head *head, Text note, Hash *before) {
  Text rest = proof, line;
  int64_t index;
  Hash h;
  if (!cut(&rest, '\n', &line) || !same(line, T("c2sp.org/tlog-proof@v1")) ||
      (!leaf && (!cut(&rest, '\n', &line) || !starts(line, T("extra ")) || !base64(from(line, 6), h.b, 32))) ||
      !cut(&rest, '\n', &line) || !starts(line, T("index ")) || !number(from(line, 6), &index) || index != seq ||
      rest.n <= note.n || !same(from(rest, rest.n - note.n), note))
    return false;
  rest.n -= note.n + 1;
  if (rest.p[rest.n] != '\n') return false;
  return included(seq, head->size, leaf ? *leaf : h, rest, head->root, before);
}

bool stamp_ok(Text reply, Hash of) {
  const uint8_t *at = (const uint8_t *)reply.p, *end = at + reply.n;
  TS_RESP *r = reply.n < 65536 ? d2i_TS_RESP(NULL, &at, (long)reply.n) : NULL;
  TS_TST_INFO *info = r && at == end ? TS_RESP_get_tst_info(r) : NULL;
  ASN1_OCTET_STRING *hash = info ? TS_MSG_IMPRINT_get_msg(TS_TST_INFO_get_msg_imprint(info)) : NULL;
  bool good = hash && ASN1_STRING_length(hash) == 32 && memcmp(ASN1_STRING_get0_data(hash), of.b, 32) == 0 &&
              PKCS7_verify(TS_RESP_get_token(r), NULL, NULL, NULL, NULL, PKCS7_NOVERIFY) == 1;
  TS_RESP_free(r);
  return good;
}
