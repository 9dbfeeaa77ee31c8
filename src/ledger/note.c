/* C2SP signed-note and tlog-checkpoint: three lines (origin, size, root), an empty line, signature lines. */
#include "inside.h"
#include <string.h>

enum { ALGORITHM_ED25519 = 1 };
static const char dash[] = "\xe2\x80\x94 ";   /* U+2014 and a space */

const char *signer_path(Arena *a, const char *folder, const char *file) {
  return str_fmt(a, "%s/signer/%s", folder, file).p;
}

static void key_id(Arena *a, Str origin, const uint8_t public_key[32], uint8_t id[4]) {
  Buf b = buf_new(a, 512);
  buf_add(&b, origin);
  buf_byte(&b, '\n');
  buf_byte(&b, ALGORITHM_ED25519);
  buf_add(&b, (Str){ (const char *)public_key, 32 });
  Hash h = sha256(buf_str(&b));
  memcpy(id, h.b, 4);
}

static Str key_line(Arena *a, const char *prefix, Str origin, const uint8_t id[4], const uint8_t bytes[32]) {
  char typed[33] = { ALGORITHM_ED25519 };
  memcpy(typed + 1, bytes, 32);
  Str hex = hex_text(a, (Str){ (const char *)id, 4 }), b64 = base64(a, (Str){ typed, sizeof typed });
  return str_fmt(a, "%s%.*s+%.*s+%.*s\n", prefix, STR(origin), STR(hex), STR(b64));
}

Str key_text(Arena *a, Str origin, const uint8_t public_key[32]) {
  uint8_t id[4];
  key_id(a, origin, public_key, id);
  return key_line(a, "", origin, id, public_key);
}

Str secret_text(Arena *a, Str origin, const uint8_t seed[32]) {
  SignKey key;
  uint8_t id[4];
  sign_key_from_seed(seed, &key);
  key_id(a, origin, key.public, id);
  return key_line(a, "PRIVATE+KEY+", origin, id, seed);
}

/* name+id+base64: the base64 may hold '+' too, so the name ends at the first one. */
static bool key_parts(Arena *a, Str text, Str *origin, Str *hex, const uint8_t **bytes) {
  Str rest, typed;
  text = str_trim(text);
  if (!str_cut(text, '+', origin, &rest) || !str_cut(rest, '+', hex, &rest) || !origin->n || hex->n != 8) return false;
  if (!base64_read(a, rest, &typed) || typed.n != 33 || typed.p[0] != ALGORITHM_ED25519) return false;
  *bytes = (const uint8_t *)typed.p + 1;
  return true;
}

bool key_read(Arena *a, Str text, LogKey *out) {
  Str origin, hex;
  const uint8_t *bytes;
  if (!key_parts(a, text, &origin, &hex, &bytes)) return false;
  LogKey key = { .origin = origin };
  memcpy(key.public, bytes, 32);
  key_id(a, origin, key.public, key.id);
  if (!str_eq(hex_text(a, (Str){ (const char *)key.id, 4 }), hex)) return false;
  *out = key;
  return true;
}

bool secret_read(Arena *a, Str text, Str *origin, SignKey *out) {
  Str name, hex, prefix = S("PRIVATE+KEY+");
  const uint8_t *seed;
  if (!str_starts(text, prefix) || !key_parts(a, str_slice(text, prefix.n, text.n), &name, &hex, &seed)) return false;
  sign_key_from_seed(seed, out);
  *origin = name;
  return true;
}

Str note_make(Arena *a, const SignKey *key, Str origin, TreeHead head) {
  Str root = base64(a, hash_bytes(&head.root));
  Str text = str_fmt(a, "%.*s\n%lld\n%.*s\n", STR(origin), (long long)head.size, STR(root));
  uint8_t signed_part[4 + 64];
  key_id(a, origin, key->public, signed_part);
  sign_message(key, text, signed_part + 4);
  Str b64 = base64(a, (Str){ (const char *)signed_part, sizeof signed_part });
  return str_fmt(a, "%.*s\n%s%.*s %.*s\n", STR(text), dash, STR(origin), STR(b64));
}

bool note_read(Arena *a, Str note, Str *origin, TreeHead *head, Str *text) {
  Str rest = note, line[4], root;
  for (int i = 0; i < 4; i++)
    if (!str_cut(rest, '\n', &line[i], &rest)) return false;
  TreeHead found = { 0 };
  if (!line[0].n || line[3].n || !str_int(line[1], &found.size) || found.size < 0) return false;
  if (line[1].p[0] == '-' || (line[1].p[0] == '0' && line[1].n > 1)) return false;
  if (!base64_read(a, line[2], &root) || !hash_of_bytes(root, &found.root)) return false;
  *origin = line[0];
  *head = found;
  *text = str_slice(note, 0, (size_t)(line[3].p - note.p));
  return true;
}

bool note_valid(Arena *a, Str note, const LogKey *key, TreeHead *head) {
  Str origin, text, line, name, b64, bytes;
  if (!note_read(a, note, &origin, head, &text) || !str_eq(origin, key->origin)) return false;
  Str rest = str_slice(note, text.n + 1, note.n);
  while (str_cut(rest, '\n', &line, &rest)) {   /* others (witnesses) may have signed too */
    if (!str_starts(line, str_of(dash)) || !str_cut(str_slice(line, strlen(dash), line.n), ' ', &name, &b64))
      return false;
    if (!str_eq(name, key->origin)) continue;
    if (!base64_read(a, b64, &bytes) || bytes.n != 68 || memcmp(bytes.p, key->id, 4) != 0) continue;
    return sign_check(key->public, text, (const uint8_t *)bytes.p + 4);
  }
  return false;
}
