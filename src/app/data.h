/* data.h - the text files of data/, embedded as they are (made by tools/embed.py from the list in data/meson.build). */
#pragma once
#include "base/base.h"

typedef struct DataFile { const char *name; const uint8_t *bytes; size_t n; } DataFile;   /* name: "packs/x.rules" */
extern const DataFile data_files[];
extern const size_t data_nfiles;
static inline Str data_text(const DataFile *f) { return (Str){ (const char *)f->bytes, f->n }; }
const DataFile *data_find(Str name);
