/* yaml.c - YAML written as JSON.  Scalars without quotes stay text (a version 1.10 is no number) but for null, true and
 * false.  An alias is written out again wherever it stands, so both depth and size are bounded. */
#include "supply/inside.h"
#include <yaml.h>

enum { YAML_DEPTH = 64, UNFOLDED = 16 };   /* UNFOLDED: JSON may have so many times the file's bytes, and 1 MiB */

typedef struct Yaml { Cx *cx; yaml_document_t *doc; JsonOut o; size_t most; } Yaml;

typedef struct Loaded { yaml_parser_t parser; yaml_document_t doc; bool parser_up, doc_up; } Loaded;
static void Loaded_drop(Loaded *l) {
  if (l->doc_up) yaml_document_delete(&l->doc);
  if (l->parser_up) yaml_parser_delete(&l->parser);
}

static Err broken(Cx *cx, const char *why, size_t line) {
  Str words = str_of(why ? why : "it is not well-formed");
  return fail(cx, E_UNREADABLE,
              "The YAML cannot be read: %.*s at line %zu. Nothing was stored. Have it made anew and try again.",
              STR(words), line + 1);
}

static Str scalar(const yaml_node_t *n) { return (Str){ (const char *)n->data.scalar.value, n->data.scalar.length }; }

static void scalar_put(Yaml *y, const yaml_node_t *n) {
  Str s = scalar(n);
  bool plain = n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  bool yes = str_eq(s, S("true")), no = str_eq(s, S("false"));
  if (plain && (!s.n || str_eq(s, S("~")) || str_eq(s, S("null")))) json_put_null(&y->o);
  else if (plain && (yes || no)) json_put_bool(&y->o, yes);
  else json_put_str(&y->o, s);
}

/* Recursion ends at YAML_DEPTH; a node that holds itself ends there too. */
static Err node_put(Yaml *y, int id, int depth) {
  const yaml_node_t *n = yaml_document_get_node(y->doc, id);
  if (!n) return broken(y->cx, "a node is missing", 0);
  if (depth > YAML_DEPTH) return broken(y->cx, "it is nested deeper than 64", n->start_mark.line);
  if (y->o.buf->over || y->o.buf->n > y->most)
    return fail(y->cx, E_TOO_LARGE, "The YAML unfolds to more than %zu bytes: its aliases repeat too much. Nothing was "
                "stored.", y->most);
  if (n->type == YAML_SCALAR_NODE) scalar_put(y, n);
  if (n->type == YAML_SEQUENCE_NODE) {
    json_array(&y->o);
    for (const int *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++)
      TRY(node_put(y, *i, depth + 1));
    json_array_end(&y->o);
  }
  if (n->type == YAML_MAPPING_NODE) {
    json_object(&y->o);
    for (const yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
      const yaml_node_t *key = yaml_document_get_node(y->doc, p->key);
      if (!key || key->type != YAML_SCALAR_NODE) return broken(y->cx, "a key that is no text", n->start_mark.line);
      json_key_str(&y->o, scalar(key));
      TRY(node_put(y, p->value, depth + 1));
    }
    json_object_end(&y->o);
  }
  return E_OK;
}

Err yaml_to_json(Cx *cx, Str text, Buf *json) {
  AUTO(Loaded) l = { 0 };
  l.parser_up = yaml_parser_initialize(&l.parser) != 0;
  if (!l.parser_up) return fail(cx, E_LIMIT, "The YAML reader cannot start. Nothing was stored.");
  yaml_parser_set_input_string(&l.parser, (const unsigned char *)text.p, text.n);
  l.doc_up = yaml_parser_load(&l.parser, &l.doc) != 0;
  if (!l.doc_up) return broken(cx, l.parser.problem, l.parser.problem_mark.line);
  const yaml_node_t *root = yaml_document_get_root_node(&l.doc);
  if (!root) return broken(cx, "it holds nothing", 0);
  Yaml y = { cx, &l.doc, json_out(json, false), UNFOLDED * text.n + (1 << 20) };
  return node_put(&y, 1, 1);
}
