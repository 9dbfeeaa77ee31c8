/* snapshot.c - opens a snapshot: nothing in it is believed before sizes, references and the digest are checked. */
#include "vuln/snap.h"
#include "vuln/stamp.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char broken[] =
    "The snapshot %s cannot be used: %s. Nothing was judged by it. proofline feed update makes "
    "it anew from the archive; without an archive build it again and activate it";

uint64_t snap_hash(Str base, Str name) {
  uint64_t h = 0xcbf29ce484222325u; /* FNV-1a: the file must not depend on a process's key */
  for (size_t i = 0; i < base.n; i++) h = (h ^ (uint8_t)base.p[i]) * 0x100000001b3u;
  h = (h ^ 255) * 0x100000001b3u;
  for (size_t i = 0; i < name.n; i++) h = (h ^ (uint8_t)name.p[i]) * 0x100000001b3u;
  return h ^ (h >> 29);
}

uint64_t key_first8(Str key) {
  uint64_t v = 0;
  for (size_t i = 0; i < 8; i++) v = v << 8 | (i < key.n ? (uint8_t)key.p[i] : 0);
  return v;
}

uint64_t cve_number(Str id) {
  uint64_t year, number;
  if (id.n < 13 || !str_starts(id, S("CVE-")) || id.p[8] != '-') return 0;
  if (!str_uint(str_slice(id, 4, 8), &year) || !str_uint(str_slice(id, 9, id.n), &number)) return 0;
  return number < UINT32_MAX ? year << 32 | number : 0;
}

static const Str severities[] = { { "NONE", 4 }, { "LOW", 3 }, { "MEDIUM", 6 }, { "HIGH", 4 }, { "CRITICAL", 8 } };

unsigned snap_severity(Str word) {
  if (str_eq_nocase(word, S("moderate"))) return SEV_MEDIUM;
  for (unsigned i = 0; i < COUNT(severities); i++)
    if (str_eq_nocase(word, severities[i])) return i;
  return SEV_UNSCORED;
}

Str severity_name(unsigned severity) { return severity < COUNT(severities) ? severities[severity] : STR_NONE; }

/* Reads a string; false when it leaves the section. */
static bool string_at(const Snapshot *s, uint32_t ref, Str *out) {
  size_t n = 0, at = ref;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    if (at >= s->nstrs) return false;
    uint8_t byte = (uint8_t)s->strs[at++];
    n |= (size_t)(byte & 127) << shift;
    if (byte & 128) continue;
    if (n > s->nstrs - at) return false;
    *out = (Str){ s->strs + at, n };
    return true;
  }
  return false;
}

Str snap_long_str(const Snapshot *s, uint32_t ref) {
  Str text;
  return string_at(s, ref, &text) ? text : STR_NONE;
}

static bool is_str(const Snapshot *s, uint32_t ref) {
  Str text;
  return string_at(s, ref, &text);
}

/* A free slot ends every search. */
static bool slots_ok(const SnapSlot *table, size_t n, size_t rows) {
  size_t used = 0;
  for (size_t i = 0; i < n; i++) {
    if (table[i].at > rows) return false;
    used += table[i].at != 0;
  }
  return n >= 2 && !(n & (n - 1)) && used <= n / 2;
}

static bool packages_ok(const Snapshot *s) {
  size_t rows = 0;
  for (size_t i = 0; i < s->npkgs; i++) {
    const SnapPkg *p = &s->pkgs[i];
    if (!is_str(s, p->base) || !is_str(s, p->name) || p->first_row != rows || p->rows > s->nrows - rows) return false;
    rows += p->rows;
  }
  return rows == s->nrows && slots_ok(s->hash, s->nhash, s->npkgs);
}

static bool rows_ok(const Snapshot *s) {
  for (size_t i = 0; i < s->nrows; i++) {
    const SnapRow *r = &s->rows[i];
    if (!is_str(s, r->lo_key) || !is_str(s, r->hi_key) || !is_str(s, r->lo_text) || !is_str(s, r->hi_text) ||
        !is_str(s, r->release) || !is_str(s, r->stream) || r->adv >= s->nadvs || r->scheme >= SCHEME_COUNT)
      return false;
  }
  return true;
}

