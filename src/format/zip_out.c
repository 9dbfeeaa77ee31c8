/* Stored ZIP files: fixed date, no extra fields, no gaps; a reader may compare every byte with what it must be. */
#include "format.h"

enum { VERSION = 20, DATE_1980 = 0x21, FILES_MAX = 65535, NAME_MAX_BYTES = 128, LOCAL_BYTES = 30, CENTRAL_BYTES = 46,
       END_BYTES = 22 };

static uint32_t crc32_of(Str s) {
  static const uint32_t table[16] = { 0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
                                      0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                      0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C };
  uint32_t c = UINT32_MAX;
  for (size_t i = 0; i < s.n; i++) {
    c ^= (uint8_t)s.p[i];
    c = (c >> 4) ^ table[c & 15];
    c = (c >> 4) ^ table[c & 15];
  }
  return ~c;
}

static void u16(Buf *b, unsigned v) {
  buf_byte(b, (char)(v & 255));
  buf_byte(b, (char)(v >> 8 & 255));
}

/* What the local and the central header have in common. */
static void put_common(Buf *b, const ZipFile *f, uint32_t crc) {
  const unsigned fields[] = { VERSION, 0, 0, 0, DATE_1980 };   /* flags, method (stored), time */
  for (size_t i = 0; i < COUNT(fields); i++) u16(b, fields[i]);
  buf_u32le(b, crc);
  buf_u32le(b, (uint32_t)f->bytes.n);
  buf_u32le(b, (uint32_t)f->bytes.n);
  u16(b, (unsigned)f->name.n);
  u16(b, 0);
}

static void put_central(Buf *b, const ZipFile *f, uint32_t crc, size_t offset) {
  buf_u32le(b, 0x02014b50);
  u16(b, VERSION);
  put_common(b, f, crc);
  for (int i = 0; i < 5; i++) u16(b, 0);   /* comment, disk, attributes */
  buf_u32le(b, (uint32_t)offset);
  buf_add(b, f->name);
}

static void put_end(Buf *b, size_t n, size_t central) {
  size_t size = b->n - central;
  buf_u32le(b, 0x06054b50);
  u16(b, 0);
  u16(b, 0);
  u16(b, (unsigned)n);
  u16(b, (unsigned)n);
  buf_u32le(b, (uint32_t)size);
  buf_u32le(b, (uint32_t)central);
  u16(b, 0);
}

Err zip_stored(Cx *cx, const ZipFile *files, size_t n, Str *out) {
  size_t total = END_BYTES;
  for (size_t i = 0; i < n; i++) {
    if (!files[i].name.n || files[i].name.n > NAME_MAX_BYTES)
      return fail(cx, E_BUG, "A file of an archive has no name, or a name of more than %d bytes", NAME_MAX_BYTES);
    total += LOCAL_BYTES + CENTRAL_BYTES + 2 * files[i].name.n + files[i].bytes.n;
  }
  if (n > FILES_MAX || total > UINT32_MAX)
    return fail(cx, E_TOO_LARGE, "The archive would hold %zu files and %zu bytes; %d files and 4 GiB are the most. Ask "
                "for less at a time.", n, total, FILES_MAX);
  Buf b = buf_new(cx->arena, total), central = buf_new(cx->arena, total);
  for (size_t i = 0; i < n; i++) {
    uint32_t crc = crc32_of(files[i].bytes);
    put_central(&central, &files[i], crc, b.n);
    buf_u32le(&b, 0x04034b50);
    put_common(&b, &files[i], crc);
    buf_add(&b, files[i].name);
    buf_add(&b, files[i].bytes);
  }
  size_t at = b.n;
  buf_add(&b, buf_str(&central));
  put_end(&b, n, at);
  *out = buf_str(&b);
  return E_OK;
}
