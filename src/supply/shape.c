/* shape.c - holds a document, JSON or XML, against the table of its format and says where it departs from it.
 *
 * One walk, linear in the document: each member is looked up in the rows of its part.  Recursion follows the nesting of
 * the document, which is bounded when it is opened. */
#include "supply/shape.h"
#include <stdarg.h>
#include <stdio.h>

enum { ROWS_MOST = 64, CHOICES = 4 };      /* tools/shape.py holds to the first */

/* ---- places ---- */

static Str place_of(Arena *a, const Path *at, const char *key) {
  const Path *chain[200];
  size_t n = 0;
  for (const Path *p = at; p && p->up && n < COUNT(chain); p = p->up) chain[n++] = p;
  Buf b = buf_new(a, 16384);
  while (n-- > 0) {
    buf_byte(&b, '/');
    if (chain[n]->key) buf_z(&b, chain[n]->key);
    else buf_int(&b, chain[n]->index);
  }
  if (key) {
    buf_byte(&b, '/');
    buf_z(&b, key);
  }
  return buf_str(&b);
}

void judge_error(Judge *j, const Path *at, const char *key, const char *fmt, ...) {
  j->failed++;
  if (j->trying) return;
  char words[400];
  va_list args;
  va_start(args, fmt);
  int n = vsnprintf(words, sizeof words, fmt, args);
  va_end(args);
  size_t length = n < 0 ? 0 : (size_t)n < sizeof words ? (size_t)n : sizeof words - 1;
  Str said = str_head((Str){ words, length }, sizeof words);
  /* beyond the cap only the count matters: its place is not worth making */
  Str where = j->r->found[1].n < SBOM_MAX_PROBLEMS ? place_of(j->r->cx->arena, at, key) : STR_NONE;
  reading_error(j->r, where, "%.*s", STR(said));
}

void judge_warn(Judge *j, const Path *at, const char *key, Str words) {
  if (j->trying) return;
  Str where = j->r->found[0].n < SBOM_MAX_PROBLEMS ? place_of(j->r->cx->arena, at, key) : STR_NONE;
  reading_warn(j->r, where, "%.*s", STR(words));
}

Str part_text(Value part, const char *name) {
  if (part.json) return json_text(part.json, name);
  for (const XmlNode *k = part.xml->first; k; k = k->next)
    if (str_eq(k->name, str_of(name))) return str_trim(k->text);
  return STR_NONE;
}

bool part_has(Value part, const char *name) {
  return part.json ? json_get(part.json, name) != NULL : part_text(part, name).p != NULL;
}

/* ---- a part ---- */

typedef struct Record {
  const ShapePart *part;
  const Path *at;
  bool xml;
  uint32_t seen[ROWS_MOST];      /* how often each row was met */
  uint32_t items;                /* elements so far */
  const ShapeRow *last;          /* the last element's */
} Record;

static void value_judge(Judge *j, const ShapeKind *k, Value v, const char *name, const Path *at);

static bool row_is_of(const ShapeRow *row, unsigned version, bool xml) {
  return row->from <= version && version <= row->until && (xml ? row->in_xml : row->in_json);
}

/* By bisection; the rows of one name stand together and at most one of them is of a version and an encoding. */
static const ShapeRow *row_find(const ShapePart *part, Str name, unsigned version, bool xml, bool attribute) {
  size_t low = 0, high = part->n;
  while (low < high) {
    size_t mid = (low + high) / 2;
    if (str_cmp(part->row[mid].name, name) < 0) low = mid + 1;
    else high = mid;
  }
  for (; low < part->n && str_eq(part->row[low].name, name); low++) {
    const ShapeRow *row = &part->row[low];
    if (row_is_of(row, version, xml) && (!xml || (!row->text && row->attribute == attribute))) return row;
  }
  return NULL;
}

static void name_unknown(Judge *j, const Record *rec, Str name) {
  Str words = STR_NONE;
  bool warn = j->names_warn;
  if (j->r->found[!warn].n < SBOM_MAX_PROBLEMS)
    words = str_fmt(j->r->cx->arena, "\"%.*s\" is not a member of %s in %s %.*s", STR(str_head(name, 60)),
                    rec->part->what, sbom_format_name(j->r->s->format), STR(j->r->s->spec));
  if (warn) judge_warn(j, rec->at, NULL, words);
  else judge_error(j, rec->at, NULL, "%.*s", STR(words));
}

