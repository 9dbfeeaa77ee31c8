#include "inside.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static struct { Arena *arena; TypeInfo *info; size_t n; Map by_name; } registry;

bool is_word(const char *z) {
  if (!z || !islower((unsigned char)*z)) return false;
  for (; *z; z++)
    if (!islower((unsigned char)*z) && !isdigit((unsigned char)*z) && *z != '_') return false;
  return true;
}

/* Choices may start with a digit ("2_0"). */
static bool is_choice(const char *z) {
  for (const char *p = z; *p; p++)
    if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_') return false;
  return *z != '\0';
}

bool field_is_column(const Field *f) { return f->kind != LINK && !(f->flags & MANY); }

/* "Test runs", "test-runs" and "test_runs" are one name. */
static Str folded(Arena *a, Str name) {
  Str lower = str_lower(a, name);
  return str_replace(a, str_replace(a, lower, ' ', '_'), '-', '_');
}

/* ---- the start-up check: a wrong row is found before the first request, and named --------------------- */

static Err bug(Cx *cx, const char *where, const char *name, const char *what) {
  return fail(cx, E_BUG, "model: %s '%s': %s", where, name ? name : "(no name)", what);
}

static Err check_links(Cx *cx) {
  Map seen = map_new(cx->arena, 4 * nlink_names);
  for (size_t i = 0; i < nlink_names; i++) {
    const LinkName *l = &link_names[i];
    if (!is_word(l->name) || !is_word(l->inverse))
      return bug(cx, "link", l->name, "its names are not lower_snake");
    if (i && strcmp(link_names[i - 1].name, l->name) >= 0)
      return bug(cx, "link", l->name, "the table is not sorted here");
    for (int side = 0; side < 2; side++) {
      Str name = str_of(side ? l->inverse : l->name);
      if (map_get(&seen, name) != MAP_NONE) return bug(cx, "link", name.p, "stands twice");
      map_put(&seen, name, i);
    }
  }
  return E_OK;
}

static Err check_choices(Cx *cx, const Field *f) {
  if (!f->choices || !f->choices[0]) return bug(cx, "field", f->name, "a CHOICE without choices");
  for (size_t i = 0; f->choices[i]; i++) {
    if (!is_choice(f->choices[i])) return bug(cx, "field", f->name, "a choice that is not lower_snake");
    for (size_t j = 0; j < i; j++)
      if (!strcmp(f->choices[i], f->choices[j]))
        return bug(cx, "field", f->name, "a choice that stands twice");
  }
  return E_OK;
}

static Err check_target(Cx *cx, const Field *f) {
  bool inverse;
  if (!link_name(str_of(f->name), &inverse)) return bug(cx, "field", f->name, "a LINK that is not in link.c");
  if (inverse) return bug(cx, "field", f->name, "a LINK named by its inverse: it is stored at the other end");
  Str rest = str_of(f->to), word;
  if (!rest.n) return bug(cx, "field", f->name, "a LINK without targets");
  while (rest.n) {
    str_cut(rest, ' ', &word, &rest);
    if (!str_eq(word, S("*")) && map_get(&registry.by_name, word) == MAP_NONE)
      return bug(cx, "field", f->name, "a LINK to a type that does not exist");
  }
  return E_OK;
}

static Err check_field(Cx *cx, const RecordType *t, size_t at) {
  static const char *const taken[] = { "id",      "type",     "title", "owner", "products", "state",
                                       "rev",     "revision", "hash",  "links", "fields",   "model",
                                       "created", "changed",  "is",    "device" };
  const Field *f = &t->fields[at];
  if (!is_word(f->name)) return bug(cx, "field", f->name, "the name is not lower_snake");
  for (size_t i = 0; i < COUNT(taken); i++)
    if (!strcmp(f->name, taken[i])) return bug(cx, "field", f->name, "every record has one of that name");
  for (size_t i = 0; i < at; i++)
    if (!strcmp(f->name, t->fields[i].name)) return bug(cx, "field", f->name, "stands twice");
  if (!f->label || !f->label[0]) return bug(cx, "field", f->name, "has no label");
  if (f->kind > LINK || (f->flags & ~(unsigned)(REQUIRED | MANY | NOTE | MADE)))
    return bug(cx, "field", f->name, "unknown kind or flag");
  bool listable = f->kind == TEXT || f->kind == CHOICE || f->kind == PERSON || f->kind == LINK;
  if ((f->flags & MANY) && !listable) return bug(cx, "field", f->name, "this kind cannot be MANY");
  if (f->kind != CHOICE && f->choices) return bug(cx, "field", f->name, "only a CHOICE has choices");
  if (f->kind != LINK && f->to) return bug(cx, "field", f->name, "only a LINK has targets");
  if (f->kind == LINK && (f->min < 0 || (f->min > 1 && !(f->flags & MANY))))
    return bug(cx, "field", f->name, "a least number of links that cannot be");
  if (f->max < 0 && (f->kind == TEXT || f->kind == LONG)) return bug(cx, "field", f->name, "a negative size");
  if (f->kind == CHOICE) return check_choices(cx, f);
  return f->kind == LINK ? check_target(cx, f) : E_OK;
}

