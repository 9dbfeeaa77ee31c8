/* open.c - from bytes to one tree of values, whatever the encoding: XML, tag-value and YAML become the JSON that says
 * the same, so that each format has one reader. */
#include "supply/xml.h"

/* Says where the JSON breaks: the reader below gives a byte, a person wants a component. */
static Err json_broken(Cx *cx, Str bytes, size_t mark_bytes) {
  Err e = cx->err;
  Str words = cx->words, number = STR_NONE;
  size_t at = str_find(words, S(" at byte "));
  uint64_t byte = bytes.n;
  if (at != SIZE_MAX) {
    number = str_slice(words, at + 9, words.n);
    if (!str_uint(number, &byte)) byte = bytes.n;
  }
  bool open;
  Str end = json_place(cx->arena, bytes, bytes.n, &open);
  cx_forgive(cx);
  if (open && e == E_UNREADABLE && str_find(words, S(" never ")) != SIZE_MAX)
    return fail(
        cx, e,
        "The SBOM ends at byte %zu inside %.*s: it was cut off. Nothing was stored. Get the whole file and "
        "try again.",
        bytes.n + mark_bytes, STR(end));
  Str inside = json_place(cx->arena, bytes, (size_t)byte, &open);
  if (!number.n) return fail(cx, e, "%.*s. Nothing was stored.", STR(words));
  return fail(cx, e, "%.*s %llu, inside %.*s. Nothing was stored. Have the SBOM made anew and try again.",
              (int)(at + 8), words.p, (unsigned long long)byte + mark_bytes, STR(inside));
}

typedef struct Encoding { const char *name; Err (*to_json)(Cx *cx, Str text, Buf *json); const char *shown; } Encoding;
static const Encoding encodings[] = {
  { "json", NULL, "json" }, { "xml", NULL, "xml" }, { "tag-value", tag_value_to_json, "tag-value" },
  { "yaml", yaml_to_json, "yaml" }, { "archive", archive_to_json, "json" },
};

static const Encoding *encoding_of(const Seen *seen) {
  for (size_t i = 0; i < COUNT(encodings); i++)
    if (seen->known && str_eq(str_of(seen->encoding), str_of(encodings[i].name))) return &encodings[i];
  return NULL;
}

/* The JSON is ours: its bytes mean nothing to anybody, the place in the document does. */
static Err converted_broken(Cx *cx, Str json) {
  Err e = cx->err;
  size_t at = str_find(cx->words, S(" at byte "));
  uint64_t byte = 0;
  bool open, placed = at != SIZE_MAX && str_uint(str_slice(cx->words, at + 9, cx->words.n), &byte);
  Str why = str_slice(cx->words, 0, at), words = S("The JSON cannot be read: ");
  if (str_starts(why, words)) why = str_slice(why, words.n, why.n);
  Str inside = json_place(cx->arena, json, placed ? (size_t)byte : 0, &open);
  cx_forgive(cx);
  return fail(cx, e, "The SBOM cannot be read: %.*s inside %.*s. Nothing was stored. Have it made anew and try again.",
              STR(why), STR(inside));
}

static Err xml_open(Cx *cx, Str text, Opened *out, Buf *json) {
  XmlRoot root;
  TRY(xml_tree(cx, text, &root));
  out->xml = root.bom;
  return xml_put(cx, &root, json);
}

Err sbom_open(Cx *cx, Str bytes, const SbomOptions *opt, Opened *out) {
  Seen seen = seen_bytes(bytes);
  if (bytes.n > opt->max_bytes)
    return fail(cx, E_TOO_LARGE,
                "The file has %zu bytes; at most %zu are read. Nothing was stored. Raise the setting %s if "
                "the SBOM is meant to be this large.",
                bytes.n, opt->max_bytes, setting_name(SET_SBOM_BYTES));
  const Encoding *how = encoding_of(&seen);
  static const Encoding table = { "csv", NULL, "csv" };
  bool unsure = !seen.known && !*seen.encoding;
  if (opt->columns.n || ((unsure || str_eq(str_of(seen.encoding), S("archive"))) && table_looks(bytes))) how = &table;
  if (!how)
    return fail(cx, E_FORMAT, "This is %s. Nothing was stored.%s%s What is read is " ACCEPTED ".", seen.what,
                seen.todo ? " " : "", seen.todo ? seen.todo : "");
  Str text = without_mark(bytes);
  JsonLimits limits = {
    .max_bytes = opt->max_bytes, .max_depth = 64, .max_string_bytes = 1 << 20, .max_values = 12 << 20
  };
  Opened made = { .encoding = str_of(how->shown) };
  if (how == &encodings[0]) {
    if (json_read(cx, text, &limits, &made.root) != E_OK) return json_broken(cx, text, bytes.n - text.n);
  } else {
    Buf json = buf_new(cx->arena, 4 * opt->max_bytes);
    TRY(how == &table ? table_to_json(cx, bytes, opt, &json)
        : how->to_json ? how->to_json(cx, text, &json)
                       : xml_open(cx, text, &made, &json));
    if (json.over) return fail(cx, E_TOO_LARGE, "The SBOM unfolds to more than is read. Nothing was stored.");
    limits.max_bytes = json.max;
    limits.max_depth = 160;      /* one level of another encoding may be two of JSON */
    if (json_read(cx, buf_str(&json), &limits, &made.root) != E_OK) return converted_broken(cx, buf_str(&json));
  }
  *out = made;
  return E_OK;
}