static void items_judge(Judge *j, const ShapeKind *k, bool unique, JVal *array, const char *name, const Path *at);

static void json_member(Judge *j, Record *rec, Str name, JVal *v) {
  const ShapeRow *row = row_find(rec->part, name, j->version, false, false);
  if (!row) {
    if (!rec->part->open_json && !j->own_names) name_unknown(j, rec, name);
    return;
  }
  rec->seen[row - rec->part->row]++;
  if (j->untyped && yyjson_is_str(v) && !yyjson_get_len(v)) return;
  Path here = { rec->at, row->name.p, 0 };
  const ShapeKind *k = &j->t->kind[row->kind];
  if (row->occurs == '*' || row->occurs == '+') items_judge(j, k, false, v, row->name.p, &here);
  else value_judge(j, k, (Value){ v, NULL }, row->name.p, &here);
}

/* In XML every one is unique.  Of two components the reader says it, with the first one's place. */
static void ref_judge(Judge *j, const Record *rec, const XmlNode *n) {
  size_t kind = str_eq(str_of(rec->part->what), S("a component")) ? 2 : 1;
  if (!j->refs.arena) j->refs = map_new(j->r->cx->arena, 256);
  size_t before = map_get(&j->refs, n->text);
  if (before == MAP_NONE) map_put(&j->refs, n->text, kind);
  else if (before + kind < 4)
    judge_error(j, rec->at, "bom-ref", "the bom-ref \"%.*s\" stands twice", STR(str_head(n->text, 200)));
}

static void order_judge(Judge *j, Record *rec, const ShapeRow *row) {
  bool apart = !rec->last || rec->last->choice != row->choice || rec->last->branch == row->branch;
  if (rec->last && apart && !rec->part->list && row->place < rec->last->place)
    judge_error(j, rec->at, NULL, "\"%s\" must stand before \"%s\"", row->name.p, rec->last->name.p);
  rec->last = row;
}

static void xml_member(Judge *j, Record *rec, const XmlNode *n) {
  const ShapeRow *row = row_find(rec->part, n->name, j->version, true, n->attribute);
  uint32_t item = rec->items;
  if (!n->attribute) rec->items++;
  if (!row) {
    if (!n->attribute || !rec->part->open_xml) name_unknown(j, rec, n->name);
    return;
  }
  bool many = row->occurs == '*' || row->occurs == '+';
  uint32_t nth = rec->seen[row - rec->part->row]++;
  if (nth && !many) judge_error(j, rec->at, row->name.p, "\"%s\" stands twice", row->name.p);
  if (!n->attribute) order_judge(j, rec, row);
  else if (str_eq(n->name, S("bom-ref"))) ref_judge(j, rec, n);
  Path list = { rec->at, row->name.p, 0 };
  Path here = rec->part->list ? (Path){ rec->at, NULL, item } : many ? (Path){ &list, NULL, nth } : list;
  value_judge(j, &j->t->kind[row->kind], (Value){ NULL, n }, row->name.p, &here);
}

/* The branches of each choice, and what must be there. */
static void choices_judge(Judge *j, const Record *rec, const uint32_t taken[CHOICES]) {
  const ShapePart *part = rec->part;
  for (unsigned c = 1; c < CHOICES; c++) {
    Buf names = buf_new(j->r->cx->arena, 400);
    uint32_t named = 0;
    bool must = false, several = (taken[c] & (taken[c] - 1)) != 0;
    for (size_t i = 0; i < part->n && (several || !taken[c]); i++) {
      const ShapeRow *row = &part->row[i];
      if (row->choice != c || !row_is_of(row, j->version, rec->xml)) continue;
      must |= row->choice_must;
      if ((named & (1U << row->branch)) || (must && row->occurs != '1')) continue;
      buf_fmt(&names, "%s\"%s\"", named ? " or " : "", row->name.p);
      named |= 1U << row->branch;
    }
    if (several) judge_error(j, rec->at, NULL, "%s has either %.*s", part->what, STR(buf_str(&names)));
    else if (must) judge_error(j, rec->at, NULL, "%s must have %.*s", part->what, STR(buf_str(&names)));
  }
}

