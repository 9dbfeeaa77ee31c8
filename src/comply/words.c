/* Placeholders of messages and fixes: {id}, {title}, {what} and the fields of the record. */
#include "comply/inside.h"

bool words_names(Str pattern, bool (*each)(void *env, Str name), void *env) {
  for (size_t open; (open = str_find_char(pattern, '{')) != SIZE_MAX;) {
    pattern = str_slice(pattern, open + 1, pattern.n);
    size_t close = str_find_char(pattern, '}');
    if (close == SIZE_MAX || !each(env, str_slice(pattern, 0, close))) return false;
    pattern = str_slice(pattern, close + 1, pattern.n);
  }
  return true;
}

static Str field_words(Cx *cx, const Graph *g, Node n, Str name) {
  size_t at;
  const Field *f = record_field(node_type(g, n), name, &at);
  const Value *v = f ? node_value(g, n, f->name) : NULL;
  return v ? value_text(cx, f, v) : S("(empty)");
}

static Str one(Cx *cx, const Words *w, Str name) {
  bool record = w->node != NODE_NONE;
  if (str_eq(name, S("id"))) return w->object;
  if (str_eq(name, S("title"))) return record ? node_title(w->graph, w->node) : w->title;
  if (str_eq(name, S("what"))) return w->what;
  if (str_eq(name, S("product"))) return w->scope.product.n ? w->scope.product : S("any product");
  if (str_eq(name, S("release"))) return w->scope.release.n ? w->scope.release : S("any release");
  if (!record) return S("");
  if (str_eq(name, S("owner"))) return node_owner(w->graph, w->node);
  if (str_eq(name, S("state"))) return choice_words(cx->arena, node_state(w->graph, w->node));
  if (str_eq(name, S("type"))) return str_of(node_type(w->graph, w->node)->title);
  return field_words(cx, w->graph, w->node, name);
}

Str words_fill(Cx *cx, Str pattern, const Words *w) {
  Buf b = buf_new(cx->arena, 4096);
  for (size_t open; (open = str_find_char(pattern, '{')) != SIZE_MAX;) {
    buf_add(&b, str_slice(pattern, 0, open));
    pattern = str_slice(pattern, open + 1, pattern.n);
    Str name;
    str_cut(pattern, '}', &name, &pattern);
    buf_add(&b, one(cx, w, name));
  }
  buf_add(&b, pattern);
  return buf_str(&b);
}
