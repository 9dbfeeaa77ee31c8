/* Values of a query's terms: choices, states, dates, numbers, people. */
#include "trace/inside.h"

const char *const is_words[] = { "open", "accepted", "closed", "draft", "suspect", NULL };

/* Choices and states as people write them: "Denial of service" is denial_of_service. */
static Str word_form(Arena *a, Str s) {
  return str_replace(a, str_replace(a, str_lower(a, str_trim(s)), ' ', '_'), '-', '_');
}

/* `from` `cmp` `to` where both are numbers. */
bool compare_holds(Compare cmp, int64_t from, int64_t to) {
  return cmp == CMP_EQ   ? from == to
         : cmp == CMP_LT ? from < to
         : cmp == CMP_LE ? from <= to
         : cmp == CMP_GT ? from > to
                         : from >= to;
}

static bool read_day(const Reader *r, Str s, int64_t *day) {
  int32_t date, today = date_of(r->scope->now_us);
  int64_t n;
  if (str_eq(s, S("today"))) { *day = today; return true; }
  if (date_parse(s, &date)) { *day = date; return true; }
  if (s.n < 2 || !str_int(str_slice(s, 0, s.n - 1), &n) || n > 100000 || n < -100000) return false;
  char unit = s.p[s.n - 1];
  if (unit != 'd' && unit != 'w' && unit != 'y') return false;
  *day = today + n * (unit == 'd' ? 1 : unit == 'w' ? 7 : 365);
  return true;
}

/* @product, @release: what the place fixes; when it fixes nothing, anything. */
static void replace_variable(const Reader *r, Operand *o) {
  if (o->quoted || !str_starts(o->raw, S("@"))) return;
  Str name = str_slice(o->raw, 1, o->raw.n);
  if (str_eq(name, S("product"))) o->text = r->scope->product;
  else if (str_eq(name, S("release"))) o->text = r->scope->release;
  else return;
  if (!o->text.n) o->any = true;
}

static bool find_is(Operand *o, int *is) {
  for (int i = 0; is_words[i]; i++) if (str_eq(o->text, str_of(is_words[i]))) { *is = i; return true; }
  return false;
}

typedef VEC(Str) Names;

static void add_name(Reader *r, Names *names, const char *z) {
  for (size_t i = 0; i < names->n; i++) if (str_eq(names->p[i], str_of(z))) return;
  vec_add(r->cx->arena, names, str_of(z));
}

static uint64_t life_flags(const Lifecycle *l, int is) {
  uint64_t set = 0;
  for (size_t i = 0; i < l->nstates && i < CHOICES_MAX; i++) {
    unsigned f = l->states[i].flags;
    bool in = is == IS_OPEN ? !(f & ST_CLOSED) : is == IS_ACCEPTED ? (f & ST_ACCEPTED) != 0
            : is == IS_CLOSED ? (f & ST_CLOSED) != 0 : (f & ST_EDIT) != 0 && !(f & ST_ACCEPTED);
    if (in) set |= UINT64_C(1) << i;
  }
  return set;
}

static Err resolve_state(Reader *r, const uint64_t *types, Operand *o) {
  Names names = { 0 };
  bool found = false;
  int is = -1;
  o->text = o->shown = word_form(r->cx->arena, o->raw);
  o->choices = NEW_ARRAY(r->cx->arena, types_count(), uint64_t);
  for (size_t t = 0; t < types_count(); t++) {
    const Lifecycle *l = record_type_at(t)->life;
    for (size_t i = 0; type_in(types, t) && i < l->nstates && i < CHOICES_MAX; i++) {
      add_name(r, &names, l->states[i].name);
      if (!str_eq(o->text, str_of(l->states[i].name))) continue;
      o->choices[t] |= UINT64_C(1) << i;
      found = true;
    }
  }
  if (found || o->any) return E_OK;
  if (find_is(o, &is) && is != IS_SUSPECT) {
    for (size_t t = 0; t < types_count(); t++) o->choices[t] = life_flags(record_type_at(t)->life, is);
    return E_OK;
  }
  return names_wrong(r, o->at, o->text, "a state here", names.p, names.n);
}

static Err resolve_is(Reader *r, Operand *o) {
  int is;
  o->text = o->shown = word_form(r->cx->arena, o->raw);
  if (!find_is(o, &is)) {
    Names names = { 0 };
    for (int i = 0; is_words[i]; i++) add_name(r, &names, is_words[i]);
    return names_wrong(r, o->at, o->text, "a condition", names.p, names.n);
  }
  o->number = is;
  o->choices = NEW_ARRAY(r->cx->arena, types_count(), uint64_t);
  for (size_t t = 0; t < types_count() && is != IS_SUSPECT; t++)
    o->choices[t] = life_flags(record_type_at(t)->life, is);
  return E_OK;
}

