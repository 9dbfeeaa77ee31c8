/* whole.h - a whole instance as a folder of readable files, and an instance made from one.
 *
 *   proofline-export.json    which log, how long, its root, key and last checkpoint, and the hash of SHA256SUMS
 *   SHA256SUMS               of all other files, as sha256sum -c reads it
 *   records/TYPE/ID.json     a record: what it is, what was done to it, all its revisions
 *   log/000000.jsonl         the entries, 1,000 to a file: leaf, words of the reason and their salt
 *   tables/NAME.jsonl        rows that machines filled: people, SBOMs, verdicts, checks; the first line names the
 * columns blobs/ab/HASH            files by their SHA-256 The same instance gives the same bytes.  Passwords, second
 * factors, tokens and sessions stay where they are. doc/export.md describes it for others. */
#pragma once
#include "app/app.h"

/* What an export covers.  An instance that was made from an export and in which nothing was done since is exported as
 * what it was made from, so that the files are the same. */
typedef struct WholeScope {
  int64_t size;
  Str origin, root, key, note; /* of the log as it stands */
  Str source, source_blob;     /* proofline-export.json of what was imported; "": as the log stands */
} WholeScope;
Err whole_scope(Cx *cx, Store *s, const char *folder, WholeScope *out);

/* Gives each file to `put`, SHA256SUMS and proofline-export.json last; inside a view of the caller. */
typedef Err WholePut(Cx *cx, void *env, Str name, Str bytes);
typedef struct WholeCount {
  int64_t records, revisions, entries, blobs, rows, files;
  Str source_sha256;
} WholeCount;
Err whole_files(Cx *cx, Store *s, const WholeScope *scope, WholePut *put, void *env, WholeCount *count);
/* The tables whose rows go along, in their order; and those that only a copy of the same store holds: passwords, second
 * factors, tokens. */
extern const char *const whole_tables[], *const whole_own_tables[];
/* rows.c: a table as lines of JSON, and back.  E_INVALID: it is of another version of the program. */
extern const JsonLimits whole_file_limits;
Err whole_rows_write(Cx *cx, Store *s, const char *table, Buf *b, int64_t *count);
Err whole_rows_read(Cx *cx, Store *s, Str table, Str text);
#define WHOLE_SOURCE "proofline-export.json"
#define WHOLE_SUMS "SHA256SUMS"
enum { WHOLE_LOG_FILE = 1000 };

/* Into a folder that is empty or holds an earlier export, of which what no longer belongs goes. */
Err whole_export(Cx *cx, Store *s, const char *folder, const char *to, WholeCount *count);

/* Makes a new instance at `folder` from an export: beside it first, verified, exported again and compared byte by
 * byte with what was read, then moved there.  actor: login of one of its people.  key: the log's key as the importer
 * knows it, or NULL.  E_CONFLICT: there is something in the folder; E_INVALID and E_INTEGRITY name the file. */
typedef struct WholeImport {
  const char *from, *folder, *key;
  Str actor, reason;
} WholeImport;
Err whole_import(Cx *cx, const WholeImport *in, WholeCount *count);

/* Makes a closed store anew from the first `size` entries of its log; root: of them.  Not for a store in use. */
Err whole_cut(Cx *cx, const char *folder, int64_t size, Str *root);

/* Command export.all: says in the log that everything left. */
extern const Command whole_command;
