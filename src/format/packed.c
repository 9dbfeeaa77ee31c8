/* zip, tar, gz, zst through libarchive, from memory. */
#include "format/inside.h"
#include "format/late.h"
#include <stdlib.h>

enum {
  ENTRY_MOST = 16 << 20,
  WHOLE_MOST = 256 << 20,
  ENTRIES_MOST = 2000000,
  RATIO = 200,
  FLOOR = 1 << 20
};

typedef struct archive *Packed;
static void Packed_drop(Packed *a) {
  if (*a) (void)late.archive_read_free(*a);
}

typedef struct Walk {
  Cx *cx;
  Arena *own;            /* of one entry */
  PackedEach *each;
  void *env;
  uint64_t left;         /* bytes that may still come out: what a bomb runs into */
  size_t entries;
} Walk;

static Str words_of(Packed a) {
  const char *z = late.archive_error_string(a);
  return str_of(z ? z : "damaged");
}

bool zip_is(Str bytes) { return str_starts(bytes, S("PK\3\4")) || str_starts(bytes, S("PK\5\6")); }

bool packed_is(Str bytes) {
  static const Str marks[] = { { "\x1f\x8b\x08", 3 }, { "\x28\xb5\x2f\xfd", 4 } };
  if (zip_is(bytes)) return true;
  for (size_t i = 0; i < COUNT(marks); i++) if (str_starts(bytes, marks[i])) return true;
  return str_eq(str_slice(bytes, 257, 262), S("ustar"));
}

/* The bytes of the current entry, or why not.  E_UNREADABLE only when nothing after it can be read either. */
static Err entry_bytes(Walk *w, Packed a, size_t most, PackedFile *f) {
  Buf b = buf_new(w->own, most);
  for (;;) {
    const void *block = NULL;
    size_t n = 0;
    la_int64_t at = 0;
    int got = late.archive_read_data_block(a, &block, &n, &at);
    if (got == ARCHIVE_EOF) break;
    if (got == ARCHIVE_FATAL)
      return fail(w->cx, E_UNREADABLE, "The packed file cannot be read: %.*s", STR(words_of(a)));
    if (got != ARCHIVE_OK) { f->why = words_of(a); return E_OK; }
    if ((uint64_t)n > w->left) { f->why = S("unpacks to more than 200 times its size"); w->left = 0; return E_OK; }
    if (n && (uint64_t)at != b.n) { f->why = S("has holes"); return E_OK; }
    w->left -= (uint64_t)n;
    buf_add(&b, (Str){ block, n });
    if (b.over) { f->why = str_fmt(w->own, "is larger than %zu MiB", most >> 20); return E_OK; }
  }
  f->bytes = b.n ? buf_str(&b) : S("");
  return E_OK;
}

void packed_no_nesting(PackedFile *f) {
  if (!f->bytes.p || !packed_is(f->bytes)) return;
  f->bytes = STR_NONE;
  f->why = S("is a packed file inside of a packed file; unpack it first");
}

static Err one_entry(Walk *w, Packed a, struct archive_entry *e, Str whole_name) {
  bool whole = late.archive_format(a) == ARCHIVE_FORMAT_RAW;
  const char *utf8 = late.archive_entry_pathname_utf8(e), *raw = utf8 ? utf8 : late.archive_entry_pathname(e);
  PackedFile f = { .name = whole ? whole_name : str_of(raw ? raw : "") };
  if (++w->entries > ENTRIES_MOST)
    return fail(w->cx, E_TOO_LARGE, "The packed file has more than %d entries", ENTRIES_MOST);
  if (late.archive_entry_is_encrypted(e)) f.why = S("is encrypted");
  else if (!w->left) f.why = S("comes after more than 200 times the packed size");
  else TRY(entry_bytes(w, a, whole ? WHOLE_MOST : ENTRY_MOST, &f));
  packed_no_nesting(&f);
  return w->each(w->cx, w->env, &f);
}

/* Every entry's time is read as local time, for which the system's time zone file is looked at each time unless the
 * environment names a zone.  Nobody asks for these times. */
