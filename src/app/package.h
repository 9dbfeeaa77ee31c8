/* package.h - records with their whole history and its proofs in one file that others can check without us.
 *
 * doc/package.md has the format; src/proof/ and test/verify/verify.py check it, each on its own. */
#pragma once
#include "app/app.h"

/* What is packed, fixed before the log speaks of it. */
typedef VEC(ZipFile) ZipFiles;
typedef struct ProofPackage {
  ZipFiles files;    /* all that `content` lists */
  VEC(int64_t) seqs; /* entries among them */
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
