/* pack.c - records packed by the mebibyte, with an index and one hash over all. */
#include "vuln/archive.h"
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define MAGIC "QVP1\0\0\0\0"
enum { MAGIC_BYTES = 8, TRAILER = 8 + 4 * 4, HASH = 32, TABLE_ROW = 16, LEVEL = 3 };
#define INDEX_MOST ((size_t)1 << 30)

/* ---- writing ---- */

PackOut pack_out(Arena *a, Buf *to) {
  buf_add(to, (Str){ MAGIC, MAGIC_BYTES });
  return (PackOut){ .arena = a, .to = to, .block = buf_new(a, PACK_RECORD_MOST + PACK_BLOCK_BYTES) };
}

static PackBlock put_frame(PackOut *p, Str raw) {
  PackBlock b = { .place = p->to->n, .bytes = (uint32_t)raw.n };
  size_t room = ZSTD_compressBound(raw.n);
  if (room > p->room) {
    p->scratch = arena_alloc(p->arena, room);
    p->room = room;
  }
  size_t n = ZSTD_compress(p->scratch, p->room, raw.p, raw.n, LEVEL);
  if (ZSTD_isError(n)) p->to->over = true;
  else buf_add(p->to, (Str){ p->scratch, n });
  b.packed = (uint32_t)(p->to->n - b.place);
  return b;
}

static void block_end(PackOut *p) {
  if (!p->block.n) return;
  vec_add(p->arena, &p->blocks, put_frame(p, buf_str(&p->block)));
  buf_clear(&p->block);
}

void pack_add(PackOut *p, Str name, Hash hash, Str bytes) {
  if (p->block.n && p->block.n + bytes.n > PACK_BLOCK_BYTES) block_end(p);
  PackRecord r = { .name = str_dup(p->arena, name),
                   .hash = hash,
                   .block = (uint32_t)p->blocks.n,
                   .offset = (uint32_t)p->block.n,
                   .length = (uint32_t)bytes.n };
  buf_add(&p->block, bytes);
  vec_add(p->arena, &p->records, r);
}

void pack_gone(PackOut *p, Str name) {
  vec_add(p->arena, &p->records, (PackRecord){ .name = str_dup(p->arena, name), .block = PACK_GONE });
}

static int by_name(const void *x, const void *y) {
  const PackRecord *a = x, *b = y;
  return str_cmp(a->name, b->name);
}

static PackBlock put_index(PackOut *p) {
  Buf index = buf_new(p->arena, INDEX_MOST);
  for (size_t i = 0; i < p->records.n; i++) {
    const PackRecord *r = &p->records.p[i];
    buf_u32le(&index, (uint32_t)r->name.n);
    buf_add(&index, r->name);
    buf_u32le(&index, r->block);
    buf_u32le(&index, r->offset);
    buf_u32le(&index, r->length);
    buf_add(&index, hash_bytes(&r->hash));
  }
  return put_frame(p, buf_str(&index));
}

Err pack_end(Cx *cx, PackOut *p) {
  block_end(p);
  if (p->records.n) qsort(p->records.p, p->records.n, sizeof *p->records.p, by_name);
  for (size_t i = 1; i < p->records.n; i++)
    if (str_eq(p->records.p[i].name, p->records.p[i - 1].name))
      return fail(cx, E_INVALID, "%.*s stands twice in one intake", STR(p->records.p[i].name));
  PackBlock index = put_index(p);
  for (size_t i = 0; i < p->blocks.n; i++) {
    buf_u64le(p->to, p->blocks.p[i].place);
    buf_u32le(p->to, p->blocks.p[i].packed);
    buf_u32le(p->to, p->blocks.p[i].bytes);
  }
  buf_u64le(p->to, index.place);
  buf_u32le(p->to, index.packed);
  buf_u32le(p->to, index.bytes);
  buf_u32le(p->to, (uint32_t)p->blocks.n);
  buf_u32le(p->to, (uint32_t)p->records.n);
  Hash h = sha256(buf_str(p->to));
  buf_add(p->to, hash_bytes(&h));
  if (p->to->over || p->records.n > PACK_RECORDS_MOST)
    return fail(cx, E_TOO_LARGE, "This intake is too large for one pack. Nothing was kept. Take the source in parts");
  return E_OK;
}

/* ---- reading ---- */

typedef struct Take {
  Str rest;
  bool bad;
} Take;

static uint64_t take_number(Take *t, unsigned bytes) {
  uint64_t v = 0;
  if (t->rest.n < bytes) {
    t->bad = true;
    return 0;
  }
  for (unsigned i = 0; i < bytes; i++) v |= (uint64_t)(uint8_t)t->rest.p[i] << 8 * i;
  t->rest = str_slice(t->rest, bytes, t->rest.n);
  return v;
}

static uint32_t take_u32(Take *t) { return (uint32_t)take_number(t, 4); }

/* A frame that holds exactly what is said of it. */
static bool unpack(Str frame, char *to, size_t bytes) {
  if (ZSTD_getFrameContentSize(frame.p, frame.n) != bytes) return false;
  return ZSTD_findFrameCompressedSize(frame.p, frame.n) == frame.n &&
         ZSTD_decompress(to, bytes, frame.p, frame.n) == bytes;
}

