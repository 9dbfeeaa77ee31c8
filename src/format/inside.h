/* inside.h - what the files of format/ share. */
#pragma once
#include "format/format.h"

/* Counts and limits before any tree is built. */
typedef struct JsonScan { size_t values, depth; } JsonScan;
Err json_scan(Cx *cx, Str bytes, const JsonLimits *limits, JsonScan *out);

/* The shortest digits that read back as the same double, in the notation of ECMAScript (RFC 8785 3.2.2.3). */
void json_double(Buf *b, double v);
void json_quoted(Buf *b, Str s);

/* Gives up everything but memory, computing and writing to `answer_fd`, for good.  In the child only.
 * E_CONFIG when the system can't do it. */
Err jail_enter(Cx *cx, const JailLimits *limits, int answer_fd);

/* What one packed file may unfold to. */
typedef struct PackedLimits {
  Arena *own;                  /* of one entry */
  uint64_t left;               /* bytes that may still come out: what a bomb runs into */
  size_t entry, whole, entries;
  PackedShare *share;          /* NULL: all of it */
} PackedLimits;
/* Whether the next entry, of so many packed bytes, is this process's own. */
bool share_takes(PackedShare *share, uint64_t bytes);
Err packed_part(Cx *cx, Str name, Str bytes, PackedShare *share, PackedEach *each, void *env);
void packed_no_nesting(PackedFile *f);   /* one layer only */
Err zip_walk(Cx *cx, Str name, Str zip, PackedLimits *most, PackedEach *each, void *env);
bool gzip_whole(Str in, PackedLimits *most, Str *out);
bool zip_is(Str bytes);
bool packed_is(Str bytes);   /* a zip, tar, gz or zst by its first bytes */

/* Dates of XLSX count days; day 25569 is 1970-01-01.  Before March 1900 they are off by a day that never was. */
enum { SERIAL_1970 = 25569, DAYS_1900_03 = -25508 };
bool xlsx_escape_at(Str s, size_t i);   /* "_x0041_" stands there */
Err xlsx_parse(Cx *cx, Str bytes, Table *out);
Err csv_table(Cx *cx, Str bytes, Table *out);
