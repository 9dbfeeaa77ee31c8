/* file.h - whole files: read with a limit, written so that a crash leaves the old or the new one. */
#pragma once
#include "base/cx.h"

/* E_NOTFOUND, E_TOO_LARGE (more than max), E_IO.  path "-" is standard input. */
Err file_read(Cx *cx, const char *path, size_t max_bytes, Str *out);
/* Writes path.tmp, fsync, rename, fsync of the folder.  E_FULL, E_IO. */
Err file_write(Cx *cx, const char *path, Str bytes, unsigned mode);
Err file_write_parts(Cx *cx, const char *path, const Str *parts, size_t n, unsigned mode);   /* one after the other */
Err folder_make(Cx *cx, const char *path, unsigned mode);   /* with parents; existing is fine */
bool file_exists(const char *path);
/* Removes a folder and all in it, to a depth of 8, following no link.  For temporary folders of our own.  E_IO. */
Err folder_remove(Cx *cx, const char *path);