static bool advisories_ok(const Snapshot *s) {
  for (size_t i = 0; i < s->nadvs; i++) {
    const SnapAdv *a = &s->advs[i];
    if (a->source >= ORIGIN_COUNT || !is_str(s, a->id) || !is_str(s, a->modified) || !is_str(s, a->vector) ||
        a->group >= s->ngroups || a->first_up > s->nups || a->ups > s->nups - a->first_up)
      return false;
  }
  for (size_t i = 0; i < s->ngroups; i++) {
    const SnapGroup *g = &s->groups[i];
    if (!is_str(s, g->rep) || !is_str(s, g->vector) || !is_str(s, g->kev_added) || g->first_member > s->nmembers ||
        g->members > s->nmembers - g->first_member)
      return false;
  }
  for (size_t i = 0; i < s->nups; i++)
    if (s->ups[i] >= s->ngroups) return false;
  for (size_t i = 0; i < s->nmembers; i++)
    if (!is_str(s, s->members[i])) return false;
  return true;
}

static bool products_ok(const Snapshot *s) {
  size_t uses = 0;
  for (size_t i = 0; i < s->ncpes; i++) {
    const SnapCpe *c = &s->cpes[i];
    if (!is_str(s, c->product) || !is_str(s, c->vendor) || !is_str(s, c->part) || c->first_use != uses ||
        c->uses > s->nuses - uses)
      return false;
    uses += c->uses;
  }
  if (!slots_ok(s->product_hash, s->nproduct_hash, s->ncpes)) return false;
  for (size_t i = 0; i < s->nuses; i++)
    if (s->uses[i] >= s->nprogs) return false;
  for (size_t i = 0; i < s->nrests; i++)
    for (size_t k = 0; k < REST_COUNT; k++)
      if (!is_str(s, s->rests[i].value[k])) return false;
  for (size_t i = 0; i < s->nleaves; i++) {
    const SnapLeaf *l = &s->leaves[i];
    const uint32_t texts[] = { l->version, l->update, l->key, l->lo_key, l->hi_key, l->lo_text, l->hi_text };
    for (size_t k = 0; k < COUNT(texts); k++)
      if (!is_str(s, texts[k])) return false;
    if (l->cpe >= s->ncpes || l->rest >= s->nrests) return false;
  }
  return uses == s->nuses;
}

/* A program never takes more from the stack than it put there, stays within its depth, and leaves one value. */
static bool program_ok(const Snapshot *s, const SnapProg *p) {
  static const int takes[OP_KINDS] = { [OP_AND] = 2, [OP_OR] = 2, [OP_NOT] = 1 };
  int depth = 0;
  if (p->adv >= s->nadvs || p->first_op > s->nops || p->ops > s->nops - p->first_op) return false;
  for (uint32_t i = 0; i < p->ops; i++) {
    const SnapOp *op = &s->ops[p->first_op + i];
    if (op->kind >= OP_KINDS || (op->kind == OP_LEAF && op->leaf >= s->nleaves) || depth < takes[op->kind])
      return false;
    depth += 1 - takes[op->kind];
    if (depth > PROG_DEPTH_MOST) return false;
  }
  return depth == 1;
}

/* Every advisory once among the digests, and lists that follow each other. */
static bool ways_back_ok(const Snapshot *s) {
  if (s->ndigests != s->nadvs || s->nadv_first != s->nadvs + 1 || s->adv_first[s->nadvs] != s->nadv_pkgs) return false;
  for (size_t i = 0; i < s->nadvs; i++)
    if (s->digests[i].adv >= s->nadvs || (i && s->digests[i].digest < s->digests[i - 1].digest) ||
        s->digests[i].digest != s->advs[s->digests[i].adv].digest || s->adv_first[i] > s->adv_first[i + 1])
      return false;
  for (size_t i = 0; i < s->nadv_pkgs; i++)
    if (s->adv_pkgs[i] >= s->npkgs) return false;
  return true;
}

