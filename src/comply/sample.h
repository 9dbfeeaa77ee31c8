/* sample.h - the sample company's records, read straight from its files into memory, for the tests of this
 * folder. */
#pragma once
#include "comply/comply.h"

/* Every record type of the program. */
Err sample_types_set(Cx *cx);
typedef VEC(Record) Records;
/* Every record of data/sorrel that load.txt names, in its last state. */
Err sample_read(Cx *cx, const char *folder, Records *out);
/* The same records under other ids, linked among themselves: one more product. */
void sample_copy(Cx *cx, const Records *from, size_t k, Records *out);
void sample_folder_remove(const char *folder);
