/* format.h - bytes in, bytes out; knows no record.
 *
 * Floor 1.  Includes base.  In: strict JSON (yyjson under our limits), CSV, URL-encoded and multipart forms, all from
 * hostile hands, the large ones in a jail.  Out: HTML, JSON, canonical JSON, CSV, URL.
 * Output goes through writers named by their context; there is no printf into HTML, JSON or SQL. */
#pragma once
#include "base/base.h"
#include <yyjson.h>

/* ---- JSON in ---------------------------------------------------------------------------------------------------- */

typedef yyjson_val JVal;

typedef struct JsonLimits {
  size_t max_bytes, max_depth, max_string_bytes;
  size_t max_values;
} JsonLimits;
extern const JsonLimits JSON_BODY;      /* 1 MiB, depth 32: forms, API bodies, commands */
extern const JsonLimits JSON_DOCUMENT;  /* 64 MiB, depth 512: SBOMs, advisories */

/* Strict: UTF-8, no BOM, no duplicate keys, no lone surrogates, no number that loses digits (integers beyond 2^63,
 * unless a double prints them alike, which they then become; doubles that overflow), depth and sizes within limits.
 * A deep document is refused before any tree is built.
 * *root lives in cx->arena, strings borrow from memory there (not from `bytes`).
 * E_UNREADABLE with byte offset and reason, E_TOO_LARGE. */
Err json_read(Cx *cx, Str bytes, const JsonLimits *limits, JVal **root);
/* The next quote, backslash or control character at or behind `at`; in.n when there is none. */
size_t json_mark(Str in, size_t at);

