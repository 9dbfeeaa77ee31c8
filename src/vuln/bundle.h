/* bundle.h - many intakes as one signed file, for sites without a network.
 *
 * "proofline-bundle/1\n", bytes of the manifest "\n", base64 of the Ed25519 signature over the manifest "\n", the
 * manifest (canonical JSON), then the packs in the manifest's order and nothing else.  The manifest names key,
 * sequence, every intake and every pack with its bytes and SHA-256: every bit of the file stands under the signature.
 */
#pragma once
#include "vuln/feedstore.h"

typedef struct BundleIntake { IntakeRow row; int64_t n, at_us; } BundleIntake;
typedef struct Bundle {
  Mapped file;
  Str key, made;                         /* key: hex */
  int64_t from, to;                      /* intakes from + 1 to `to` of the site that made it */
  BundleIntake *intake; size_t nintakes;
  Str *pack; Str *pack_bytes; size_t npacks;     /* SHA-256 and bytes, borrowed from the file */
} Bundle;
void Bundle_drop(Bundle *b);
/* E_INTEGRITY: any bit is not as it was signed, or the end is missing.  E_FORMAT: no bundle at all. */
Err bundle_open(Cx *cx, const char *path, Bundle *out);
Err bundle_read(Cx *cx, Str bytes, Bundle *out);         /* the same of bytes in memory */
/* What the signature stands over: fills all but file and key. */
Err bundle_manifest(Cx *cx, Str text, Str packs, Bundle *b);