static bool others_ok(const Snapshot *s) {
  for (size_t i = 0; i < s->nsources; i++)
    if (!is_str(s, s->sources[i].name) || !is_str(s, s->sources[i].newest)) return false;
  for (size_t i = 0; i < s->necos; i++)
    if (!is_str(s, s->ecos[i].base) || !is_str(s, s->ecos[i].release)) return false;
  for (size_t i = 0; i < s->nprogs; i++)
    if (!program_ok(s, &s->progs[i]) || (i && s->progs[i - 1].adv > s->progs[i].adv)) return false;
  for (size_t i = 0; i < s->nkevs; i++)
    if (!is_str(s, s->kevs[i].added)) return false;
  return true;
}

/* Finds a section by its tag; unknown ones are for newer programs. */
static bool section(const Snapshot *s, const SnapHead *head, const char *tag, size_t each, const uint8_t **p,
                    size_t *n) {
  const SnapSection *table = (const SnapSection *)(const void *)(s->map + sizeof *head);
  for (uint32_t i = 0; i < head->sections; i++) {
    const SnapSection *t = &table[i];
    if (memcmp(t->tag, tag, 4) != 0) continue;
    uint64_t end = s->bytes - SNAP_TRAILER;
    if (t->each != each || t->offset % SNAP_ALIGN || t->offset > end || t->length > end - t->offset ||
        t->length % each)
      return false;
    *p = s->map + t->offset;
    *n = t->length / each;
    return true;
  }
  return false;
}

/* Where its sections are; cheap. */
static const char *lay_out(Snapshot *s) {
  const SnapHead *head = (const SnapHead *)(const void *)s->map;
  if (s->bytes < sizeof *head + SNAP_TRAILER || memcmp(head->magic, SNAP_MAGIC, 4) != 0) return "it is no snapshot";
  if (head->version != SNAP_VERSION) return "another version of Proofline made it";
  if (head->bytes != s->bytes) return "its size is not what it says";
  if (head->sections > 64 || sizeof *head + head->sections * sizeof(SnapSection) > s->bytes)
    return "its table of sections is broken";
  const uint8_t *p;
  size_t n;
#define X(tag, type, name)                                                                                           \
  if (!section(s, head, #tag, sizeof(type), &p, &n)) return "section " #tag " is broken";                         \
  s->name = (const type *)(const void *)p;                                                                           \
  s->n##name = n;
  SNAP_SECTIONS(X)
#undef X
  return NULL;
}

/* All of it: the digest, and that no reference leads out of it. */
static const char *check_whole(Cx *cx, Snapshot *s) {
  Sha256 *sum = sha256_new(cx->arena);
  Str body = { (const char *)s->map, s->bytes - SNAP_TRAILER }, trailer = { body.p + body.n, SNAP_TRAILER };
  sha256_add(sum, body);
  Hash want = sha256_now(sum);
  sha256_add(sum, trailer);
  Hash whole = sha256_end(sum);
  if (memcmp(want.b, trailer.p, SNAP_TRAILER) != 0) return "its SHA-256 does not match";
  memcpy(s->sha256, hash_hex(cx->arena, whole).p, sizeof s->sha256);
  if (!packages_ok(s) || !rows_ok(s) || !advisories_ok(s) || !products_ok(s) || !others_ok(s) ||
      !ways_back_ok(s))
    return "a reference leads nowhere";
  return NULL;
}

static Err map_file(Cx *cx, const char *path, Snapshot *s, struct stat *st) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return fail(cx, E_NOTFOUND,
                "There is no snapshot %s. The one in use is made anew from the archive by: proofline feed update; "
                "one of files by: proofline feed build --out FILE PATH",
                path);
  void *map = MAP_FAILED;
  if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) && st->st_size >= (off_t)(sizeof(SnapHead) + SNAP_TRAILER))
    map = mmap(NULL, (size_t)st->st_size, PROT_READ, MAP_SHARED, fd, 0);
  (void)close(fd);
  if (map == MAP_FAILED) return fail(cx, E_INTEGRITY, broken, path, "it is too short or cannot be mapped");
  /* What is asked lies anywhere in it: read from the disk in pages of 2 MiB, where the system can, a scan of a large
   * inventory waits for some 200 of them instead of some 2,000 small ones. */
  (void)madvise(map, (size_t)st->st_size, MADV_HUGEPAGE);
  s->map = map;
  s->bytes = (size_t)st->st_size;
  return E_OK;
}