static bool take_table(Cx *cx, Take *t, Pack *p, uint64_t index_place) {
  uint64_t at = MAGIC_BYTES;
  p->block = NEW_ARRAY(cx->arena, p->nblocks + 1, PackBlock);
  for (size_t i = 0; i < p->nblocks; i++) {
    PackBlock *b = &p->block[i];
    b->place = take_number(t, 8);
    b->packed = take_u32(t);
    b->bytes = take_u32(t);
    if (b->place != at || b->bytes > PACK_RECORD_MOST + PACK_BLOCK_BYTES) return false;
    at += b->packed;
  }
  return !t->bad && at == index_place;
}

static bool take_index(Cx *cx, Take *t, Pack *p) {
  p->record = NEW_ARRAY(cx->arena, p->n + 1, PackRecord);
  for (size_t i = 0; i < p->n && !t->bad; i++) {
    PackRecord *r = &p->record[i];
    uint32_t n = take_u32(t);
    if (!n || n > PACK_NAME_MOST || n > t->rest.n) return false;
    r->name = str_slice(t->rest, 0, n);
    t->rest = str_slice(t->rest, n, t->rest.n);
    r->block = take_u32(t);
    r->offset = take_u32(t);
    r->length = take_u32(t);
    if (t->rest.n < HASH) return false;
    memcpy(r->hash.b, t->rest.p, HASH);
    t->rest = str_slice(t->rest, HASH, t->rest.n);
    if (i && str_cmp(p->record[i - 1].name, r->name) >= 0) return false;
    if (r->block == PACK_GONE) {
      if (r->offset || r->length) return false;
    } else if (r->block >= p->nblocks || (uint64_t)r->offset + r->length > p->block[r->block].bytes) {
      return false;
    }
  }
  return !t->bad && !t->rest.n;
}

static bool take_all(Cx *cx, Str bytes, Pack *p) {
  if (bytes.n < MAGIC_BYTES + TRAILER + HASH || !str_starts(bytes, (Str){ MAGIC, MAGIC_BYTES })) return false;
  size_t end = bytes.n - HASH - TRAILER;
  Take t = { .rest = str_slice(bytes, end, bytes.n - HASH) };
  uint64_t place = take_number(&t, 8);
  uint32_t packed = take_u32(&t), raw = take_u32(&t);
  p->nblocks = take_u32(&t);
  p->n = take_u32(&t);
  if (place > end || packed > end - place || p->n > PACK_RECORDS_MOST || raw > INDEX_MOST) return false;
  if (p->n > raw / (4 + 1 + 12 + HASH) || (end - place - packed) / TABLE_ROW != p->nblocks ||
      (end - place - packed) % TABLE_ROW)
    return false;
  Take table = { .rest = str_slice(bytes, place + packed, end) };
  if (!take_table(cx, &table, p, place)) return false;
  Str frame = str_slice(bytes, place, place + packed);
  if (ZSTD_getFrameContentSize(frame.p, frame.n) != raw) return false;
  char *index = arena_alloc(cx->arena, raw + 1u);
  Take rows = { .rest = { index, raw } };
  return unpack(frame, index, raw) && take_index(cx, &rows, p);
}

Err pack_open(Cx *cx, Str bytes, Pack *out) {
  Pack p = { .bytes = bytes };
  Hash h = { { 0 } };
  if (bytes.n >= HASH) h = sha256(str_slice(bytes, 0, bytes.n - HASH));
  if (bytes.n < HASH || memcmp(h.b, bytes.p + bytes.n - HASH, HASH) != 0 || !take_all(cx, bytes, &p))
    return fail(cx, E_INTEGRITY, "A pack of advisories is damaged. Nothing was taken from it");
  p.sha256 = hash_hex(cx->arena, sha256(bytes));
  *out = p;
  return E_OK;
}

PackReader pack_reader(Arena *a, const Pack *p) { return (PackReader){ .pack = p, .block = PACK_GONE, .arena = a }; }

Err pack_record(Cx *cx, PackReader *r, const PackRecord *record, Str *out) {
  const Pack *p = r->pack;
  if (record->block == PACK_GONE) return fail(cx, E_NOTFOUND, "%.*s is no longer there", STR(record->name));
  if (record->block != r->block) {
    const PackBlock *b = &p->block[record->block];
    if (b->bytes > r->room) {
      r->room = b->bytes > PACK_BLOCK_BYTES ? b->bytes : PACK_BLOCK_BYTES;
      r->bytes = arena_alloc(r->arena, r->room);
    }
    r->block = PACK_GONE;
    if (b->bytes && !unpack(str_slice(p->bytes, b->place, b->place + b->packed), r->bytes, b->bytes))
      return fail(cx, E_INTEGRITY, "A block of advisories cannot be unpacked");
    r->block = record->block;
  }
  Str s = { r->bytes + record->offset, record->length };
  if (!record->length) s = S("");
  if (!hash_eq(sha256(s), record->hash))
    return fail(cx, E_INTEGRITY, "%.*s is not what its hash says", STR(record->name));
  *out = s;
  return E_OK;
}
