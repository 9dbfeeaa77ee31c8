/* rules.c - holds a document against the tables of its specification and says where it departs from it. */
#include "supply/rules.h"
#include <stdarg.h>
#include <stdio.h>

/* ---- places ---- */

static Str place_of(Arena *a, const Path *at, const char *key) {
  const Path *chain[80];
  size_t n = 0;
  for (const Path *p = at; p && p->up && n < COUNT(chain); p = p->up) chain[n++] = p;
  Buf b = buf_new(a, 8192);
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
  char words[400];
  va_list args;
  va_start(args, fmt);
  int n = vsnprintf(words, sizeof words, fmt, args);
  va_end(args);
  Str said = str_head((Str){ words, n < 0                      ? 0
                                    : (size_t)n < sizeof words ? (size_t)n
                                                               : sizeof words - 1 },
                      sizeof words);
  /* beyond the cap only the count matters: its place is not worth making */
  Str where = j->r->found[1].n < SBOM_MAX_PROBLEMS ? place_of(j->r->cx->arena, at, key) : STR_NONE;
  reading_error(j->r, where, "%.*s", STR(said));
}

void judge_warn(Judge *j, const Path *at, const char *key, Str words) {
  Str where = j->r->found[0].n < SBOM_MAX_PROBLEMS ? place_of(j->r->cx->arena, at, key) : STR_NONE;
  reading_warn(j->r, where, "%.*s", STR(words));
}

/* ---- values ---- */

bool word_known(const Words *w, Str s, unsigned version) {
  for (size_t i = 0; i < w->n; i++)
    if (s.n && *s.p == *w->word[i].word && str_eq(s, str_of(w->word[i].word))) return w->word[i].from <= version;
  return false;
}

static bool is_hex(Str s) {
  for (size_t i = 0; i < s.n; i++) if (str_find_char(S("0123456789abcdefABCDEF"), s.p[i]) == SIZE_MAX) return false;
  return true;
}

/* urn:uuid: and five groups; letters of either case, as RFC 4122 lets a reader take them. */
bool cyclonedx_serial_known(Str s) {
  static const size_t group[] = { 8, 4, 4, 4, 12 };
  if (!str_starts(s, S("urn:uuid:")) || s.n != 45) return false;
  s = str_slice(s, 9, s.n);
  for (size_t i = 0; i < COUNT(group); i++) {
    Str part;
    (void)str_cut(s, '-', &part, &s);
    if (part.n != group[i] || !is_hex(part)) return false;
  }
  return true;
}

/* RFC 3339; ISO 8601 without an offset is what many tools write and does no harm: a warning. */
static void date_judge(Judge *j, const Member *m, Str s, const Path *at) {
  int64_t us;
  if (time_parse(s, &us)) return;
  Str shown = str_head(s, 60), whole = str_fmt(j->r->cx->arena, "%.*sZ", STR(s));
  if (time_parse(whole, &us))
    judge_warn(j, at, m->name, str_fmt(j->r->cx->arena, "the time \"%.*s\" has no offset from UTC", STR(shown)));
  else if (!s.n && j->r->s->format == SBOM_SPDX) judge_warn(j, at, m->name, S("the time is empty"));
  else judge_error(j, at, m->name, "\"%.*s\" is not a date and time as 2026-11-22T04:31:00Z", STR(shown));
}

static void text_judge(Judge *j, const Member *m, JVal *v, const Path *at) {
  Str s = json_str(v), shown = str_head(s, 60);
  if (!yyjson_is_str(v)) { judge_error(j, at, m->name, "\"%s\" must be text", m->name); return; }
  if (m->want == WANT_DATE) date_judge(j, m, s, at);
  if (m->want == WANT_REF && !s.n && j->version < 5) judge_warn(j, at, m->name, S("this is empty"));
  else if (m->want == WANT_REF && !s.n) judge_error(j, at, m->name, "\"%s\" is empty", m->name);
  if (m->want == WANT_WORD && !word_known(m->words, s, j->version))
    judge_error(j, at, m->name, "\"%.*s\" is not %s in %s %.*s", STR(shown), m->words->what,
                sbom_format_name(j->r->s->format), STR(j->r->s->spec));
  if (m->want == WANT_URN && !cyclonedx_serial_known(s))
    judge_error(j, at, m->name, "\"%.*s\" is not urn:uuid: and a UUID", STR(shown));
  if (m->want == WANT_LICENCE && !is_licence_id(s))
    judge_error(j, at, m->name,
                "\"%.*s\" is not an identifier of the SPDX licence list (a licence outside of it goes "
                "under \"name\")",
                STR(shown));
}