static Err check_steps(Cx *cx, const Lifecycle *l) {
  for (size_t i = 0; i < l->nsteps; i++) {
    const Step *a = &l->steps[i];
    if (!is_word(a->name) || !a->label || !a->means)
      return bug(cx, "step", a->name, "lacks name, label or meaning");
    if (strcmp(a->from, "*") != 0 && !life_state(l, str_of(a->from)))
      return bug(cx, "step", a->name, "from a state that does not exist");
    if (!life_state(l, str_of(a->to))) return bug(cx, "step", a->name, "to a state that does not exist");
    for (size_t j = 0; j < i; j++) {
      const Step *b = &l->steps[j];
      bool same =
          !strcmp(a->name, b->name) || !strcmp(a->to, b->to); /* an entry names only the state it leads to */
      if (same && !strcmp(a->from, b->from))
        return bug(cx, "step", a->name, "two steps that entries cannot tell apart");
    }
  }
  return E_OK;
}

/* Every step that a guard names exists; every word of `name` is a link. */
static Err check_words(Cx *cx, const Lifecycle *l, const Guard *g, bool links) {
  bool inverse;
  Str rest = str_of(links ? g->name : g->step), word;
  if (!rest.n) return bug(cx, "guard", g->step, "names nothing");
  while (rest.n) {
    bool known = false;
    str_cut(rest, ' ', &word, &rest);
    for (size_t i = 0; i < l->nsteps; i++) known = known || str_eq(word, str_of(l->steps[i].name));
    if (links ? !link_name(word, &inverse) : !known) return bug(cx, "guard", word.p, "no such step or link");
  }
  return E_OK;
}

/* t NULL: the guards of a lifecycle, which know no fields. */
static Err check_guards(Cx *cx, const Lifecycle *l, const RecordType *t) {
  const Guard *guards = t ? t->guards : l->guards;
  for (size_t i = 0; i < (t ? t->nguards : l->nguards); i++) {
    const Guard *g = &guards[i];
    if (!g->words || !g->words[0]) return bug(cx, "guard", g->step, "says nothing");
    TRY(check_words(cx, l, g, false));
    if (g->kind == GUARD_LINK) TRY(check_words(cx, l, g, true));
    bool field = g->kind == GUARD_FIELD || g->when;
    Str name = g->when ? str_of(g->when) : S("");
    str_cut(name, '=', &name, &(Str){ 0 });
    if (str_ends(name, S("!"))) name = str_slice(name, 0, name.n - 1);
    if (field && !t) return bug(cx, "guard", g->step, "a lifecycle knows no fields");
    if (g->kind == GUARD_FIELD && !record_field(t, str_of(g->name), NULL))
      return bug(cx, "guard", g->name, "no such field");
    if (g->when && !record_field(t, name, NULL)) return bug(cx, "guard", g->when, "no such field");
    if ((g->kind == GUARD_ASK) != (g->ask != NULL)) return bug(cx, "guard", g->step, "nobody to ask");
  }
  return E_OK;
}

static Err check_life(Cx *cx, const Lifecycle *l) {
  if (!l || !l->nstates) return bug(cx, "lifecycle", l ? l->name : NULL, "has no states");
  if (!life_state(l, S("voided"))) return bug(cx, "lifecycle", l->name, "has no state voided");
  for (size_t i = 0; i < l->nstates; i++) {
    if (!is_word(l->states[i].name))
      return bug(cx, "state", l->states[i].name, "the name is not lower_snake");
    if (life_state(l, str_of(l->states[i].name)) != &l->states[i])
      return bug(cx, "state", l->states[i].name, "stands twice");
  }
  TRY(check_steps(cx, l));
  return check_guards(cx, l, NULL);
}

static Err check_type(Cx *cx, const RecordType *t) {
  for (const char *p = t->prefix; p && *p; p++)
    if (!isupper((unsigned char)*p)) return bug(cx, "type", t->name, "the prefix is not upper case");
  if (!t->prefix || !t->prefix[0] || strlen(t->prefix) > 12)
    return bug(cx, "type", t->name, "has no usable prefix");
  if (!t->title || !t->plural || !t->area || !t->help)
    return bug(cx, "type", t->name, "lacks title, plural, area or help");
  if (!(t->editors & (ROLES_ALL | ROLE_SYSTEM))) return bug(cx, "type", t->name, "nobody may edit it");
  for (size_t i = 0; i < t->nfields; i++) TRY(check_field(cx, t, i));
  TRY(check_life(cx, t->life));
  return check_guards(cx, t->life, t);
}

