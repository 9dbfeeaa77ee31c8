#include "format/inside.h"

/* yyjson over an arena.  The scan has counted the values, so the one array that grows gets its last size at
 * its first growth; the later ones stay in place. */
typedef struct Pool { Arena *arena; size_t tree_bytes; void *tree; size_t room; } Pool;

static void *pool_alloc(void *ctx, size_t size) {
  Pool *p = ctx;
  return arena_alloc(p->arena, size);
}

static void *pool_grow(void *ctx, void *old, size_t old_size, size_t size) {
  Pool *p = ctx;
  if (old == p->tree && size <= p->room) return old;
  size_t room = size > p->tree_bytes ? size : p->tree_bytes;
  p->tree = arena_grow(p->arena, old, old_size, room);
  p->room = room;
  return p->tree;
}

static void pool_free(void *ctx, void *old) { (void)ctx; (void)old; }

Str json_str(JVal *value) {
  return yyjson_is_str(value) ? (Str){ unsafe_yyjson_get_str(value), unsafe_yyjson_get_len(value) } : STR_NONE;
}

/* The key of `object` that stands twice, or NULL.  Small objects by comparing, large ones by a keyed hash. */
static JVal *key_twice(Arena *arena, JVal *object) {
  enum { FEW = 16 };
  JVal *seen[FEW];
  uint64_t kinds = 0; /* of length and ends: a key of a new kind is no double */
  size_t n = yyjson_obj_size(object), k = 0;
  Map map = n > FEW ? map_new(arena, n) : (Map){ 0 };
  JSON_MEMBERS(key, value, object) {
    Str name = json_str(key);
    if (n > FEW) {
      if (map_get(&map, name) != MAP_NONE) return key;
      map_put(&map, name, 0);
      continue;
    }
    uint64_t kind = 1ull << ((name.n * 7 + (name.n ? (uint8_t)name.p[0] * 3u + (uint8_t)name.p[name.n - 1] : 0)) & 63);
    for (size_t i = 0; i < k && (kinds & kind); i++)
      if (str_eq(json_str(seen[i]), name)) return key;
    kinds |= kind;
    seen[k++] = key;
  }
  return NULL;
}

/* The values of a document stand in one array, parents before children: no recursion is needed. */
static Err check_values(Cx *cx, const yyjson_doc *doc) {
  ArenaMark mark = arena_mark(cx->arena);
  for (size_t i = 0; i < doc->val_read; i++) {
    JVal *v = doc->root + i;
    if (yyjson_is_uint(v) && yyjson_get_uint(v) > INT64_MAX)   /* json_scan() saw that no digit is lost */
      unsafe_yyjson_set_real(v, (double)yyjson_get_uint(v));
    JVal *twice = yyjson_is_obj(v) ? key_twice(cx->arena, v) : NULL;
    if (twice) {   /* yyjson unescapes in place, so a string's place in the pool is its place in the input */
      size_t at = (size_t)(unsafe_yyjson_get_str(twice) - doc->str_pool) - 1;
      Str name = str_head(json_str(twice), 60);
      return fail(cx, E_UNREADABLE, "The JSON cannot be read: the key \"%.*s\" stands twice at byte %zu", STR(name),
                  at);
    }
    arena_release(cx->arena, mark);
  }
  return E_OK;
}

Err json_read(Cx *cx, Str bytes, const JsonLimits *limits, JVal **root) {
  JsonScan sum;
  TRY(json_scan(cx, bytes, limits, &sum));
  Pool pool = { .arena = cx->arena, .tree_bytes = (sum.values + 64) * sizeof(JVal) * 3 / 2 };
  yyjson_alc alc = { pool_alloc, pool_grow, pool_free, &pool };
  yyjson_read_err why = { 0 };
  char *in = (char *)(uintptr_t)bytes.p;   /* not written to: only YYJSON_READ_INSITU would */
  yyjson_doc *doc = yyjson_read_opts(in, bytes.n, YYJSON_READ_NOFLAG, &alc, &why);
  if (!doc) return fail(cx, E_UNREADABLE, "The JSON cannot be read: %s at byte %zu", why.msg, why.pos);
  TRY(check_values(cx, doc));
  *root = doc->root;
  return E_OK;
}

JVal *json_get(JVal *object, const char *key) { return yyjson_obj_get(object, key); }
Str json_text(JVal *object, const char *key) { return json_str(json_get(object, key)); }

int64_t json_int(JVal *object, const char *key, int64_t absent) {
  JVal *v = json_get(object, key);
  return yyjson_is_int(v) ? yyjson_get_sint(v) : absent;
}

bool json_bool(JVal *object, const char *key, bool absent) {
  JVal *v = json_get(object, key);
  return yyjson_is_bool(v) ? yyjson_get_bool(v) : absent;
}
