/* zip_in.c - a zip from memory, by its directory: what the directory says of an entry is held against the entry.
 *
 * The sizes and sums of the directory count; an entry that leads elsewhere, or that unpacks to anything else, is told
 * as damaged.  Entries that together claim more bytes than stand before the directory overlap: such a file is a bomb
 * and refused whole. */
#include "format/inside.h"
#include <libdeflate.h>
#include <string.h>

enum { END_BYTES = 22, END64_BYTES = 56, LOCATOR_BYTES = 20, CENTRAL_BYTES = 46, LOCAL_BYTES = 30 };
enum { COMMENT_MOST = 65535 };
enum { FLAG_ENCRYPTED = 1, STORED = 0, DEFLATED = 8, MADE_ON_UNIX = 3, TYPE_MASK = 0170000, TYPE_REGULAR = 0100000 };

typedef struct libdeflate_decompressor *Inflate;
static void Inflate_drop(Inflate *d) { libdeflate_free_decompressor(*d); }

static uint64_t number(Str s, size_t at, size_t bytes) {
  uint64_t v = 0;
  for (size_t i = bytes; i-- > 0;) v = v << 8 | (uint8_t)s.p[at + i];
  return v;
}

typedef struct Directory {
  uint64_t entries, at, bytes;
} Directory;

static Err damaged(Cx *cx, Str name, const char *why) {
  return fail(cx, E_UNREADABLE, "%.*s cannot be unpacked: %s", STR(name), why);
}

/* Numbers that do not fit stand in a record of their own in front. */
static bool large_end(Str z, size_t end, Directory *d) {
  if (end < LOCATOR_BYTES || !str_starts(str_slice(z, end - LOCATOR_BYTES, z.n), S("PK\6\7"))) return false;
  uint64_t at = number(z, end - LOCATOR_BYTES + 8, 8);
  if (at > z.n || z.n - at < END64_BYTES || !str_starts(str_slice(z, at, z.n), S("PK\6\6"))) return false;
  *d = (Directory){ number(z, at + 32, 8), number(z, at + 48, 8), number(z, at + 40, 8) };
  return true;
}

static bool find_directory(Str z, Directory *d) {
  for (size_t back = END_BYTES; back <= z.n && back <= END_BYTES + COMMENT_MOST; back++) {
    size_t at = z.n - back;
    if (z.p[at] != 'P' || !str_starts(str_slice(z, at, z.n), S("PK\5\6")) || number(z, at + 20, 2) != back - END_BYTES)
      continue;
    *d = (Directory){ number(z, at + 10, 2), number(z, at + 16, 4), number(z, at + 12, 4) };
    bool large = d->entries == UINT16_MAX || d->at == UINT32_MAX || d->bytes == UINT32_MAX;
    if (large && !large_end(z, at, d)) return false;
    return d->at <= at && d->bytes <= at - d->at;
  }
  return false;
}

typedef struct ZipEntry {
  Str name;
  uint64_t flags, method, crc, packed, size, at, attributes, host;
} ZipEntry;

static void take_large(Str extra, uint64_t *value) {
  if (*value == UINT32_MAX && extra.n >= 8) *value = number(extra, 0, 8);
}

/* Sizes of 4 GiB and more stand in the extra field 1, in this order, those that need it. */
static void large_fields(Str extra, ZipEntry *e) {
  while (extra.n >= 4) {
    size_t id = number(extra, 0, 2), n = number(extra, 2, 2);
    Str field = str_slice(extra, 4, 4 + n);
    extra = str_slice(extra, 4 + n, extra.n);
    if (id != 1) continue;
    uint64_t *const values[] = { &e->size, &e->packed, &e->at };
    for (size_t i = 0; i < COUNT(values); i++) {
      bool large = *values[i] == UINT32_MAX;
      take_large(field, values[i]);
      if (large) field = str_slice(field, 8, field.n);
    }
  }
}

/* Takes one entry off the directory. */
static bool take_entry(Str *rest, ZipEntry *e) {
  if (rest->n < CENTRAL_BYTES || !str_starts(*rest, S("PK\1\2"))) return false;
  size_t name = number(*rest, 28, 2), extra = number(*rest, 30, 2), comment = number(*rest, 32, 2);
  *e = (ZipEntry){ .host = (uint8_t)rest->p[5], .flags = number(*rest, 8, 2), .method = number(*rest, 10, 2),
                   .crc = number(*rest, 16, 4), .packed = number(*rest, 20, 4), .size = number(*rest, 24, 4),
                   .attributes = number(*rest, 38, 4), .at = number(*rest, 42, 4) };
  if (rest->n - CENTRAL_BYTES < name + extra + comment) return false;
  e->name = str_slice(*rest, CENTRAL_BYTES, CENTRAL_BYTES + name);
  large_fields(str_slice(*rest, CENTRAL_BYTES + name, CENTRAL_BYTES + name + extra), e);
  *rest = str_slice(*rest, CENTRAL_BYTES + name + extra + comment, rest->n);
  return true;
}

