/* backup.h - the whole store in one encrypted file, and back.
 *
 * A backup file: the line "proofline.backup/1", one line of JSON that anybody may read (BackupInfo), the head of a
 * stream (crypto.h) to the offline key, and the stream: a tar.zst of proofline.db, proofline.toml, signer/key.pub,
 * signer/head and feeds/.  Both lines are bound to the stream's first chunk.  doc/backup.md has the format for
 * others. What is not in it: the log's signing key and secret.key.  A restored store therefore cannot pass for the
 * one that was lost: it goes on in a new epoch. */
#pragma once
#include "app/app.h"

typedef struct BackupInfo {
  Str path, created, origin, root, key_id, upto; /* created, upto: RFC 3339; upto: time of the last entry */
  int64_t size;                                  /* entries of the log */
  int64_t bytes;                                 /* unpacked */
  Str head;                                      /* both lines and the stream's head, as they stand in the file */
} BackupInfo;

/* ---- keys ---------------------------------------------------------------------------------------------- */

Str backup_key_text(Arena *a, const char *kind, const uint8_t key[32]); /* kind: "public" or "secret" */
/* E_NOTFOUND, E_INVALID: names the file, and when the other half of the pair was given. */
Err backup_key_read(Cx *cx, const char *path, const char *kind, uint8_t key[32]);
Str backup_key_id(Arena *a, const uint8_t public[32]);
#define BACKUP_KEY_FILE "backup.pub" /* in the data folder */

/* ---- the file (file.c) --------------------------------------------------------------------------------- */

Err backup_info(Cx *cx, const char *path, BackupInfo *out); /* E_FORMAT: no backup of ours */
/* Writes info and files; *stream is for reading it back.  The file is synced, under `path`. */
Err backup_write(Cx *cx, const char *path, BackupInfo *info, const uint8_t to[32], const PackIn *files, size_t n,
                 Stream **stream);
/* Unpacks into an existing, empty folder.  stream: from stream_open() or stream_reopen() over the head.  E_UNREADABLE
 * says whether it is cut or changed. */
Err backup_unpack(Cx *cx, const BackupInfo *info, Stream *stream, const char *folder);

/* ---- making and restoring ------------------------------------------------------------------------------ */

typedef struct BackupDone {
  BackupInfo info;
  Str sha256;
  int64_t file_bytes, records, dropped;
} BackupDone;
/* Copies the store while it is in use, encrypts the copy into folder `to`, reads it back, restores it into a
 * temporary folder and verifies that; only then it gets its name.  A failure leaves nothing.  keep: how many stay (0:
 * all); older ones of the same log go, but for the last one of each month. */
Err backup_make(Cx *cx, const char *folder, const char *to, int64_t keep, BackupDone *out);
/* Verifies an unpacked store against what its backup says. */
Err backup_verify(Cx *cx, const char *folder, const BackupInfo *info);
/* How many were removed from `to`. */
Err backup_retain(Cx *cx, const char *to, Str origin, int64_t keep, int64_t *dropped);

typedef struct RestoreAsk {
  const char *file, *key, *to; /* to: NULL only checks */
  const char *known;           /* a checkpoint that the backup must not be older than; NULL: none */
  Str at;                      /* an entry number or a time; STR_NONE: all of it */
  bool accept_loss;
} RestoreAsk;
typedef struct RestoreDone {
  BackupInfo info;
  int64_t size;
  Str root;
} RestoreDone;
/* Restores beside the target and moves it there as the last step.  E_CONFLICT: something is there.  E_STALE: the log
 * was signed further than the backup goes.  E_UNREADABLE, E_DENIED (another key), E_INTEGRITY. */
Err backup_restore(Cx *cx, const RestoreAsk *ask, RestoreDone *out);

/* ---- what the log says of it --------------------------------------------------------------------------- */

/* backup.made, backup.tested: an entry about "backup:store"; new: SHA-256 of the file. */
extern const Command backup_command;
typedef struct BackupNote {
  int64_t made_us, tested_us;
  Str made, tested;
} BackupNote; /* 0: never; words of the entry */
Err backup_last(Cx *cx, Store *s, BackupNote *out);