static void demands_judge(Judge *j, const Record *rec) {
  const ShapePart *part = rec->part;
  uint32_t taken[CHOICES] = { 0 };
  bool choices = false;
  for (size_t i = 0; i < part->n; i++) {
    choices |= part->row[i].choice != 0;
    if (rec->seen[i]) taken[part->row[i].choice] |= 1U << part->row[i].branch;
  }
  for (size_t i = 0; i < part->n; i++) {
    const ShapeRow *row = &part->row[i];
    bool must = row->occurs == '1' || (row->occurs == '+' && rec->xml);
    if (!must || rec->seen[i] || (rec->xml && row->text) || !row_is_of(row, j->version, rec->xml)) continue;
    if (row->choice && !(taken[row->choice] & (1U << row->branch))) continue;
    judge_error(j, rec->at, row->name.p, "%s must have \"%s\"", part->what, row->name.p);
  }
  if (choices) choices_judge(j, rec, taken);
}

static const ShapeRow *text_row(const ShapePart *part, unsigned version) {
  for (size_t i = 0; i < part->n; i++)
    if (part->row[i].text && row_is_of(&part->row[i], version, true)) return &part->row[i];
  return NULL;
}

static void element_text_judge(Judge *j, const Record *rec, const XmlNode *n) {
  const ShapeRow *row = text_row(rec->part, j->version);
  if (row) plain_judge(j, &j->t->kind[row->kind], (Value){ NULL, n }, row->name.p, rec->at);
  else if (str_trim(n->text).n) judge_error(j, rec->at, NULL, "%s holds text", rec->part->what);
}

static void part_judge(Judge *j, const ShapePart *part, Value v, const Path *at) {
  Record rec = { .part = part, .at = at, .xml = v.xml != NULL };
  if (v.xml) {
    for (const XmlNode *n = v.xml->first; n; n = n->next) if (!n->extension || j->version < 2) xml_member(j, &rec, n);
    element_text_judge(j, &rec, v.xml);
  } else {
    if (j->untyped && yyjson_is_str(v.json) && !yyjson_get_len(v.json)) return;      /* an element without content */
    if (!yyjson_is_obj(v.json)) { judge_error(j, at, NULL, "%s must be an object", part->what); return; }
    JSON_MEMBERS(key, value, v.json) json_member(j, &rec, json_str(key), value);
  }
  demands_judge(j, &rec);
  if (part->rule) part->rule(j, v, at);
}

/* ---- lists ---- */

/* The same for values that are equal, with members in any order; of 64 bits, which is as good as comparing them. */
static uint64_t json_hash(JVal *v) {
  uint64_t h = yyjson_get_type(v);
  double number = yyjson_get_num(v);
  if (yyjson_is_str(v)) return str_hash(json_str(v));
  if (yyjson_is_num(v)) return str_hash((Str){ (const char *)&number, sizeof number });
  if (yyjson_is_bool(v)) return h + yyjson_get_bool(v);
  JSON_EACH(item, v) h = h * 31 + json_hash(item);
  JSON_MEMBERS(key, value, v) h += str_hash(json_str(key)) * (json_hash(value) | 1);
  return h;
}

static void unique_judge(Judge *j, JVal *array, const Path *at) {
  Arena *a = j->r->cx->arena;
  Map first = map_new(a, 64);
  uint32_t i = 0;
  JSON_EACH(item, array) {
    Path here = { at, NULL, i++ };
    if (json_text(item, "bom-ref").n) continue;          /* what has a name stands twice by its name */
    uint64_t h = json_hash(item);
    Str key = { (const char *)&h, sizeof h };
    size_t before = map_get(&first, key);
    if (before == MAP_NONE) map_put(&first, str_dup(a, key), i - 1);
    else judge_error(j, &here, NULL, "this is the same as number %zu of the list", before);
  }
}

static void items_judge(Judge *j, const ShapeKind *k, bool unique, JVal *array, const char *name, const Path *at) {
  uint32_t i = 0;
  if (!yyjson_is_arr(array)) { judge_error(j, at, NULL, "\"%s\" must be an array", name); return; }
  JSON_EACH(item, array) {
    Path here = { at, NULL, i++ };
    if (k->of == SHAPE_TEXT && !yyjson_is_str(item))
      judge_error(j, &here, NULL, "an item of \"%s\" must be text", name);
    else value_judge(j, k, (Value){ item, NULL }, name, &here);
  }
  if (unique && i > 1) unique_judge(j, array, at);
}

