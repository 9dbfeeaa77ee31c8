/* proof.h - proofline-verify: is a package what its log vouches for?
 *
 * A program of its own: it includes no other folder, knows no database and no network, and writes no file.  SHA-256 and
 * Ed25519 are libcrypto's; all else is here, to be read in an afternoon.  doc/package.md says what is checked.
 * zip.c: the archive.  json.c: canonical JSON.  note.c: keys, notes, tree.  chain.c: epochs, stamps.  check.c: rest.
 * Nothing that a package states is believed before it is checked, or printed unless it is a name of allowed letters. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
typedef struct Text { const char *p; size_t n; } Text; /* borrowed; not ended by a zero */
#define T(literal) ((Text){ "" literal, sizeof(literal) - 1 })
#define TEXT(t) (int)(t).n, (t).p /* for "%.*s" */
static inline bool same(Text a, Text b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
static inline bool starts(Text t, Text with) { return t.n >= with.n && memcmp(t.p, with.p, with.n) == 0; }
static inline Text from(Text t, size_t at) { return (Text){ t.p + at, t.n - at }; }
int order(Text a, Text b);                            /* bytewise */
/* Takes the text before the next `end` off *rest; false when there is none. */
bool cut(Text *rest, char end, Text *out);
bool only(Text t, const char *letters);               /* has no other ones */
/* A whole number without sign and leading zeroes, below 2^53. */
bool number(Text t, int64_t *out);
/* Zeroed memory that is never given back: the program ends soon.  Never NULL: without memory it ends at once. */
void *room(size_t n, size_t each);
/* One line: kind, object, what is wrong. */
void finding(const char *kind, Text object, const char *what);
extern size_t findings;

typedef struct File { Text name, bytes; bool used; } File;
typedef struct Zip { File *file; size_t n; } Zip;
/* Only the one layout that doc/package.md allows, so that no byte is left over in which two readers could differ.
 * NULL when it is that, else what is wrong. */
const char *zip_read(Text bytes, Zip *out);
File *zip_find(const Zip *z, Text name);              /* NULL: none */
bool name_ok(Text name);

/* RFC 8785, without fractions, null and keys that are not ASCII. */
typedef enum Kind { J_OBJECT, J_ARRAY, J_STRING, J_NUMBER, J_BOOL } Kind;
/* Values in the order of the text; `end` is the index behind a value and all that is in it. */
typedef struct Value { Kind kind; Text key, text; int64_t number; size_t end; } Value;
typedef struct Json { Value *at; size_t n; } Json;
/* text of a string: as written between the quotes (one text has one spelling); of an object or array: all of it. */
bool json_read(Text t, Json *out);
/* Member of the object at `object`; 0 when there is none (0 is the root). */
size_t json_member(const Json *j, size_t object, Text key);
/* Whether the object has exactly these keys, which are in order, each with a space behind it. */
bool json_has(const Json *j, size_t object, const char *keys);
Text json_text(const Json *j, size_t object, const char *key);     /* "" when absent or no string */
int64_t json_number(const Json *j, size_t object, const char *key); /* -1 when absent or no number */
Text json_plain(Text written);                        /* the string itself, escapes undone */

typedef struct Hash { uint8_t b[32]; } Hash;
Hash sha256(const Text *parts, size_t n);
Hash hash_of(Text t);
bool hash_is(Hash h, Text hex);                       /* 64 lower-case digits */
bool is_hex(Text t);
typedef struct Key { Text name; uint8_t id[4], public[32]; } Key;
enum { KEYS_MAX = 32 };
typedef struct Policy { Key key[KEYS_MAX]; size_t n; } Policy;
typedef struct Head { Text origin; int64_t size, epoch; Hash root; } Head;
/* NULL when it is a policy without witnesses, else what is wrong. */
const char *policy_read(Text t, Policy *out);
const Key *key_of(const Policy *policy, Text origin); /* NULL: none */
bool key_same(const Key *a, const Key *b);
bool key_read(Text t, Key *out);                      /* NAME+hex(id)+base64(1, public key) */
bool base64(Text t, uint8_t *out, size_t n);          /* exactly n bytes, 71 at most, in their one spelling */
/* NULL when a key of the policy signed it, else what is wrong. */
const char *note_read(Text note, const Policy *policy, Head *out);
/* A c2sp.org/tlog-proof@v1 of a leaf (its hash; NULL: in its line "extra")?  before: root over entries before it. */
bool proof_ok(Text proof, int64_t seq, const Hash *leaf, const Head *head, Text note, Hash *before);
/* Whether the reply of an authority (RFC 3161) stamps this hash and is signed, by whomever. */
bool stamp_ok(Text reply, Hash of);
typedef struct Entry {
  int64_t seq, epoch;
  Text act, actor, obj, new_hex, prev, reason, time, to;
  Hash before; /* the root over the entries before it */
  bool claimed;
} Entry;
typedef struct Package {
  Zip zip;
  Json manifest, content, people;
  Policy policy; /* the reader's */
  Head head;
  Text note, yours;
  Entry *entry, *export; /* entry: n of them, in order */
  size_t n;
} Package;
Entry *entry_find(const Package *p, int64_t seq);     /* NULL: none */
/* The file whose name is these parts in a row, which is then used; NULL: none. */
File *use(const Package *p, const Text *part, size_t n);
/* chain.c: how the log came to its name and key, and who stamped its heads. */
void check_chain(Package *p);
void check_stamps(Package *p);
/* All checks, in stages; a stage is not begun when the one before it has findings.  policy: the reader's own; p NULL:
 * the one in the package, which then proves nothing about whose log it is. */
void check(Text package, Text policy);
