/* scan_out.h - what a scan found, in the formats that other tools read. */
#pragma once
#include "app/triage.h"

typedef enum ScanFormat { SCAN_SARIF, SCAN_CYCLONEDX, SCAN_JUNIT, SCAN_GITLAB, SCAN_OPENVEX, SCAN_FORMATS } ScanFormat;
bool scan_format_find(Str name, ScanFormat *out);  /* sarif cyclonedx junit gitlab openvex */

/* file: the SBOM as it was named; bytes: its text, for the lines that results point to; author: who publishes, empty
 * when nobody is named.  The same scan gives the same bytes.  Every format tells the snapshot, its sources and what
 * could not be assessed.  OpenVEX with nothing to state is no document: nothing is written. */
typedef struct ScanOut { Str file, bytes, author; const Snapshot *snap; const ScanResult *result; } ScanOut;
void scan_write(Cx *cx, const ScanOut *s, ScanFormat format, Buf *out);

/* ---- notes.c: what is decided for a device ---- */

/* since_us: what was first said later is new; 0: what nobody has decided is. */
typedef struct ScanFor { Str product, release; int64_t since_us; } ScanFor;
/* Gives each outcome that needs one its note.  E_NOTFOUND: no such device or release. */
Err scan_note(Cx *cx, Store *s, const Graph *g, const ScanFor *about, ScanResult *r);
/* The components of the device's SBOMs in use.  E_NOTFOUND: it has none. */
typedef VEC(VulnTarget) VulnTargets;
Err scan_targets(Cx *cx, Store *s, const ScanFor *about, VulnTargets *out, Str *file, Str *bytes);
void scan_add_targets(Cx *cx, const Sbom *sbom, VulnTargets *out);
