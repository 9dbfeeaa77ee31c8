/* ledger.h - the log of everything that somebody did, and the revisions that it speaks of.
 *
 * Floor 2.  Includes base, format, crypto, store.
 *
 * Entries are the leaves of one Merkle tree (RFC 6962/9162): leaf hash SHA-256(0x00 || leaf), node
 * SHA-256(0x01 || left || right); doc/log.md has the format with an example.
 * A leaf is canonical JSON with these keys (all present, "" when not applicable; integers only):
 *   act actor auth epoch new obj prev reason req seq src t to type v
 *   act    what: "record.save", "record.step", "sbom.import", "refused", ...
 *   obj    on what: "T-001@3", "sbom:SBM-0003", "user:U000012"
 *   to     the state that a step leads to, else ""
 *   new, prev  SHA-256 of the content after and before: of a revision's body, or of the rows of a fact (ledger_fact)
 *   reason SHA-256(salt || text), text and salt in a side table: the words can be erased, the commitment stays
 *   t      RFC 3339 UTC microseconds, never decreasing;  type "proofline.leaf/1";  v 1
 *
 * Checkpoints are C2SP tlog-checkpoint notes signed by the signer process, which signs only with a consistency proof
 * from the last head that it signed.  They are kept in the store and in the signer's own file.
 *
 * Every table of the store is one of:  truth (entry, revision, blob), derived (recomputed and compared by verify),
 * fact (its rows' digest is in the entry that wrote them), passing (sessions, jobs: not evidence). */
#pragma once
#include "crypto/crypto.h"
#include "format/format.h"
#include "store/store.h"

/* ---- writing, inside a transaction ----------------------------------------------------------------------------- */

typedef struct Entry {
  Str act, actor, auth, obj, source, request, to;
  Str reason;                  /* clear text; kept in the side table */
  Hash new_hash, prev_hash;    /* all zero: none */
  int64_t t_us;
} Entry;

Err ledger_create(Cx *cx, Store *s, Str instance);        /* tables and the empty tree; instance: a UUID */
Err ledger_open(Cx *cx, Store *s);                        /* the writer, after store_open(): tables up to date */
Err ledger_origin(Cx *cx, Store *s, Str *origin);         /* "proofline/INSTANCE/EPOCH"; lives as long as the store */
Err ledger_append(Cx *cx, Store *s, const Entry *e, int64_t *seq);
/* Takes the words of an entry's reason away (GDPR Art. 17); the commitment stays.  e: who, when, why; act and obj are
 * made here ("reason.erase", "reason:SEQ").  E_NOTFOUND: it has none. */
Err ledger_erase_reason(Cx *cx, Store *s, int64_t seq, const Entry *e, int64_t *erased_by);
/* Time for the next entry: max(cx->now_us, last + 1). */
Err ledger_clock(Cx *cx, Store *s, int64_t *t_us);

/* Revisions: append-only bodies in canonical JSON, named by their SHA-256.  body must be canonical already and state
 * its "type" (r->type); revisions count 1, 2, 3 without gaps.  r: record, type, rev, body; e: act, actor, auth, source,
 * request, reason, to, t_us; obj, new and prev are made here.  Writes the revision and its entry in one go.
 * E_CONFLICT when rev is not the next one.
 * An entry about "X@n" that gives a new_hash of its own must give the hash of that revision: verify checks it. */
typedef struct Revision {
  Str record, type; int64_t rev; Str body; Hash hash; int64_t seq, t_us; Str actor;
} Revision;
Err ledger_revise(Cx *cx, Store *s, const Revision *r, const Entry *e, int64_t *seq);
Err ledger_revision(Cx *cx, Store *s, Str record, int64_t rev, Revision *out);   /* rev 0: the last; E_NOTFOUND */

/* ---- facts: tables that machines fill -------------------------------------------------------------------------- */

/* `rows` selects all rows of one object (?1 = key) in a fixed order; `keys` lists all keys. */
typedef struct Fact { const char *name; const Sql *rows; const Sql *keys; } Fact;
/* SHA-256 over the rows in a canonical encoding, to be given as new_hash of the entry with obj "name:key". */
Err ledger_fact(Cx *cx, Store *s, const Fact *f, Str key, Hash *out);
/* ledger_fact and ledger_append in one; e->obj is made here. */
Err ledger_fact_entry(Cx *cx, Store *s, const Fact *f, Str key, const Entry *e, int64_t *seq);

/* ---- reading --------------------------------------------------------------------------------------------------- */

typedef struct TreeHead { int64_t size; Hash root; } TreeHead;
Err ledger_head(Cx *cx, Store *s, TreeHead *out);

typedef struct LogRow {
  int64_t seq, t_us; Str act, actor, auth, obj, to, source, reason, salt, request, new_hex, prev_hex, leaf; Hash hash;
} LogRow;
typedef VEC(LogRow) LogRows;
/* Entries from..to (inclusive), newest first when from > to.  obj: STR_NONE for all, "T-001" for all its revisions,
 * "T-001@3" for one.  reason (and the salt of its
 * commitment) is STR_NONE when there was none or it was erased. */