/* Getters that never fail: absent or of another type gives the second value. */
JVal *json_get(JVal *object, const char *key);          /* NULL when absent or not an object */
Str json_text(JVal *object, const char *key);           /* STR_NONE when absent or not a string */
int64_t json_int(JVal *object, const char *key, int64_t absent);
bool json_bool(JVal *object, const char *key, bool absent);
Str json_str(JVal *value);                              /* a string value as Str, else STR_NONE */
/* for (JVal *v, *it = NULL; (v = json_each(array, &it)); ) ; an object gives its values, json_key(v) their keys. */
#define JSON_EACH(v, array)                                                                              \
  for (yyjson_arr_iter v##_it = yyjson_arr_iter_with(array), *v##_p = &v##_it; v##_p; v##_p = NULL)      \
    for (JVal *v; (v = yyjson_arr_iter_next(&v##_it)) != NULL;)
#define JSON_MEMBERS(k, v, object)                                                                       \
  for (yyjson_obj_iter k##_it = yyjson_obj_iter_with(object), *k##_p = &k##_it; k##_p; k##_p = NULL)     \
    for (JVal *k, *v; (k = yyjson_obj_iter_next(&k##_it)) != NULL && (v = yyjson_obj_iter_get_val(k)) != NULL;)

/* ---- JSON out --------------------------------------------------------------------------------------------------- */

/* Writes commas by itself.  json_key() inside objects, then a value or a begin. */
typedef struct JsonOut { Buf *buf; int depth; bool more, after_key, pretty; } JsonOut;
JsonOut json_out(Buf *buf, bool pretty);
void json_object(JsonOut *o); void json_object_end(JsonOut *o);
void json_array(JsonOut *o);  void json_array_end(JsonOut *o);
void json_key(JsonOut *o, const char *key);
void json_key_str(JsonOut *o, Str key);
void json_put_str(JsonOut *o, Str s);          /* STR_NONE writes null */
void json_put_int(JsonOut *o, int64_t v);
void json_put_x10(JsonOut *o, int64_t tenths); /* 98 writes 9.8 */
void json_put_scaled(JsonOut *o, int64_t v, int decimals);
void json_put_bool(JsonOut *o, bool v);
void json_put_null(JsonOut *o);
void json_put_raw(JsonOut *o, Str json);       /* JSON text made elsewhere */
void json_put_val(JsonOut *o, JVal *v);        /* a value that was read */
/* key and value in one */
void json_pair(JsonOut *o, const char *key, Str value);
void json_pair_int(JsonOut *o, const char *key, int64_t value);
void json_pair_bool(JsonOut *o, const char *key, bool value);

/* RFC 8785 canonical form of a value that was read: sorted keys, shortest doubles.
 * E_INVALID: NaN, lone surrogate, an integer beyond 2^53 that other readers would round.  E_TOO_LARGE. */
Err json_canonical(Cx *cx, JVal *v, Buf *out);

/* ---- HTML out: see tools/template.py; templates are compiled to functions over these ----------------------------- */

/* Finished HTML: only templates and these writers make it, so text can't become markup by mistake. */
typedef struct Html { Str s; } Html;
void html_text(Buf *b, Str s);      /* text and double-quoted attribute values: & < > " ' escaped */
void html_add(Buf *b, Html h);
void html_link(Buf *b, Str s);      /* a whole URL as attribute: http(s), mailto or within this site; else "#" */
void url_text(Buf *b, Str s);       /* percent-encodes everything but unreserved characters */

/* ---- Markdown: see markdown.c ------------------------------------------------------------------------------------ */

/* A small subset as HTML that holds no markup of the text's own and links only to http, https, mailto and this site.
 * E_TOO_LARGE: more than most_bytes of HTML. */
Err markdown_html(Cx *cx, Str text, size_t most_bytes, Html *out);

/* ---- QR codes -------------------------------------------------------------------------------------------------- */

enum { QR_MOST_BYTES = 2331 };      /* at level M, bytes as they are */
typedef struct Qr { size_t side; const bool *dark; } Qr;   /* side * side modules, row by row, without the quiet zone */
/* E_TOO_LARGE: more than QR_MOST_BYTES.  E_INVALID: nothing to write. */
Err qr_make(Cx *cx, Str text, Qr *out);
/* The same as inline SVG with its quiet zone, black on white under any theme, no style: class "qr", label for those who
 * do not see it. */
Err qr_svg(Cx *cx, Str text, Str label, Html *out);

/* ---- CSV -------------------------------------------------------------------------------------------------------- */

/* RFC 4180; what a spreadsheet program would take for a formula (= + - @ TAB CR in front, also behind quotes) is
 * prefixed with ', which csv_unguard() takes off again. */
void csv_cell(Buf *b, Str s, bool first);
Str csv_unguard(Str cell);
void csv_end(Buf *b);
typedef struct CsvRow { Str *cell; size_t n; size_t line; } CsvRow;
/* Takes the next record off *rest.  false at the end.  E_UNREADABLE names the line. */
Err csv_read(Cx *cx, Str *rest, size_t *line, CsvRow *row, bool *got);

/* ---- tables: a rectangle of cells, as CSV or XLSX --------------------------------------------------------------- */

typedef enum CellKind { CELL_TEXT, CELL_INT, CELL_DATE } CellKind;   /* how a spreadsheet program treats a column */
typedef struct SheetColumn {
  Str label;
  CellKind kind;
  bool hidden, fixed;                  /* in XLSX: not shown; grey, as it is not to be changed */
  unsigned width;                      /* characters; 0: a usual one */
  const Str *choice; size_t nchoices;  /* offered as a list */
  bool many;                           /* several choices may stand in one cell: offered, but others are taken too */
} SheetColumn;
/* cell: nrows * ncolumns texts, row by row; DATE "2026-11-22", INT digits; what does not look so is written as text. */
typedef struct Sheet { Str name; const SheetColumn *column; size_t ncolumns; const Str *cell; size_t nrows; } Sheet;
/* No text becomes a formula.  CSV: RFC 4180 with a byte order mark, by which spreadsheet programs know UTF-8. */
Err csv_write(Cx *cx, const Sheet *sheet, Str *out);
/* Goes through a temporary folder of TMPDIR.  E_TOO_LARGE: more than 1,048,575 rows.  E_FULL, E_IO. */
Err xlsx_write(Cx *cx, const Sheet *sheet, Str *out);
/* Stands in an XLSX cell instead of a text of more than 32,767 characters; whoever reads it leaves the text alone. */
extern const Str cell_too_long;

/* cell: nrows * ncolumns; line[i]: where row i stands in the file (XLSX: its number, CSV: its line).  Empty rows are
 * left out.  Numbers as shortest decimal text; a date of XLSX is its serial number: date_of_serial(). */
typedef struct Table { Str *cell; size_t *line; size_t ncolumns, nrows; bool xlsx; } Table;
/* CSV or XLSX by content, read in the jail; the first sheet.  The guard against formulas is taken off.  At most 16 MiB,
 * and 16 MiB of each part unpacked.  E_UNREADABLE, E_FORMAT, E_TOO_LARGE; a formula is refused and named. */
Err table_read(Cx *cx, Str bytes, Table *out);
Err table_parse(Cx *cx, Str bytes, Table *out);   /* the same without the jail: for the fuzzer */
bool date_of_serial(Str digits, int32_t *days);
Str cell_name(Arena *a, size_t column, size_t line);                 /* "C7" */

/* ---- XML in ------------------------------------------------------------------------------------------------------ */

/* Elements in the order of the document: opened (text empty, attributes readable), then closed with their own text.
 * name: without prefix; space: the URI of its name space.  No DTD, no entities but XML's own, no network, depth 64, one
 * text 1 MiB; E_UNREADABLE with the line and the open elements there.  What XmlItem points to is valid until `each`
 * returns; its first Err ends the walk.  For the jail. */
typedef struct XmlItem { Str name, space; bool closed; Str text; size_t depth; void *reader; } XmlItem;
typedef Err XmlEach(Cx *cx, void *env, const XmlItem *item);
Err xml_walk(Cx *cx, Str bytes, XmlEach *each, void *env);
Str xml_attribute(Cx *cx, const XmlItem *item, const char *name);    /* by local name; STR_NONE when absent */
/* One attribute after the other, without the declarations of name spaces; the element again after the last. */
typedef struct XmlAttribute { Str name, value; bool prefixed; } XmlAttribute;
bool xml_attribute_next(const XmlItem *item, XmlAttribute *out);

/* ---- forms ------------------------------------------------------------------------------------------------------ */

typedef struct FormField { Str name, value, file_name, media; } FormField;   /* file_name: STR_NONE for plain fields */
typedef struct Form { FormField *field; size_t n; } Form;
Err form_read(Cx *cx, Str content_type, Str body, Form *out);   /* urlencoded or multipart; E_UNREADABLE, E_FORMAT */
Str form_get(const Form *f, const char *name);                  /* STR_NONE when absent */
Err url_decode(Cx *cx, Str s, bool plus_is_space, Str *out);    /* E_UNREADABLE on bad % or NUL */

/* ---- compressed input ------------------------------------------------------------------------------------------- */

/* Calls `each` for every regular file in a directory, zip, tar, gz, zst (by content) or for the plain file.  A packed
 * file in a directory is opened too; one in an archive is not.
 * Limits: entry 16 MiB unless it is the whole input (256 MiB); 2,000,000 entries; in all 200 times the packed bytes,
 * but at least 1 MiB.  An entry beyond a limit, encrypted, or packed itself is given with bytes = STR_NONE and why set;
 * the walk goes on.  Names are data only: they may hold "..", "/" in front, anything.  Links and devices are left out.
 * Order: of a directory by path, bytewise; of an archive its own, so the same file gives the same sequence.
 * What PackedFile points to is valid until `each` returns.  The first Err of `each` ends the walk and is returned.
 * E_NOTFOUND, E_IO, E_UNREADABLE (damaged), E_TOO_LARGE (entries). */
typedef struct PackedFile { Str name; Str bytes; Str why; } PackedFile;
typedef Err PackedEach(Cx *cx, void *env, const PackedFile *f);
Err packed_walk(Cx *cx, const char *path, PackedEach *each, void *env);
/* The same of bytes in memory; needs no file, so it also works inside the jail. */
Err packed_bytes(Cx *cx, Str name, Str bytes, PackedEach *each, void *env);
/* packed_walk() for one of two processes that share the work: each takes what the other leaves, told by the sequence of
 * packed sizes alone, and counts what it unpacks itself.  A failure is told by whoever sees it; by both, when it is
 * of a zip as a whole. */
typedef struct PackedShare { unsigned mine; uint64_t taken[2]; } PackedShare;   /* mine: 0 or 1; taken: 0 at first */
Err packed_walk_share(Cx *cx, const char *path, PackedShare *share, PackedEach *each, void *env);

/* ---- archives out ----------------------------------------------------------------------------------------------- */

/* A ZIP of stored files in the order given: the same files give the same bytes.  E_TOO_LARGE: more than 65,535 files or
 * 4 GiB. */
typedef struct ZipFile { Str name; Str bytes; } ZipFile;
Err zip_stored(Cx *cx, const ZipFile *files, size_t n, Str *out);

/* A tar.zst of files on disk, piece by piece: the same files give the same bytes.  Names are relative and plain:
 * letters, digits, '.', '_', '-', at most one '/'.  E_NOTFOUND, E_IO, and what `sink` fails with. */
typedef struct PackIn { Str name; const char *path; } PackIn;
typedef Err PackSink(Cx *cx, void *env, Str bytes);
Err pack_write(Cx *cx, const PackIn *files, size_t n, PackSink *sink, void *env);
/* Unpacks such a stream into an existing folder, mode 0600, fsynced.  `source` gives the next bytes, none at the end;
 * they are valid until it is called again.  most_bytes: in all.  E_UNREADABLE, E_TOO_LARGE, E_FULL, E_IO. */
typedef Err PackSource(Cx *cx, void *env, Str *bytes);
Err pack_read(Cx *cx, PackSource *source, void *env, const char *folder, uint64_t most_bytes);

/* ---- the jail --------------------------------------------------------------------------------------------------- */

/* Runs `work` in a throw-away child: no files, no network, no new processes; 512 MiB, 20 s CPU, 30 s wall.
 * The child has a Cx of its own with that much memory and answers bytes; its failure (Err, words, problems) comes back
 * as ours.  cx->arena must have room for answer_bytes (64 MiB in JAIL_STANDARD).  `env` and all else of this process
 * can be read by the child but what it changes stays there; it must not touch stores and descriptors.
 * A crash or a breached limit is E_UNREADABLE "…could not be read safely…" with the reason. */
typedef struct JailLimits {
  size_t memory_bytes, answer_bytes;
  unsigned cpu_s, wall_s;
  bool formats;                     /* it reads XML or packed files: inside their libraries could not be loaded */
} JailLimits;
extern const JailLimits JAIL_STANDARD;
Err jail_run(Cx *cx, const JailLimits *limits, Err (*work)(Cx *cx, void *env, Str input, Buf *answer), void *env,
             Str input, Str *answer);
bool jail_is_complete(void);        /* seccomp and Landlock both available: for doctor */