/* The choices of one field that satisfy the operand.  false: the word is none of them. */
static bool choose(Operand *o, size_t t, const char *const *choices, Str word) {
  int at = choice_index(choices, word);
  if (at < 0 || at >= CHOICES_MAX) return false;
  for (int i = 0; choices[i] && i < CHOICES_MAX; i++)
    if (compare_holds(o->cmp, i, at)) o->choices[t] |= UINT64_C(1) << i;
  o->shown = word;
  return true;
}

typedef struct Fit { bool choice, number, day, text, yes_no, person; Names names; } Fit;

/* What the operand can mean under one type; adds to what is possible at all. */
static bool fits(Reader *r, Term *t, Operand *o, size_t type, Fit *fit) {
  Spot spot = t->spot[type];
  const RecordType *rt = record_type_at(type);
  const Field *f = spot.field >= 0 ? &rt->fields[spot.field] : NULL;
  const char *const *choices = f ? f->choices : rt->facts[spot.fact].choices;
  FieldKind kind = f ? f->kind : choices ? CHOICE : INT;
  Str word = word_form(r->cx->arena, o->raw);
  if (kind == CHOICE) {
    fit->choice = true;
    for (size_t i = 0; choices && choices[i]; i++) add_name(r, &fit->names, choices[i]);
    return choose(o, type, choices, choice_index(choices, o->raw) >= 0 ? o->raw : word);
  }
  if (kind == BOOL) {
    fit->yes_no = true;
    bool yes = str_eq(word, S("yes")) || str_eq(word, S("true"));
    if (!yes && !str_eq(word, S("no")) && !str_eq(word, S("false"))) return false;
    o->yes = yes;
    o->shown = yes ? S("yes") : S("no");
    return o->cmp == CMP_EQ;
  }
  if (kind == INT) { fit->number = true; return o->number_ok; }
  if (kind == DATE) { fit->day = true; return o->day_ok; }
  if (kind == PERSON) {
    fit->person = true;
    if (str_eq(o->raw, S("me")) && r->scope->me.n) o->text = r->scope->me;
  } else fit->text = true;
  return o->cmp == CMP_EQ;
}

static Err resolve_field(Reader *r, const uint64_t *types, Term *t, Operand *o) {
  Fit fit = { 0 };
  bool ok = false;
  Str raw = o->raw;
  o->number_ok = str_int(raw, &o->number);
  o->day_ok = read_day(r, raw, &o->day);
  o->choices = NEW_ARRAY(r->cx->arena, types_count(), uint64_t);
  for (size_t i = 0; i < types_count(); i++)
    if (type_in(types, i) && (t->spot[i].field >= 0 || t->spot[i].fact >= 0))
      ok = fits(r, t, o, i, &fit) || ok;
  if (ok) return E_OK;
  if (fit.choice)
    return names_wrong(r, o->at, raw,
                       str_z(r->cx->arena, str_fmt(r->cx->arena, "a choice of %.*s", STR(t->key))),
                       fit.names.p, fit.names.n);
  if (fit.yes_no) return query_wrong(r, o->at, "%.*s is yes or no", STR(t->key));
  if (fit.number)
    return query_wrong(r, o->at, "%.*s needs a number, as in %.*s:>=2", STR(t->key), STR(t->key));
  if (fit.day) return query_wrong(r, o->at, "%.*s needs a date: 2026-11-22, today, 7d or -30d", STR(t->key));
  return query_wrong(r, o->at, "%.*s is text and cannot be compared", STR(t->key));
}

Err operand_resolve(Reader *r, const uint64_t *types, Term *t, Operand *o) {
  o->text = o->shown = o->raw;
  replace_variable(r, o);
  if (t->kind == TERM_TYPE || t->kind == TERM_SORT || t->kind == TERM_WORD) return E_OK;
  if (t->kind == TERM_IS)
    return o->cmp == CMP_EQ ? resolve_is(r, o) : query_wrong(r, o->at, "is: takes no comparison");
  if (o->any) return E_OK;
  if (t->kind == TERM_FIELD) return resolve_field(r, types, t, o);
  if (t->kind == TERM_REV) {
    o->number_ok = str_int(o->raw, &o->number);
    return o->number_ok ? E_OK : query_wrong(r, o->at, "rev needs a number, as in rev:>=2");
  }
  if (t->kind == TERM_CHANGED || t->kind == TERM_CREATED) {
    o->day_ok = read_day(r, o->raw, &o->day);
    return o->day_ok ? E_OK
                     : query_wrong(r, o->at, "%.*s needs a date: 2026-11-22, today, 7d or -30d", STR(t->key));
  }
  if (o->cmp != CMP_EQ) return query_wrong(r, o->at, "%.*s cannot be compared with < or >", STR(t->key));
  if (t->kind == TERM_STATE) return resolve_state(r, types, o);
  if (t->kind == TERM_OWNER && str_eq(o->raw, S("me")) && r->scope->me.n) o->text = r->scope->me;
  return E_OK;
}