/* ---- the registry ------------------------------------------------------------------------------------- */

/* Sorted once, by insertion: a type has some twenty fields. */
static size_t *sorted_fields(Arena *a, const RecordType *t) {
  size_t *at = NEW_ARRAY(a, t->nfields + 1, size_t);
  for (size_t i = 0; i < t->nfields; i++) {
    size_t j = i;
    for (; j && strcmp(t->fields[at[j - 1]].name, t->fields[i].name) > 0; j--) at[j] = at[j - 1];
    at[j] = i;
  }
  return at;
}

static Err add_name(Cx *cx, const RecordType *t, Str name, size_t at) {
  size_t known = map_get(&registry.by_name, name);
  if (known != MAP_NONE && known != at)
    return bug(cx, "type", t->name, "name, plural or prefix stands twice");
  map_put(&registry.by_name, name, at);
  return E_OK;
}

static Err check_names(Cx *cx, const RecordType *const *types, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const RecordType *t = types[i];
    if (!is_word(t->name)) return bug(cx, "type", t->name, "the name is not lower_snake");
    TRY(add_name(cx, t, str_of(t->name), i));
    if (t->plural) TRY(add_name(cx, t, folded(registry.arena, str_of(t->plural)), i));
    for (size_t j = 0; j < i; j++)
      if (t->prefix && !strcmp(t->prefix, types[j]->prefix))
        return bug(cx, "type", t->name, "its prefix stands twice");
  }
  return E_OK;
}

Err record_types_set(Cx *cx, const RecordType *const *types, size_t n) {
  for (size_t i = 0; i < TYPES_MOST; i++) verify_tables_set(i, "record");
  arena_free(registry.arena);
  registry.arena = arena_new(16 << 20);
  registry.info = NEW_ARRAY(registry.arena, n, TypeInfo);
  registry.n = 0;
  registry.by_name = map_new(registry.arena, 4 * n);
  if (n > TYPES_MOST) return bug(cx, "type", types[TYPES_MOST]->name, "one type too many (TYPES_MOST)");
  TRY(check_links(cx));
  TRY(check_names(cx, types, n));
  for (size_t i = 0; i < n; i++) {
    TRY(check_type(cx, types[i]));
    registry.info[i] = (TypeInfo){ .type = types[i], .by_name = sorted_fields(registry.arena, types[i]) };
    projection_plan(registry.arena, &registry.info[i]);
    verify_tables_set(i, registry.info[i].table.p);
  }
  registry.n = n;
  return E_OK;
}

const RecordType *record_type(Str name) {
  char fold[64];
  if (!registry.n || name.n > sizeof fold) return NULL;
  for (size_t i = 0; i < name.n; i++)
    fold[i] = name.p[i] == ' ' || name.p[i] == '-' ? '_' : (char)tolower((unsigned char)name.p[i]);
  size_t at = map_get(&registry.by_name, (Str){ fold, name.n });
  return at == MAP_NONE ? NULL : registry.info[at].type;
}

Str type_nearest(Arena *a, Str name) {
  Str *names = NEW_ARRAY(a, registry.n + 1, Str);
  for (size_t i = 0; i < registry.n; i++) names[i] = str_of(registry.info[i].type->name);
  return str_nearest(name, names, registry.n);
}

Err record_type_need(Cx *cx, Str name, const RecordType **out) {
  const RecordType *t = record_type(name);
  if (!t) {
    Str near = type_nearest(cx->arena, name);
    return fail(cx, E_NOTFOUND, "There is no record type '%.*s'.%s%.*s%s", STR(str_slice(name, 0, 64)),
                near.n ? " The nearest is " : " See: proofline model", STR(near), near.n ? "." : "");
  }
  *out = t;
  return E_OK;
}

const RecordType *record_type_at(size_t i) { return i < registry.n ? registry.info[i].type : NULL; }

const TypeInfo *type_info(const RecordType *t) { return &registry.info[record_type_index(t)]; }

size_t record_type_index(const RecordType *t) {
  for (size_t i = 0; i < registry.n; i++)
    if (registry.info[i].type == t) return i;
  abort();   /* a type that was never registered: our own mistake */
}

const Field *record_field(const RecordType *t, Str name, size_t *index) {
  for (size_t i = 0; i < t->nfields; i++)
    if (str_eq(name, str_of(t->fields[i].name))) {
      if (index) *index = i;
      return &t->fields[i];
    }
  return NULL;
}