Err ledger_entries(Cx *cx, Store *s, Str obj, int64_t from, int64_t to, size_t limit, LogRows *out);

/* How many entries the log had at a moment: all with t <= t_us. */
Err ledger_size_at(Cx *cx, Store *s, int64_t t_us, int64_t *size);

typedef struct Proof { Hash *hash; size_t n; } Proof;
Err ledger_inclusion(Cx *cx, Store *s, int64_t seq, int64_t size, Proof *out);
Err ledger_consistency(Cx *cx, Store *s, int64_t old_size, int64_t new_size, Proof *out);
bool proof_inclusion_ok(int64_t seq, int64_t size, Hash leaf, const Proof *p, Hash root);
bool proof_consistency_ok(int64_t old_size, int64_t new_size, const Proof *p, Hash old_root, Hash new_root);

/* ---- another log, as it is (copy.c): for a store that is made from an export or the first part of a log --------- */

/* Appends a leaf of another log: the next seq, the same hash.  salt and reason: STR_NONE when there is none or it was
 * erased.  E_INVALID: it is no leaf, not the next one, or its reason is not what it commits to. */
Err ledger_copy_entry(Cx *cx, Store *s, Str leaf, Str salt, Str reason);
/* The revision that entry seq made.  E_INVALID: the entry says another one. */
Err ledger_copy_revision(Cx *cx, Store *s, int64_t seq, Str body);
/* The checkpoints of the first `size` entries, from the same log. */
Err ledger_copy_checkpoints(Cx *cx, Store *from, Store *to, int64_t size);
/* The key's and a checkpoint's own words; false when the note is not signed by that key. */
bool ledger_note_ok(Arena *a, Str key, Str note, Str *origin, TreeHead *head);

/* ---- checkpoints and the signer -------------------------------------------------------------------------------- */

/* The signer: holds key and last signed head in folder/signer/ (key, key.pub, head).  Answers over fd until it is
 * closed; see signer.c for the messages.  origin: ledger_origin().  E_CONFLICT: there is a key already. */
Err signer_create(Cx *cx, const char *folder, Str origin);
Err signer_run(Cx *cx, const char *folder, int fd);
typedef struct Signer { int fd; int pid; } Signer;
Err signer_fork(Cx *cx, const char *folder, Signer *out);         /* for the CLI as writer; supervisor forks its own */
void signer_close(Signer *s);
/* Has the head signed and keeps the note, in a transaction of its own: call it between transactions.  Nothing to do
 * when it is signed already.  Reads what was added since the last signed head back and hashes it again first.
 * E_INTEGRITY: the store is behind the signer or does not continue what it signed.  E_BUSY: no answer. */
Err ledger_checkpoint(Cx *cx, Store *s, Signer *signer);
/* The last one kept: size 0 and an empty note when there is none. */
Err ledger_last_checkpoint(Cx *cx, Store *s, TreeHead *head, Str *note);

/* ---- anchors: memories of the log outside the store ------------------------------------------------------------- */

/* Brings an archive folder up to the last checkpoint: tiles as in C2SP tlog-tiles, content by hash, the checkpoint
 * last. Costs what is new.  E_INTEGRITY: the archive knows more, or other, entries.  E_CONFLICT: it is of another log
 * or epoch. */
Err ledger_archive(Cx *cx, Store *s, const char *dir, int64_t *size);
/* The same way back (archive_read.c): what an archive holds, believed only where a hash says so.
 * E_NOTFOUND: there is no archive.  E_INTEGRITY: its checkpoint is not signed by this key (text of signer/key.pub). */
typedef struct ArchiveLog { const char *dir; Str origin, note; TreeHead head; } ArchiveLog;
Err ledger_archive_open(Cx *cx, const char *dir, Str key, ArchiveLog *out);
/* Entries from..to-1 as they were, into s, which has `from` of them.  Words that are damaged or missing are left out
 * and counted.  E_INTEGRITY: an entry cannot be read. */
Err ledger_archive_entries(Cx *cx, const ArchiveLog *a, Store *s, int64_t from, int64_t to, int64_t *wordless);
/* E_NOTFOUND; E_INTEGRITY: it is not what its name says. */
Err ledger_archive_content(Cx *cx, const ArchiveLog *a, Str hash_hex, Str *bytes);
typedef VEC(Str) ContentNames;
Err ledger_archive_names(Cx *cx, const ArchiveLog *a, ContentNames *out);
/* The archive's checkpoint and timestamps, into a store with the entries that they speak of. */
Err ledger_archive_checkpoint(Cx *cx, const ArchiveLog *a, Store *s);
Err ledger_archive_stamps(Cx *cx, const ArchiveLog *a, Store *s);
/* The root of the first `size` entries.  E_INTEGRITY: the log is shorter or damaged. */
Err ledger_root_at(Cx *cx, Store *s, int64_t size, Hash *out);
/* A head that somebody kept: on paper, in an archive, in a receipt. */
typedef enum AnchorIs { ANCHOR_SAME, ANCHOR_OTHER_LOG, ANCHOR_NEWER, ANCHOR_OTHER_ROOT, ANCHOR_BAD_SIGNATURE } AnchorIs;
typedef struct Anchor { Str origin; TreeHead head; bool is_signed; AnchorIs is; } Anchor;
/* text: a checkpoint, a receipt (its checkpoint counts), or what was typed from paper: origin, size and the root in hex
 * groups, in this order.  E_INVALID: it is none of these. */
