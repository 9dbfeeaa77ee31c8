/* anchor.h - what keeps the log honest from outside the store: archive, timestamps, epochs. */
#pragma once
#include "app/app.h"

#define ARCHIVE_FILE "archive.to"       /* in the data folder: the folder that the writer keeps as an archive */
#define TIMESTAMP_CA "timestamp-ca.pem" /* in the data folder: the authority's roots */

/* The archive folder, STR_NONE when there is none. */
Str anchor_archive_folder(Cx *cx, const char *folder);
/* The log, its contents and the rows of tables into an archive.  rows: also those that were written a moment ago. */
Err anchor_archive_to(Cx *cx, Store *s, const char *to, bool rows, int64_t *size);
/* After a checkpoint: brings the archive up to it, at most once a second. */
Err anchor_archive(Cx *cx, Store *s, int64_t *last_us);

/* log.epoch: only while this process runs `proofline recover`; log.timestamp: asks for one, or takes a reply. */
extern const Command anchor_epoch_command, anchor_timestamp_command;
void anchor_recovering(bool on);
/* The writer, when it opens a store: tables of the log, keys of an epoch that was interrupted, and whether the log
 * continues what was signed (not while recovering). */
Err anchor_open(Cx *cx, Store *s);
bool anchor_is_recovering(void);
bool anchor_opened_here(void);          /* this process is the writer */

/* A root as it stands on paper: four groups of sixteen digits. */
Str anchor_root_groups(Arena *a, Hash root);
const char *anchor_words(AnchorIs is);
