/* import.h - what the files of an import share: import_read.c believes nothing, import_take.c fills the new store,
 * import.c is the way. */
#pragma once
#include "app/whole/folder.h"
#include "app/whole/whole.h"

enum { ONE_FILE_MOST = 256 << 20, SOURCE_MOST = 64 * 1024 };

typedef struct Import {
  Cx *cx;
  Cx own; /* of one file */
  const WholeImport *in;
  const char *made; /* the new folder, beside the target */
  Str source, origin, request, sums;
  TreeHead head;
  FolderFiles files;
  Store *s;
} Import;

/* ---- import_read.c ---- */

const char *import_path(Import *im, Str name);
/* What went wrong with one file, as the failure of the import. */
Err import_wrong(Import *im, Str name, Err e);
/* Files that are not as they were exported, the first of them by name. */
typedef struct Faults {
  Buf words;
  size_t n;
} Faults;
Faults faults_new(Arena *a);
void fault(Faults *f, Str name, const char *how);
Err faults_fail(Import *im, const Faults *f);
/* The first file: its checkpoint is signed by its key, and by the one that the importer named. */
Err import_source(Import *im);
/* Every file is the one of SHA256SUMS, and none is there that does not belong. */
Err import_sums(Import *im);

/* ---- import_take.c, inside a transaction ---- */

/* The entries; their root is the signed one. */
Err import_log(Import *im);
/* Records, blobs and the rows of the tables. */
Err import_files(Import *im);
