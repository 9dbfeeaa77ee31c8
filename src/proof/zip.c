/* An archive of stored files.  Each header must be, byte by byte, the one that follows from names and contents. */
#include "proof.h"
#include <stdlib.h>
#include <zlib.h>

enum { LOCAL = 30, CENTRAL = 46, END = 22, NAME_MAX_BYTES = 128 };

static uint32_t u16(const char *p) { return (uint32_t)(uint8_t)p[0] | (uint32_t)(uint8_t)p[1] << 8; }
static uint32_t u32(const char *p) { return u16(p) | u16(p + 2) << 16; }

/* Letters, digits and ". _ - @", in parts between single slashes, no part "." or "..". */
bool name_ok(Text name) {
  if (!name.n || name.n > NAME_MAX_BYTES) return false;
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@";
  Text rest = name, part;
  for (bool more = true; more;) {
    if (!(more = cut(&rest, '/', &part))) part = rest;
    if (!part.n || same(part, T(".")) || same(part, T("..")) || !only(part, letters)) return false;
  }
  return true;
}

static const char *read_one(Text all, size_t at_central, size_t *local, size_t *central, File *f) {
  const char *c = all.p + *central;
  size_t left = all.n - END - *central;
  if (left < CENTRAL || left - CENTRAL < u16(c + 28)) return "the list of files is cut off";
  f->name = (Text){ c + CENTRAL, u16(c + 28) };
  f->bytes.n = u32(c + 24);
  if (!name_ok(f->name)) return "a file has a name that is not allowed";
  if (at_central - *local < LOCAL + f->name.n || at_central - *local - LOCAL - f->name.n < f->bytes.n)
    return "a file is cut off";
  const char *l = all.p + *local;
  f->bytes.p = l + LOCAL + f->name.n;
  /* Version 2.0, no flags, stored, 1980-01-01 00:00, no extra field; the local header is this one's bytes 6 to 32. */
  if (memcmp(c, "PK\1\2\x14\0\x14\0\0\0\0\0\0\0\x21", 16) != 0 || u32(c + 20) != u32(c + 24) ||
      u32(c + 16) != crc32_z(0, (const Bytef *)f->bytes.p, f->bytes.n) || u32(c + 42) != *local ||
      memcmp(c + 30, "\0\0\0\0\0\0\0\0\0\0\0", 12) != 0 || memcmp(l, "PK\3\4", 4) != 0 ||
      memcmp(l + 4, c + 6, 26) != 0 || memcmp(l + LOCAL, f->name.p, f->name.n) != 0)
    return "a header or a checksum is not what it must be";
  *local += LOCAL + f->name.n + f->bytes.n;
  *central += CENTRAL + f->name.n;
  return NULL;
}

const char *zip_read(Text all, Zip *out) {
  if (all.n < END || all.n > UINT32_MAX) return "it is no package";
  const char *end = all.p + all.n - END;
  size_t n = u16(end + 10), at_central = u32(end + 16), central = at_central, local = 0;
  if (memcmp(end, "PK\5\6\0\0\0", 8) != 0 || u16(end + 8) != n || at_central > all.n - END ||
      u32(end + 12) != all.n - END - at_central || u16(end + 20) != 0)
    return "the end of the archive is not what it must be";
  Zip z = { room(n, sizeof(File)), n };
  for (size_t i = 0; i < n; i++) {
    const char *wrong = read_one(all, at_central, &local, &central, &z.file[i]);
    if (wrong) return wrong;
    if (i && order(z.file[i - 1].name, z.file[i].name) >= 0) return "the names are not in order";
  }
  if (local != at_central || central != all.n - END) return "there are bytes that belong to no file";
  *out = z;
  return NULL;
}

static int by_name(const void *a, const void *b) { return order(((const File *)a)->name, ((const File *)b)->name); }

File *zip_find(const Zip *z, Text name) {
  return z->n ? bsearch(&(File){ .name = name }, z->file, z->n, sizeof *z->file, by_name) : NULL;
}
