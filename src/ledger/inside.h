/* inside.h - leaves, the tree, notes: what the files of the ledger share. */
#pragma once
#include "ledger/ledger.h"

enum {
  LEAF_MAX_BYTES = 4096,
  RECORD_MAX_BYTES = 200,
  TREE_LEVELS = 63,
  NOTE_MAX_BYTES = 4096,
  SIGNER_MAX_BYTES = 16 * 1024
};
extern const Migration ledger_steps[];
extern const size_t ledger_nsteps;

/* ---- leaf.c ---- */

typedef struct Leaf {
  Str act, actor, auth, new_hex, obj, prev_hex, reason_hex, request, source, time, to;
  int64_t epoch, seq;
} Leaf;

Err leaf_write(Cx *cx, const Leaf *leaf, Str *text);      /* E_INVALID: no UTF-8; E_TOO_LARGE */
/* Only the one canonical form with exactly these keys.  Parts borrow from text, or are in a when they had escapes. */
bool leaf_read(Arena *a, Str text, Leaf *out);
/* "T-001" and 3 of "T-001@3"; rev 0 and all of it when it names no revision ("sbom:SBOM-0003", "user:a@7"). */
Str object_base(Str obj, int64_t *rev);
Hash reason_hash(Arena *a, Str salt, Str text);           /* SHA-256(salt || text); the salt is 32 hex digits */

/* ---- merkle.c ---- */

/* The complete subtrees of a tree, one for each bit of its size. */
typedef struct Tree { int64_t size; Hash at[TREE_LEVELS]; } Tree;
Hash leaf_hash(Str leaf);
Hash node_hash(Hash left, Hash right);
/* Adds a leaf; made[k] is the node of level k + 1 that is complete now, at index (size before) >> (k + 1). */
int tree_add(Tree *t, Hash leaf, Hash made[TREE_LEVELS]);
Hash tree_root(const Tree *t);

/* ---- log.c ---- */

/* What is remembered beside a store; true while nothing was undone since, or the last row is still `last`. */
typedef struct LogState {
  bool known;
  uint64_t undone;
  Tree tree;
  Hash last;
  int64_t last_t_us, epoch;
  Str origin;
  char origin_text[96];
} LogState;
Err log_state(Cx *cx, Store *s, LogState **out);
Err log_tree(Cx *cx, Store *s, int64_t size, Tree *out);  /* from the stored nodes; E_INTEGRITY: one is missing */
/* Levels that are kept: the others are at most two hashes away from one. */
enum { NODE_STEP = 3 };
Err node_read(Cx *cx, Store *s, int level, int64_t index, Hash *out);
/* Those of the n nodes that entry seq made which are kept. */
Err nodes_keep(Cx *cx, Store *s, int64_t seq, const Hash *made, int n);
/* The last `new` of an object's entries, "" when there is none. */
Err object_last(Cx *cx, Store *s, Str obj, Str *new_hex);
Str hash_or_none(Arena *a, Hash h);                       /* hex, "" for all zero */
bool hash_of_bytes(Str bytes, Hash *out);

/* ---- note.c: C2SP signed-note with a tlog-checkpoint in it ---- */

typedef struct LogKey { Str origin; uint8_t id[4], public[32]; } LogKey;
Str note_make(Arena *a, const SignKey *key, Str origin, TreeHead head);
/* The head that a note states; the signature is not looked at. */
bool note_read(Arena *a, Str note, Str *origin, TreeHead *head, Str *text);
bool note_valid(Arena *a, Str note, const LogKey *key, TreeHead *head);
Str key_text(Arena *a, Str origin, const uint8_t public_key[32]);   /* the verifier key: name+id+base64 */
bool key_read(Arena *a, Str text, LogKey *out);
Str secret_text(Arena *a, Str origin, const uint8_t seed[32]);
bool secret_read(Arena *a, Str text, Str *origin, SignKey *out);
const char *signer_path(Arena *a, const char *folder, const char *file);

/* ---- signer.c ---- */

typedef struct SignerState {
  const char *head_path;
  SignKey key;
  Str origin;
  TreeHead head;
  char note[NOTE_MAX_BYTES];
  size_t note_n;
} SignerState;
/* Paths and origin live in keep. */
Err signer_load(Cx *cx, const char *folder, Arena *keep, SignerState *out);
/* Answers one request; refusals are answers.  An error means that the state on disk is in doubt: stop. */
Err signer_answer(Cx *cx, SignerState *st, Str request, Buf *answer);

/* ---- archive.c, archive_read.c ---- */

enum { ARCHIVE_TILE = 256 };
Str archive_tile_path(Arena *a, const char *dir, Str level, int64_t n, int64_t width);
Str archive_content_path(Arena *a, const char *dir, Str hex);
/* What the archive has: size 0 when it is empty. */
Err archive_head(Cx *cx, const char *dir, Str *note, Str *origin, TreeHead *head);

/* ---- epoch.c ---- */

typedef struct Epoch { int64_t n, seq; Str body; LogKey old_key; bool has_key; } Epoch;

static inline Str number_text(Arena *a, int64_t n) { return str_fmt(a, "%lld", (long long)n); }

/* ---- verify ---- */

/* What walks added and scans of indexes took away; parts: how many of both came to their end. */
typedef struct IndexSums { uint64_t entry, revision; size_t parts; } IndexSums;

typedef struct Verify {
  Store *s;
  const VerifyPart *parts; size_t nparts;
  VerifyReport *r;
  Cx scratch;                 /* emptied as the rows go by */
  bool has_key, has_head;
  LogKey key;
  Str origin;
  int64_t epoch;              /* the first one */
  VEC(Epoch) epochs;          /* the later ones */
  int64_t at_epoch;           /* of the entry that is looked at */
  size_t next_epoch;          /* the one that comes next along the log */
  TreeHead signed_head;       /* the signer's own */
  int64_t first, last;        /* entries that a walk goes along; all: 0 and INT64_MAX */
  uint8_t sum_key[16];        /* nobody could know it when the store was written */
  IndexSums sums;
} Verify;
Err verify_epochs(Cx *cx, Verify *v);
void verify_epoch_start(Cx *cx, Verify *v, const Leaf *leaf, Hash root);
Err verify_timestamps(Cx *cx, Verify *v);
Err verify_log(Cx *cx, Verify *v);
Err verify_checkpoints(Cx *cx, Verify *v);
/* Whether a canonical body says at its top that it is of this type. */
bool body_states_type(Str body, Str type);
uint64_t entry_key_hash(const Verify *v, Str obj, int64_t seq);
uint64_t revision_key_hash(const Verify *v, Str record, int64_t rev, int64_t seq);
/* Entries below it are the same in all views: a walk adds their keys, the scan of the indexes those of the others. */
int64_t signed_before(const Verify *v);
Err verify_indexes(Cx *cx, Verify *v);
void index_sums_add(IndexSums *to, IndexSums from);
void index_sums_judge(Cx *cx, VerifyReport *r, IndexSums sums, size_t parts);
/* Groups of phases that need nothing of each other.  The walk along the log is apart: it can be done in stretches. */
enum { VERIFY_GROUPS = 6, VERIFY_STRETCH = 1 << 15 /* entries: whole nodes of a level that is kept */ };
Err verify_group(Cx *cx, Verify *v, size_t group);
const char *verify_group_name(size_t group);
/* Entries first..last. */
Err verify_stretch(Cx *cx, Verify *v, int64_t first, int64_t last);
/* All groups, in processes of their own.  like: what is known before any of them starts. */
Err verify_apart(Cx *cx, const char *folder, const Verify *like, VerifyReport *r);