/* Folders, links and devices are left out. */
static bool is_file(const ZipEntry *e) {
  uint64_t type = (e->attributes >> 16) & TYPE_MASK;
  return !str_ends(e->name, S("/")) && !(e->host == MADE_ON_UNIX && type && type != TYPE_REGULAR);
}

/* Where the packed bytes stand, or STR_NONE. */
static Str packed_bytes_of(Str z, const ZipEntry *e, uint64_t end) {
  if (e->at > end || end - e->at < LOCAL_BYTES || !str_starts(str_slice(z, e->at, z.n), S("PK\3\4"))) return STR_NONE;
  uint64_t from = e->at + LOCAL_BYTES + number(z, e->at + 26, 2) + number(z, e->at + 28, 2);
  return from > end || e->packed > end - from ? STR_NONE : str_slice(z, from, from + e->packed);
}

static const char *unpack(Inflate inflate, const ZipEntry *e, Str in, char *out) {
  size_t got = 0;
  if (e->method != STORED && e->method != DEFLATED) return "is packed in a way that is not read";
  if (e->method == STORED) {
    if (in.n != e->size) return "is damaged: its sizes differ";
    memcpy(out, in.n ? in.p : "", in.n);
  } else if (libdeflate_deflate_decompress(inflate, in.p, in.n, out, e->size, &got) != LIBDEFLATE_SUCCESS ||
             got != e->size) {
    return "is damaged: it does not unpack to the size that it says";
  }
  return libdeflate_crc32(0, out, e->size) == e->crc ? NULL : "is damaged: its sum is another";
}

static void entry_bytes(PackedLimits *most, Inflate inflate, Str z, const ZipEntry *e, uint64_t end, PackedFile *f) {
  Str in = packed_bytes_of(z, e, end);
  if (e->flags & FLAG_ENCRYPTED) f->why = S("is encrypted");
  else if (!most->left) f->why = S("comes after more than 200 times the packed size");
  else if (!in.p) f->why = S("is damaged: it does not stand where the directory says");
  else if (e->size > most->entry) f->why = str_fmt(most->own, "is larger than %zu MiB", most->entry >> 20);
  else if (e->size > most->left) {
    f->why = S("unpacks to more than 200 times its size");
    most->left = 0;
  }
  if (f->why.p) return;
  char *out = arena_alloc(most->own, e->size + 1);
  f->why = str_of(unpack(inflate, e, in, out));
  if (f->why.p) return;
  most->left -= e->size;
  f->bytes = (Str){ out, e->size };
}

/* Entries that do not overlap fit in front of the directory. */
static bool fits(Str list, uint64_t end) {
  uint64_t claimed = 0;
  for (ZipEntry e; take_entry(&list, &e);) {
    if (e.packed > end || claimed > end) return false;
    claimed += LOCAL_BYTES + e.packed;
  }
  return claimed <= end;
}

Err zip_walk(Cx *cx, Str name, Str z, PackedLimits *most, PackedEach *each, void *env) {
  Directory d = { 0 };
  if (!find_directory(z, &d)) return damaged(cx, name, "it has no directory at its end: it was cut off or is no zip");
  Str list = str_slice(z, d.at, d.at + d.bytes);
  if (d.entries > most->entries)
    return fail(cx, E_TOO_LARGE, "The packed file has more than %zu entries", most->entries);
  if (!fits(list, d.at)) return damaged(cx, name, "its entries overlap");
  AUTO(Inflate) inflate = libdeflate_alloc_decompressor();
  if (!inflate) return damaged(cx, name, "there is no memory for it");
  for (uint64_t i = 0; i < d.entries; i++) {
    ZipEntry e;
    if (!take_entry(&list, &e)) return damaged(cx, name, "its directory is damaged");
    if (!is_file(&e) || !share_takes(most->share, e.packed)) continue;
    PackedFile f = { .name = e.name };
    entry_bytes(most, inflate, z, &e, d.at, &f);
    packed_no_nesting(&f);
    TRY(each(cx, env, &f));
    arena_reset(most->own);
  }
  return E_OK;
}

/* The usual gzip file, one member that says its size, in one go.  false: something else, to be read step by step. */
bool gzip_whole(Str in, PackedLimits *most, Str *out) {
  enum { GZIP_LEAST = 18 };
  size_t size = in.n > GZIP_LEAST ? number(in, in.n - 4, 4) : 0, used = 0, got = 0;
  if (!size || size > most->whole || size > most->left) return false;
  AUTO(Inflate) inflate = libdeflate_alloc_decompressor();
  if (!inflate) return false;
  ArenaMark mark = arena_mark(most->own);
  char *p = arena_alloc(most->own, size + 1);
  enum libdeflate_result r = libdeflate_gzip_decompress_ex(inflate, in.p, in.n, p, size, &used, &got);
  if (r != LIBDEFLATE_SUCCESS || used != in.n || got != size) {
    arena_release(most->own, mark);
    return false;
  }
  *out = (Str){ p, size };
  return true;
}
