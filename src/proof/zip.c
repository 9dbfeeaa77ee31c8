/* An archive of stored files.  Each header must be, byte by byte, the one that follows from names and contents. */
#include "proof.h"

enum { LOCAL = 30, CENTRAL = 46, END = 22, NAME_MAX_BYTES = 128 };

static uint32_t u16(const char *p) { return (uint32_t)(uint8_t)p[0] | (uint32_t)(uint8_t)p[1] << 8; }
static uint32_t u32(const char *p) { return u16(p) | u16(p + 2) << 16; }
static void put(char *p, uint32_t v, size_t n) {
  for (size_t i = 0; i < n; i++) p[i] = (char)(v >> 8 * i & 255);
}

static uint32_t crc32_of(Text t) {
  uint32_t c = UINT32_MAX;
  for (size_t i = 0; i < t.n; i++) {
    c ^= (uint8_t)t.p[i];
    for (int k = 0; k < 8; k++) c = c >> 1 ^ (0xEDB88320u & -(c & 1));
  }
  return ~c;
}

/* Letters, digits and ". _ - @", in parts between single slashes, no part "." or "..". */
bool name_ok(Text name) {
  if (!name.n || name.n > NAME_MAX_BYTES) return false;
  Text rest = name, part;
  for (bool more = true; more;) {
    if (!(more = cut(&rest, '/', &part))) part = rest;
    if (!part.n || same(part, T(".")) || same(part, T(".."))) return false;
    for (size_t i = 0; i < part.n; i++) {
      char c = part.p[i], low = (char)(c | 32);
      if ((low < 'a' || low > 'z') && (c < '0' || c > '9') && !memchr("._-@", c, 4)) return false;
    }
  }
  return true;
}

/* The 26 bytes that local and central header share: version 2.0, no flags, stored, 1980-01-01 00:00, no extra field. */
static void put_shared(char *p, const File *f, uint32_t crc) {
  put(p, 20, 2);
  put(p + 8, 0x21, 2);
  put(p + 10, crc, 4);
  put(p + 14, (uint32_t)f->bytes.n, 4);
  put(p + 18, (uint32_t)f->bytes.n, 4);
  put(p + 22, (uint32_t)f->name.n, 2);
}

static const char *read_one(Text all, size_t at_central, size_t *local, size_t *central, File *f) {
  char want[CENTRAL] = { 'P', 'K', 1, 2, 20 }, want_local[LOCAL] = { 'P', 'K', 3, 4 };
  if (all.n - END - *central < CENTRAL) return "the list of files is cut off";
  const char *c = all.p + *central;
  f->name = (Text){ c + CENTRAL, u16(c + 28) };
  f->bytes.n = u32(c + 24);
  if (all.n - END - *central - CENTRAL < f->name.n) return "the list of files is cut off";
  if (!name_ok(f->name)) return "a file has a name that is not allowed";
  if (at_central - *local < LOCAL + f->name.n || at_central - *local - LOCAL - f->name.n < f->bytes.n)
    return "a file is cut off";
  const char *l = all.p + *local;
  f->bytes.p = l + LOCAL + f->name.n;
  uint32_t crc = crc32_of(f->bytes);
  put_shared(want + 6, f, crc);
  put(want + 42, (uint32_t)*local, 4);
  put_shared(want_local + 4, f, crc);
  if (memcmp(c, want, CENTRAL) != 0 || memcmp(l, want_local, LOCAL) != 0 ||
      memcmp(l + LOCAL, f->name.p, f->name.n) != 0)
    return "a header or a checksum is not what it must be";
  *local += LOCAL + f->name.n + f->bytes.n;
  *central += CENTRAL + f->name.n;
  return NULL;
}

const char *zip_read(Text all, Zip *out) {
  if (all.n < END || all.n > UINT32_MAX) return "it is no package";
  const char *end = all.p + all.n - END;
  char want[END] = { 'P', 'K', 5, 6 };
  size_t n = u16(end + 10), at_central = u32(end + 16), central = at_central, local = 0;
  if (at_central > all.n - END) return "the end of the archive is not what it must be";
  put(want + 8, (uint32_t)n, 2);
  put(want + 10, (uint32_t)n, 2);
  put(want + 12, (uint32_t)(all.n - END - at_central), 4);
  put(want + 16, (uint32_t)at_central, 4);
  if (memcmp(end, want, END) != 0) return "the end of the archive is not what it must be";
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

File *zip_find(const Zip *z, Text name) {
  for (size_t low = 0, high = z->n; low < high;) {
    size_t mid = low + (high - low) / 2;
    int o = order(name, z->file[mid].name);
    if (o == 0) return &z->file[mid];
    if (o < 0) high = mid;
    else low = mid + 1;
  }
  return NULL;
}