Err ledger_anchor_check(Cx *cx, Store *s, Str text, Anchor *out);
/* c2sp.org/tlog-proof@v1 of an entry under the last checkpoint.  E_CONFLICT: not signed yet. */
Err ledger_receipt(Cx *cx, Store *s, int64_t seq, Str *out);

/* Timestamps of an authority (RFC 3161) over checkpoints.  A request waits in the store until its reply comes, hours or
 * days later, by whatever way. */
typedef struct Timestamp { int64_t size, stamped_us; Str request, reply, told, note; } Timestamp; /* reply.n 0: waits */
typedef VEC(Timestamp) Timestamps;
Err ledger_timestamps(Cx *cx, Store *s, Timestamps *out);                      /* the newest first */
/* For the last checkpoint, in a transaction; the request that waits already, if there is one.  e: who and when; act,
 * obj ("timestamp:SIZE") and new are made here.  E_CONFLICT: it is stamped already, or there is none. */
Err ledger_timestamp_ask(Cx *cx, Store *s, const Entry *e, Timestamp *out);
/* Takes a reply to one of the requests, in a transaction.  ca_pem: the authority's roots; empty: its certificate is not
 * checked, and told says so.  E_INVALID: it answers none of the requests, is refused or not rightly signed. */
Err ledger_timestamp_take(Cx *cx, Store *s, Str reply, Str ca_pem, const Entry *e, Timestamp *out);

/* ---- epochs ---------------------------------------------------------------------------------------------------- */

/* Whether the log continues what its signer signed last; the writer asks before it writes anything.  E_INTEGRITY: an
 * older or another database was put here, or the folder was restored without its key; says what to do. */
Err ledger_continues(Cx *cx, Store *s);
/* Goes on in a new epoch, in a transaction: the entry "epoch.start" about "epoch:N" states what was kept, what had
 * been signed, the old key and the new one, which is made in folder/next/.  e: who, when and why.  After the commit
 * ledger_epoch_keys() puts the new key in place and removes the old one; the writer also calls it when it opens a
 * store, in case that it was interrupted.  E_CONFLICT: there is no need.  E_DENIED: not two different people. */
typedef struct EpochAsk { Str by[2]; } EpochAsk;
Err ledger_epoch_start(Cx *cx, Store *s, const EpochAsk *ask, const Entry *e, int64_t *seq);
Err ledger_epoch_keys(Cx *cx, Store *s);

/* ---- verifying ------------------------------------------------------------------------------------------------- */

typedef struct Finding { Str kind, object, what; } Finding;       /* kind: "entry" "node" "revision" "projection" ... */
typedef struct VerifyReport {
  int64_t entries, revisions, facts, blobs, signatures_valid, signatures_invalid, tables;
  TreeHead head;
  int64_t busy_us;              /* processor time of the process that worked longest; 0 when none was started */
  VEC(Finding) findings;
} VerifyReport;
/* What the floors above check themselves: their facts, and a callback that re-derives their tables and compares. */
typedef struct VerifyPart {
  const char *name;
  const Fact *facts; size_t nfacts;
  Err (*derived)(Cx *cx, Store *s, VerifyReport *report);          /* may be NULL */
  const char *const *tables; size_t ntables;                       /* tables that this part answers for */
  /* What made them: the texts of tables, indexes and triggers are compared, and a trigger of nobody is a finding. */
  const Migration *steps; size_t nsteps;
} VerifyPart;
/* Recomputes every leaf, node, root, revision and fact; checks checkpoints against the signer's own file, order of
 * time, every revision has its entry and every entry its revision, the engine's own check, that no table exists that
 * no part answers for and no trigger that no step makes.  Findings are the result; an error means that it could not
 * be done.
 * The last fact entry of an object is the last one about "name:key" with a new_hash; zero rows have a digest too. */
Err ledger_verify(Cx *cx, Store *s, const VerifyPart *parts, size_t n, VerifyReport *report);
/* The same of a folder, on all processors: groups of these checks run in processes of their own, and one that ends
 * before its end is a finding.  For a process that has no store open. */
Err ledger_verify_folder(Cx *cx, const char *folder, const VerifyPart *parts, size_t n, VerifyReport *report);
/* Compares an archive with the log; findings of kind "archive". */
Err ledger_archive_verify(Cx *cx, Store *s, const char *dir, VerifyReport *report);
void verify_find(Cx *cx, VerifyReport *r, const char *kind, Str object, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* An entry for each object of a fact whose rows are not those that its last entry speaks of; obj and new are made
 * here. */
Err ledger_restate(Cx *cx, Store *s, const VerifyPart *parts, size_t n, const Entry *e, int64_t *count);