/* In XML the list is an element that holds nothing but its items. */
static void elements_judge(Judge *j, const ShapeKind *k, const XmlNode *list, const char *name, const Path *at) {
  uint32_t i = 0;
  for (const XmlNode *n = list->first; n; n = n->next) {
    if (n->attribute) continue;
    Path here = { at, NULL, i++ };
    if (str_eq(n->name, str_of(k->text))) value_judge(j, &j->t->kind[k->at], (Value){ NULL, n }, k->text, &here);
    else judge_error(j, at, NULL, "\"%.*s\" is not a member of \"%s\"", STR(str_head(n->name, 60)), name);
  }
  if (k->some && !i) judge_error(j, at, NULL, "\"%s\" must have \"%s\"", name, k->text);
  if (str_trim(list->text).n) judge_error(j, at, NULL, "\"%s\" holds text", name);
}

static void list_judge(Judge *j, const ShapeKind *k, Value v, const char *name, const Path *at) {
  if (v.xml) { elements_judge(j, k, v.xml, name, at); return; }
  items_judge(j, &j->t->kind[k->at], k->unique, v.json, name, at);
  if (k->some && yyjson_is_arr(v.json) && !yyjson_arr_size(v.json))
    judge_error(j, at, NULL, "\"%s\" is empty", name);
}

/* ---- any value ---- */

static bool json_is(const ShapeKind *k, JVal *v) {
  switch (k->of) {
  case SHAPE_ANY: case SHAPE_EITHER: return true;
  case SHAPE_LIST: return yyjson_is_arr(v);
  case SHAPE_OBJECT: case SHAPE_PART: return yyjson_is_obj(v);
  case SHAPE_INT: case SHAPE_NUM: return yyjson_is_num(v);
  case SHAPE_BOOL: return yyjson_is_bool(v);
  case SHAPE_TEXT: case SHAPE_WORD: case SHAPE_TIME: case SHAPE_DATE: case SHAPE_LICENCE: case SHAPE_SERIAL:
  case SHAPE_CPE: case SHAPE_PATTERN: return yyjson_is_str(v);
  }
  return false;
}

/* What fits without an error; else the errors of the first that has the same type. */
static void either_judge(Judge *j, const ShapeKind *k, Value v, const char *name, const Path *at) {
  const ShapeKind *nearest = NULL;
  bool before = j->trying;
  for (size_t i = 0; i < k->n; i++) {
    const ShapeKind *one = &j->t->kind[j->t->either[k->at + i]];
    if (!json_is(one, v.json)) continue;
    uint32_t failed = j->failed;
    j->trying = true;
    value_judge(j, one, v, name, at);
    j->trying = before;
    bool fits = j->failed == failed;
    j->failed = failed;
    if (fits) return;
    if (!nearest) nearest = one;
  }
  value_judge(j, nearest ? nearest : &j->t->kind[j->t->either[k->at]], v, name, at);
}

static void value_judge(Judge *j, const ShapeKind *k, Value v, const char *name, const Path *at) {
  switch (k->of) {
  case SHAPE_ANY: return;
  case SHAPE_PART: part_judge(j, &j->t->part[k->at], v, at); return;
  case SHAPE_LIST: list_judge(j, k, v, name, at); return;
  case SHAPE_EITHER: either_judge(j, k, v, name, at); return;
  case SHAPE_OBJECT:
    if (!yyjson_is_obj(v.json)) judge_error(j, at, NULL, "\"%s\" must be an object", name);
    return;
  case SHAPE_TEXT: case SHAPE_WORD: case SHAPE_INT: case SHAPE_NUM: case SHAPE_BOOL: case SHAPE_TIME: case SHAPE_DATE:
  case SHAPE_LICENCE: case SHAPE_SERIAL: case SHAPE_CPE: case SHAPE_PATTERN: break;
  }
  if (v.xml && v.xml->first)
    judge_error(j, at, NULL, "\"%.*s\" is not a member of \"%s\"", STR(str_head(v.xml->first->name, 60)), name);
  plain_judge(j, k, v, name, at);
}

void shape_judge(Judge *j, Value document) { part_judge(j, &j->t->part[0], document, &(Path){ NULL, "", 0 }); }