static Packed reader(Cx *cx) {
  if (late_load(cx, LATE_ARCHIVE) != E_OK) return NULL;
  (void)setenv("TZ", "UTC0", 0);
  Packed a = late.archive_read_new();
  bool good = a && late.archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
              late.archive_read_support_filter_zstd(a) == ARCHIVE_OK &&
              late.archive_read_support_format_zip(a) == ARCHIVE_OK &&
              late.archive_read_support_format_tar(a) == ARCHIVE_OK &&
              late.archive_read_support_format_raw(a) == ARCHIVE_OK;
  if (good) return a;
  if (a) (void)late.archive_read_free(a);
  return NULL;
}

static Err walk_entries(Walk *w, Packed a, Str name) {
  for (struct archive_entry *e;;) {
    int got = late.archive_read_next_header(a, &e);
    if (got == ARCHIVE_EOF) return E_OK;
    if (got == ARCHIVE_RETRY) continue;
    if (got < ARCHIVE_WARN)
      return fail(w->cx, E_UNREADABLE, "%.*s cannot be unpacked: %.*s", STR(name), STR(words_of(a)));
    bool whole = late.archive_format(a) == ARCHIVE_FORMAT_RAW;
    if (!whole && (late.archive_entry_filetype(e) != AE_IFREG || late.archive_entry_hardlink(e))) continue;
    TRY(one_entry(w, a, e, name));
    arena_reset(w->own);
  }
}

static Err plain(Cx *cx, Str name, Str bytes, PackedEach *each, void *env) {
  PackedFile f = { .name = name, .bytes = bytes.p ? bytes : S("") };
  if (bytes.n > WHOLE_MOST) f = (PackedFile){ .name = name, .why = S("is larger than 256 MiB") };
  return each(cx, env, &f);
}

static void Scratch_drop(Arena **a) { arena_free(*a); }
typedef Arena *Scratch;

/* A zip, or a gzip file that is no tar, without libarchive: twice as fast.  false: not read. */
static bool read_plainly(Cx *cx, Str name, Str bytes, PackedLimits *most, PackedEach *each, void *env, Err *e) {
  PackedFile f = { .name = name };
  if (zip_is(bytes)) {
    *e = zip_walk(cx, name, bytes, most, each, env);
    return true;
  }
  bool gzip = str_starts(bytes, S("\x1f\x8b")) && gzip_whole(bytes, most, &f.bytes);
  if (!gzip || str_eq(str_slice(f.bytes, 257, 262), S("ustar"))) return false;
  packed_no_nesting(&f);
  *e = each(cx, env, &f);
  return true;
}

bool share_takes(PackedShare *share, uint64_t bytes) {
  enum { EACH = 512 };         /* what an entry costs beside its bytes */
  if (!share) return true;
  unsigned whose = share->taken[1] < share->taken[0];
  share->taken[whose] += bytes + EACH;
  return whose == share->mine;
}

Err packed_bytes(Cx *cx, Str name, Str bytes, PackedEach *each, void *env) {
  return packed_part(cx, name, bytes, NULL, each, env);
}

/* A zip is shared by its entries, everything else as a whole. */
Err packed_part(Cx *cx, Str name, Str bytes, PackedShare *share, PackedEach *each, void *env) {
  if (!zip_is(bytes) && !share_takes(share, bytes.n)) return E_OK;
  if (!packed_is(bytes)) return plain(cx, name, bytes, each, env);
  AUTO(Scratch) own = arena_new((size_t)3 * WHOLE_MOST);   /* a Buf that doubles leaves its smaller selves behind */
  uint64_t most = (uint64_t)bytes.n * RATIO;
  PackedLimits limits = { .own = own, .left = most > FLOOR ? most : FLOOR, .entry = ENTRY_MOST, .whole = WHOLE_MOST,
                          .entries = ENTRIES_MOST, .share = share };
  Err e = E_OK;
  if (read_plainly(cx, name, bytes, &limits, each, env, &e)) return e;
  AUTO(Packed) a = reader(cx);
  if (!a || late.archive_read_open_memory(a, bytes.p, bytes.n) != ARCHIVE_OK)
    return fail(cx, E_UNREADABLE, "%.*s cannot be unpacked: %.*s", STR(name),
                STR(a ? words_of(a) : S("libarchive cannot start")));
  arena_reset(own);
  Walk w = { .cx = cx, .own = own, .each = each, .env = env, .left = limits.left };
  return walk_entries(&w, a, name);
}
