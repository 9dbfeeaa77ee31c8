/* scan_out.h - what a scan found, in the formats that other tools read. */
#pragma once
#include "app/app.h"

typedef enum ScanFormat { SCAN_SARIF, SCAN_CYCLONEDX, SCAN_JUNIT, SCAN_GITLAB, SCAN_OPENVEX, SCAN_FORMATS } ScanFormat;
bool scan_format_find(Str name, ScanFormat *out);  /* sarif cyclonedx junit gitlab openvex */

/* file: the SBOM as it was named; bytes: its text, for the lines that results point to; snapshot: digest; when: of
 * the snapshot's newest source.  The same scan gives the same bytes.  What could not be assessed is counted in every
 * format. */
typedef struct ScanOut { Str file, bytes, snapshot, when; const ScanResult *result; } ScanOut;
void scan_write(Cx *cx, const ScanOut *s, ScanFormat format, Buf *out);