/* Recursion follows the nesting of the document, which is bounded when it is opened. */
static void list_judge(Judge *j, const Member *m, JVal *v, const Path *at) {
  Path list = { at, m->name, 0 };
  uint32_t i = 0;
  if (!yyjson_is_arr(v)) { judge_error(j, at, m->name, "\"%s\" must be an array", m->name); return; }
  JSON_EACH(item, v) {
    Path here = { &list, NULL, i++ };
    if (m->shape) shape_judge(j, m->shape, item, &here);
    else if (!yyjson_is_str(item)) judge_error(j, &here, NULL, "an item of \"%s\" must be text", m->name);
    else if (m->words && !word_known(m->words, json_str(item), j->version))
      judge_error(j, &here, NULL, "\"%.*s\" is not %s in %s %.*s", STR(str_head(json_str(item), 60)),
                  m->words->what, sbom_format_name(j->r->s->format), STR(j->r->s->spec));
  }
}

static void member_judge(Judge *j, const Shape *shape, const Member *m, JVal *o, const Path *at) {
  JVal *v = json_get(o, m->name);
  bool must = m->must && (!m->until || j->version <= m->until);
  if (!v) {
    if (must) judge_error(j, at, m->name, "%s must have \"%s\"", shape->what, m->name);
    return;
  }
  if (j->loose && yyjson_is_str(v) && !json_str(v).n && m->want != WANT_REF && m->want != WANT_WORD &&
      m->want != WANT_LICENCE)
    return;
  switch (m->want) {
  case WANT_LIST: case WANT_TEXTS: list_judge(j, m, v, at); break;
  case WANT_OBJECT: shape_judge(j, m->shape, v, &(Path){ at, m->name, 0 }); break;
  case WANT_SOME:
    if (yyjson_is_arr(v)) list_judge(j, m, v, at);
    else shape_judge(j, m->shape, v, &(Path){ at, m->name, 0 });
    break;
  case WANT_WHOLE:
    if (!yyjson_is_int(v) || (yyjson_get_sint(v) < 1 && j->version >= 5))
      judge_error(j, at, m->name, "\"%s\" must be a whole number from 1 on", m->name);
    break;
  case WANT_FLAG:
    if (!yyjson_is_bool(v)) judge_error(j, at, m->name, "\"%s\" must be true or false", m->name);
    break;
  case WANT_SHARE:
    if (!yyjson_is_num(v) || yyjson_get_num(v) < 0 || yyjson_get_num(v) > 1)
      judge_error(j, at, m->name, "\"%s\" must be a number from 0 to 1", m->name);
    break;
  case WANT_TEXT: case WANT_WORD: case WANT_DATE: case WANT_URN: case WANT_LICENCE: case WANT_REF:
    text_judge(j, m, v, at);
    break;
  }
}

/* The JSON schemas of 1.2 and 1.3 know a strict form and one that takes any member: there it is a warning. */
static void names_judge(Judge *j, const Shape *shape, JVal *o, const Path *at) {
  bool strict = j->version >= 4 || j->loose;
  JSON_MEMBERS(key, value, o) {
    Str name = json_str(key), words = STR_NONE;
    if (word_known(shape->names, name, j->version)) continue;
    (void)value;
    if (j->version < 2 && str_eq(name, S("dependencies"))) continue;     /* an extension of its XML */
    if (j->r->found[strict].n < SBOM_MAX_PROBLEMS)
      words = str_fmt(j->r->cx->arena, "\"%.*s\" is not a member of %s in %s %.*s", STR(str_head(name, 60)),
                      shape->what, sbom_format_name(j->r->s->format), STR(j->r->s->spec));
    if (strict) judge_error(j, at, NULL, "%.*s", STR(words));
    else judge_warn(j, at, NULL, words);
  }
}

void shape_judge(Judge *j, const Shape *shape, JVal *o, const Path *at) {
  if (j->loose && yyjson_is_str(o) && !json_str(o).n) return;       /* an element without content */
  if (!yyjson_is_obj(o)) { judge_error(j, at, NULL, "%s must be an object", shape->what); return; }
  if (shape->names && !j->table) names_judge(j, shape, o, at);
  for (size_t i = 0; i < shape->n; i++) member_judge(j, shape, &shape->member[i], o, at);
  if (shape->more) shape->more(j, o, at);
}
