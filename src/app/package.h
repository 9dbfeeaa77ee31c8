/* package.h - records with their whole history and its proofs in one file that others can check without us.
 *
 * doc/package.md has the format; src/proof/ and test/verify/verify.py check it, each on its own. */
#pragma once
#include "app/app.h"

/* What is packed, fixed before the log speaks of it. */
enum { PACKAGE_FILE_MAX = 256 << 20 };
typedef VEC(ZipFile) ZipFiles;
typedef VEC(int64_t) Seqs;
typedef struct ProofPackage {
  ZipFiles files;    /* all that `content` lists */
  Seqs seqs;         /* entries among them */
  Seqs stamps;       /* sizes of heads that an authority stamped */
  Str asked, content; /* content: its canonical JSON */
  Str hash_hex;      /* of content: what the log's entry names */
  size_t records, revisions;
} ProofPackage;

/* Reads records (by id), their revisions, entries and reasons, and the entries that made the people's accounts.
 * by: who exports. */
Err package_gather(Cx *cx, Store *s, Str asked, Str by, const Str *ids, size_t n, ProofPackage *out);
/* Adds what exists only after the log has entry `seq` about it: that entry, proofs, checkpoint, manifest.
 * E_BUSY: the newest signed head does not cover the entry yet. */
Err package_finish(Cx *cx, Store *s, const ProofPackage *p, int64_t seq, Str *zip);

/* package.export: says in the log who took what out (21 CFR 11.10(b)). */
extern const Command package_command;

/* ---- package_log.c, for package.c ---- */

void package_add(Cx *cx, ProofPackage *p, Str name, Str bytes);
void package_sort(ProofPackage *p);
Str package_hex(Cx *cx, Str bytes);
void package_files(Cx *cx, JsonOut *o, const ZipFiles *files); /* member "files": names and hashes */
/* Adds what each epoch and each import began with; out: their entries, in order. */
Err package_chain(Cx *cx, Store *s, ProofPackage *p, LogRows *out);
/* Adds the heads of the log that an authority stamped, as far as one of the entries is older than no earlier stamp. */
Err package_stamps(Cx *cx, Store *s, ProofPackage *p);
