/* stamp.h - a note beside a snapshot that it was checked as a whole: FILE.checked.
 *
 * It names device, inode, size and both times of the file.  Who writes to the file changes its time of change, which
 * no call can set back; so a note that still fits tells of the same bytes.  Bits that rot on the disk are found by
 * snapshot_verify(). */
#pragma once
#include "base/base.h"
#include <sys/stat.h>

enum { STAMP_LEAST_BYTES = 1 << 20 };
/* Whether a note fits; then the digest is its.  A note that others may write is none. */
bool stamp_holds(Cx *cx, const char *path, const struct stat *st, char sha256[64]);
/* Waits until a later write to the file would get another time: the grain of the file system's clock, milliseconds. */
void stamp_settle(const struct stat *st);
/* Leaves a note if the file is still as st says; where none can be written there is none. */
void stamp_write(Cx *cx, const char *path, const struct stat *st, const char sha256[64]);
