/* place.c - where in a JSON document a byte lies.
 *
 * A light scan of what stands before it: the document is broken, so no parser can say. */
#include "supply/inside.h"

enum { PLACE_DEPTH = 64 };
typedef struct Level { bool array; size_t index; Str key; } Level;
typedef struct Scan { Level level[PLACE_DEPTH]; size_t depth; Str last; } Scan;

/* The string that begins at i (its opening quote); *end is behind its closing quote, or `upto` when it is cut. */
static Str string_at(Str bytes, size_t i, size_t upto, size_t *end, bool *cut) {
  size_t from = ++i;
  while (i < upto && bytes.p[i] != '"') i += bytes.p[i] == '\\' ? 2 : 1;
  *cut = i >= upto;
  *end = *cut ? upto : i + 1;
  return str_slice(bytes, from, *cut ? upto : i);
}

static void step(Scan *s, char c) {
  Level *top = s->depth ? &s->level[s->depth < PLACE_DEPTH ? s->depth - 1 : PLACE_DEPTH - 1] : NULL;
  if (c == '{' || c == '[') {
    if (s->depth < PLACE_DEPTH) s->level[s->depth] = (Level){ .array = c == '[' };
    s->depth++;
  } else if ((c == '}' || c == ']') && s->depth) {
    s->depth--;
  } else if (c == ':' && top) {
    top->key = s->last;
  } else if (c == ',' && top) {
    top->index++;
    top->key = STR_NONE;
  }
}

/* RFC 6901: ~ and / in a name.  What is no text must not become part of a message. */
static void token_add(Buf *b, Str key) {
  key = str_head(key, 100);
  bool text = str_is_utf8(key);
  for (size_t i = 0; i < key.n; i++) {
    unsigned char c = (unsigned char)key.p[i];
    if (c == '~') buf_z(b, "~0");
    else if (c == '/') buf_z(b, "~1");
    else buf_byte(b, c < ' ' || (c >= 0x7f && !text) ? '?' : (char)c);
  }
}

Str json_place(Arena *a, Str bytes, size_t upto, bool *open) {
  Scan s = { 0 };
  bool cut = false;
  if (upto > bytes.n) upto = bytes.n;
  for (size_t i = 0; i < upto;) {
    if (bytes.p[i] == '"') s.last = string_at(bytes, i, upto, &i, &cut);
    else step(&s, bytes.p[i++]);
  }
  *open = s.depth || cut;
  Buf b = buf_new(a, 16384);
  for (size_t i = 0; i < s.depth && i < PLACE_DEPTH; i++) {
    const Level *l = &s.level[i];
    if (!l->array && !l->key.p) break;
    buf_byte(&b, '/');
    if (l->array) buf_int(&b, (int64_t)l->index);
    else token_add(&b, l->key);
  }
  return b.n ? buf_str(&b) : S("the document");
}