/* A file that is as it was when it was last checked as a whole need not be checked again: only what is asked of it is
 * read then. */
Err snapshot_open(Cx *cx, const char *path, Snapshot **out) {
  Snapshot *s = NEW(cx->arena, Snapshot);
  struct stat st;
  TRY(map_file(cx, path, s, &st));
  bool large = s->bytes >= STAMP_LEAST_BYTES; /* a small one is checked sooner than a note is made */
  const char *why = lay_out(s);
  if (!why && !(large && stamp_holds(cx, path, &st, s->sha256))) {
    if (large) stamp_settle(&st);
    why = check_whole(cx, s);
    if (!why && large) stamp_write(cx, path, &st, s->sha256);
  }
  if (why) {
    snapshot_close(s);
    return fail(cx, E_INTEGRITY, broken, path, why);
  }
  *out = s;
  return E_OK;
}

Err snapshot_verify(Cx *cx, const char *path) {
  Snapshot s = { 0 };
  struct stat st;
  TRY(map_file(cx, path, &s, &st));
  const char *why = lay_out(&s);
  if (!why) why = check_whole(cx, &s);
  snapshot_close(&s);
  return why ? fail(cx, E_INTEGRITY, broken, path, why) : E_OK;
}

void snapshot_close(Snapshot *s) {
  if (s && s->map) {
    (void)munmap((void *)(uintptr_t)s->map, s->bytes);
    s->map = NULL;
  }
}

Str snapshot_sha256(const Snapshot *s) { return (Str){ s->sha256, sizeof s->sha256 }; }
size_t snapshot_sources(const Snapshot *s) { return s->nsources; }

FeedSource snapshot_source(const Snapshot *s, size_t i) {
  const SnapSource *r = &s->sources[i];
  return (FeedSource){ snap_str(s, r->name), (int64_t)r->records, snap_str(s, r->newest) };
}

/* The next slot with that tag, from *at on; NULL behind the last. */
static const SnapSlot *slot_next(const SnapSlot *table, size_t n, uint64_t hash, size_t *at) {
  for (;;) {
    const SnapSlot *slot = &table[(*at)++ & (n - 1)];
    if (!slot->at) return NULL;
    if (slot->tag == (uint32_t)(hash >> 32)) return slot;
  }
}

uint32_t snap_likely(const SnapSlot *table, size_t n, uint64_t hash) {
  size_t at = hash;
  const SnapSlot *slot = slot_next(table, n, hash, &at);
  return slot ? slot->at - 1 : SNAP_NONE;
}

const SnapPkg *snap_package(const Snapshot *s, uint64_t hash, Str base, Str name) {
  const SnapSlot *slot;
  for (size_t at = hash; (slot = slot_next(s->hash, s->nhash, hash, &at));) {
    const SnapPkg *p = &s->pkgs[slot->at - 1];
    if (str_eq(snap_str(s, p->name), name) && str_eq(snap_str(s, p->base), base)) return p;
  }
  return NULL;
}

size_t snap_product(const Snapshot *s, uint64_t hash, Str product) {
  const SnapSlot *slot;
  for (size_t at = hash; (slot = slot_next(s->product_hash, s->nproduct_hash, hash, &at));)
    if (str_eq(snap_str(s, s->cpes[slot->at - 1].product), product)) return slot->at - 1;
  return s->ncpes;
}
