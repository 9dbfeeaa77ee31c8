/* detect.c - what a file is, by its content: its name says nothing. */
#include "supply/inside.h"
#include <string.h>

Str without_mark(Str bytes) {
  return str_starts(bytes, S("\xEF\xBB\xBF")) ? str_slice(bytes, 3, bytes.n) : bytes;
}

#define FROM_SPDX                                                                                                    \
  "Have it made as JSON or tag-value, or convert it with the SPDX tools (tools-java: Convert), and try again."
#define FROM_CYCLONEDX                                                                                               \
  "Have it made as JSON or XML, or convert it (cyclonedx convert --output-format json), and try again."
#define FROM_SHEET "Save it as .xlsx or .csv with one row per component, and try again."

typedef struct Magic { Str start; const char *what; bool packed; const char *todo; } Magic;
static const Magic magics[] = {
  { { "%PDF-", 5 }, "a PDF file" },
  { { "PK\3\4", 4 }, "a zip archive or Office file", true },
  { { "\x1f\x8b", 2 }, "a gzip file", true },
  { { "\x28\xb5\x2f\xfd", 4 }, "a zstd file", true },
  { { "\xfd" "7zXZ", 5 }, "an xz file" },
  { { "BZh", 3 }, "a bzip2 file" },
  { { "\x7f" "ELF", 4 }, "a program (ELF)" },
  { { "MZ", 2 }, "a Windows program" },
  { { "\xff\xfe", 2 }, "UTF-16 text" },
  { { "\xfe\xff", 2 }, "UTF-16 text" },
  { { "\x0a\x03" "1.", 4 }, "CycloneDX protobuf", false, FROM_CYCLONEDX },
  { { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8 }, "an old Office file (.xls or .doc)", false, FROM_SHEET },
};

/* Words that stand near the start of text formats; the first that is found decides. */
typedef struct Hint { char first; Str word; const char *encoding, *what; bool known; const char *todo; } Hint;
static const Hint hints[] = {
  { '<', { "cyclonedx.org/schema/bom", 24 }, "xml", "CycloneDX XML", true },
  { '<', { "spdx.org/rdf", 12 }, "xml", "SPDX RDF/XML", false, FROM_SPDX },
  { '<', { "SPDXID", 6 }, "xml", "SPDX XML", false, FROM_SPDX },
  { '<', { "SoftwareIdentity", 16 }, "xml", "a SWID tag" },
  { '<', { "<html", 5 }, "", "an HTML page" },
  { '<', { "<", 1 }, "xml", "XML" },
  { 0, { "SPDXVersion:", 12 }, "tag-value", "SPDX tag-value", true },
  { 0, { "spdxVersion:", 12 }, "yaml", "SPDX YAML", true },
  { 0, { "creationInfo:", 13 }, "yaml", "SPDX YAML", true },
  { 0, { "bomFormat:", 10 }, "yaml", "CycloneDX YAML", false, FROM_CYCLONEDX },
};

Seen seen_bytes(Str bytes) {
  for (size_t i = 0; i < COUNT(magics); i++)
    if (str_starts(bytes, magics[i].start))
      return (Seen){ SBOM_UNKNOWN, magics[i].packed ? "archive" : "", magics[i].what, magics[i].packed,
                     magics[i].todo };
  Str text = str_trim(without_mark(bytes));
  if (!text.n) return (Seen){ .encoding = "", .what = "an empty file" };
  if (text.p[0] == '{' || text.p[0] == '[') return (Seen){ .encoding = "json", .what = "JSON", .known = true };
  Str head = str_slice(text, 0, 8192);
  for (size_t i = 0; i < COUNT(hints); i++) {
    const Hint *h = &hints[i];
    if ((!h->first || h->first == text.p[0]) && str_find(head, h->word) != SIZE_MAX)
      return (Seen){ SBOM_UNKNOWN, h->encoding, h->what, h->known, h->todo };
  }
  if (str_starts(text, S("---"))) return (Seen){ .encoding = "yaml", .what = "YAML", .known = true };
  const char *what = memchr(head.p, 0, head.n) ? "binary data" : "text that is not JSON";
  return (Seen){ .encoding = "", .what = what };
}

static bool speaks_of(JVal *v, Str word) {
  if (str_find(json_str(v), word) != SIZE_MAX) return true;
  JSON_EACH(item, v) if (str_find(json_str(item), word) != SIZE_MAX) return true;
  return false;
}

/* Other documents of the trade, told apart by a member that only they have. */
typedef struct Other { const char *key, *inner, *what; } Other;
static const Other others[] = {
  { "document", "csaf_version", "a CSAF advisory" },
  { "Document", "spdxVersion", "SPDX in the draft form from before 2.2, all of it under \"Document\"" },
  { "sbom", "spdxVersion", "an SBOM wrapped in another object (take what stands under \"sbom\")" },
  { "descriptor", "name", "Syft's own JSON" },
  { "artifacts", NULL, "Syft's own JSON" },
  { "ArtifactName", NULL, "a Trivy report" },
  { "affected", NULL, "an OSV advisory" },
  { "runs", NULL, "a SARIF report" },
  { "vulnerabilities", NULL, "a vulnerability list" },
};

Seen seen_json(JVal *root, Str *spec) {
  Seen seen = { .encoding = "json", .known = true };
  Str format = json_text(root, "bomFormat");
  *spec = STR_NONE;
  if (str_eq(format, S("CycloneDX"))) {
    *spec = json_text(root, "specVersion");
    return (Seen){ .format = SBOM_CYCLONEDX, .encoding = "json", .what = "CycloneDX JSON", .known = true };
  }
  if (json_get(root, "spdxVersion")) {
    *spec = json_text(root, "spdxVersion");
    return (Seen){ .format = SBOM_SPDX, .encoding = "json", .what = "SPDX JSON", .known = true };
  }
  JVal *context = json_get(root, "@context");
  if (speaks_of(context, S("openvex"))) seen.what = "an OpenVEX document";
  else if (speaks_of(context, S("spdx.org/rdf/3.0"))) {
    *spec = S("spdx.org/rdf/3.0");
    return (Seen){ .format = SBOM_SPDX, .encoding = "json", .what = "SPDX 3 JSON-LD", .known = true };
  } else if (speaks_of(context, S("spdx"))) seen.what = "SPDX JSON-LD of another version than 3.0";
  else if (context) seen.what = "JSON-LD";
  else if (json_get(root, "specVersion") && json_get(root, "components"))
    seen.what = "JSON like CycloneDX without \"bomFormat\": \"CycloneDX\"";
  else
    for (size_t i = 0; i < COUNT(others); i++) {
      JVal *v = json_get(root, others[i].key);
      if (v && (!others[i].inner || json_get(v, others[i].inner))) { seen.what = others[i].what; break; }
    }
  return seen;
}
