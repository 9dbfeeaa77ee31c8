/* The model as tables of text, which the command line and a page print in any form: data dictionary, role x step
 * matrix, links with their cardinalities, lifecycles, guards.  Nothing here is said a second time: it is read from
 * the types. */
#include "inside.h"
#include <string.h>

const char *const model_tables[] = { "types", "fields", "steps", "links", "states", "guards", NULL };

static const char *const kind_words[] = {
  [TEXT] = "text", [LONG] = "long text", [CHOICE] = "choice", [INT] = "integer",
  [DATE] = "date", [BOOL] = "yes or no", [PERSON] = "person", [LINK] = "link"
};

typedef struct Fill {
  Cx *cx;
  ModelTable *t;
} Fill;

static void put(Fill *f, Str s) { vec_add(f->cx->arena, &f->t->cells, s); }
static void put_z(Fill *f, const char *z) { put(f, str_of(z ? z : "")); }

static void columns(Fill *f, const char *title, const char *help, const char *const *names, size_t n) {
  f->t->title = title;
  f->t->help = help;
  for (size_t i = 0; i < n; i++) vec_add(f->cx->arena, &f->t->columns, str_of(names[i]));
}

static Str roles_of(Fill *f, Roles r) {
  return (r & ROLES_ALL) ? roles_text(f->cx->arena, r & ROLES_ALL) : S("the program itself");
}

/* ---- types and fields ---------------------------------------------------------------------------------- */

static void table_types(Fill *f) {
  static const char *const names[] = { "Type", "Title", "Id", "Area", "Lifecycle", "Fields", "Written by", "For" };
  columns(f, "Record types", "What people sign. Each has one file of the program, which says all of this.",
          ROWS(names));
  for (size_t i = 0; record_type_at(i); i++) {
    const RecordType *t = record_type_at(i);
    put_z(f, t->name);
    put_z(f, t->title);
    put(f, str_fmt(f->cx->arena, "%s-0001", t->prefix));
    put_z(f, t->area);
    put_z(f, t->life->name);
    put(f, str_fmt(f->cx->arena, "%zu", t->nfields));
    put(f, roles_of(f, t->editors));
    put_z(f, t->help);
  }
}

/* "choice a, b", "1 to 5", "at most 500 bytes", "to: threat, control" */
static Str values_of(Fill *f, const Field *d) {
  Buf b = buf_new(f->cx->arena, 65536);
  for (size_t i = 0; d->choices && d->choices[i]; i++) buf_fmt(&b, "%s%s", i ? ", " : "", d->choices[i]);
  if (d->to && d->to[0] == '*') buf_z(&b, "any record");
  else if (d->to) buf_add(&b, str_replace(f->cx->arena, str_of(d->to), ' ', ','));
  if (d->kind == INT && d->max > d->min) buf_fmt(&b, "%lld to %lld", (long long)d->min, (long long)d->max);
  int64_t most = d->max ? d->max : d->kind == TEXT ? TEXT_BYTES : LONG_BYTES;
  if (d->kind == TEXT || d->kind == LONG) buf_fmt(&b, "at most %lld bytes", (long long)most);
  return buf_str(&b);
}

static Str cardinality(Fill *f, const Field *d) {
  if (d->flags & MANY) return str_fmt(f->cx->arena, "%lld..n", (long long)d->min);
  return d->min == 1 ? S("1") : S("0..1");
}

static Str needed(Fill *f, const Field *d) {
  if (d->flags & REQUIRED) return S("always");
  return d->kind == LINK && d->min ? str_fmt(f->cx->arena, "before it counts") : S("");
}

static void table_fields(Fill *f) {
  static const char *const names[] = { "Type", "Field", "Label", "Kind", "Needed", "Many", "Values", "Meaning" };
  columns(f, "Fields", "The data dictionary. Every record also has id, title, owner, products, revision and state.",
          ROWS(names));
  for (size_t i = 0; record_type_at(i); i++)
    for (size_t k = 0; k < record_type_at(i)->nfields; k++) {
      const Field *d = &record_type_at(i)->fields[k];
      put_z(f, record_type_at(i)->name);
      put_z(f, d->name);
      put_z(f, d->label);
      put_z(f, kind_words[d->kind]);
      put(f, needed(f, d));
      put_z(f, d->flags & MANY ? "yes" : "");
      put(f, values_of(f, d));
      put_z(f, d->help);
    }
}

/* ---- steps and roles ----------------------------------------------------------------------------------- */

static Str step_needs(Fill *f, const RecordType *t, const Step *s) {
  Buf b = buf_new(f->cx->arena, 1024);
  size_t seats = seats_of(t, s);
  if (s->flags & STEP_SIGN) buf_z(&b, seats > 1 ? "" : "a signature");
  if (seats > 1) buf_fmt(&b, "%zu signatures", seats);
  if (s->flags & STEP_SECOND) buf_fmt(&b, "%sa second person", b.n ? ", " : "");
  if (s->flags & STEP_REASON) buf_fmt(&b, "%sa reason", b.n ? ", " : "");
  for (size_t i = 0; i < record_nseats; i++) {
    const Seat *seat = &record_seats[i];
    if (!seat_is_of(seat, t, s)) continue;
    if (seat->duty) buf_fmt(&b, "%sthe duty %s", b.n ? ", " : "", seat->duty);
  }
  return buf_str(&b);
}

static Str step_kinds(Fill *f, const RecordType *t, const Step *s) {
  Buf b = buf_new(f->cx->arena, 1024);
  for (size_t i = 0; step_kind(t, s, i); i++) buf_fmt(&b, "%s%s", i ? "; " : "", step_kind(t, s, i));
  return buf_str(&b);
}

static void table_steps(Fill *f) {
  static const char *const names[] = { "Type", "Step", "Label", "From", "To", "What it says", "Needs", "Signed as" };
  columns(f, "Steps and roles",
          "Who may take which step: a cross where the role is enough, on the record's products.", ROWS(names));
  for (size_t i = 0; i < ROLE_COUNT; i++) vec_add(f->cx->arena, &f->t->columns, str_of(people_roles[i].title));
  for (size_t i = 0; record_type_at(i); i++) {
    const RecordType *t = record_type_at(i);
    for (size_t k = 0; k < t->life->nsteps; k++) {
      const Step *s = &t->life->steps[k];
      Roles roles = step_roles(t, s);
      const char *const texts[] = { t->name, s->name, s->label, s->from[0] == '*' ? "any open" : s->from,
                                    s->to,   s->means };
      for (size_t n = 0; n < COUNT(texts); n++) put_z(f, texts[n]);
      put(f, step_needs(f, t, s));
      put(f, step_kinds(f, t, s));
      for (size_t n = 0; n < ROLE_COUNT; n++) put_z(f, roles & (1u << n) ? "x" : "");
    }
  }
}

/* ---- links --------------------------------------------------------------------------------------------- */

static void table_links(Fill *f) {
  static const char *const names[] = { "Link",      "From", "To", "How many", "Needed", "Words", "From the other end",
                                       "Only tells" };
  columns(f, "Links",
          "One row for each type that a link starts from. How many is checked when the record stops being a "
          "draft or starts to count; at most one is checked at once.",
          ROWS(names));
  for (size_t i = 0; i < nlink_names; i++)
    for (size_t k = 0; record_type_at(k); k++) {
      const Field *d = record_field(record_type_at(k), str_of(link_names[i].name), NULL);
      if (!d || d->kind != LINK) continue;
      put_z(f, link_names[i].name);
      put_z(f, record_type_at(k)->name);
      put(f, values_of(f, d));
      put(f, cardinality(f, d));
      put(f, needed(f, d));
      put_z(f, link_names[i].label);
      put(f, str_fmt(f->cx->arena, "%s (%s)", link_names[i].inverse, link_names[i].inverse_label));
      put_z(f, link_names[i].tells ? "yes" : "");
    }
}

/* ---- lifecycles and guards ----------------------------------------------------------------------------- */

bool model_life_first(size_t at) {
  for (size_t i = 0; i < at; i++)
    if (record_type_at(i)->life == record_type_at(at)->life) return false;
  return true;
}

Str model_life_types(Cx *cx, const Lifecycle *l) {
  Buf b = buf_new(cx->arena, 16384);
  for (size_t i = 0; record_type_at(i); i++)
    if (record_type_at(i)->life == l) buf_fmt(&b, "%s%s", b.n ? ", " : "", record_type_at(i)->title);
  return buf_str(&b);
}

static void put_states(Fill *f, const Lifecycle *l) {
  for (size_t k = 0; k < l->nstates; k++) {
    Buf b = buf_new(f->cx->arena, 4096);
    for (size_t n = 0; n < l->nsteps; n++)
      if (life_step(l, str_of(l->steps[n].name), str_of(l->states[k].name)) == &l->steps[n])
        buf_fmt(&b, "%s%s to %s", b.n ? ", " : "", l->steps[n].name, l->steps[n].to);
    put_z(f, l->name);
    put_z(f, l->states[k].name);
    put_z(f, l->states[k].flags & ST_EDIT ? "yes" : "");
    put_z(f, l->states[k].flags & ST_ACCEPTED ? "yes" : "");
    put_z(f, l->states[k].flags & ST_CLOSED ? "yes" : "");
    put(f, buf_str(&b));
  }
}

static void table_states(Fill *f) {
  static const char *const names[] = { "Lifecycle",          "State",  "Editable",
                                       "Counts as evidence", "Closed", "Steps from it" };
  columns(f, "Lifecycles",
          "A record starts in the first state of its lifecycle. Editing one that cannot be edited starts a "
          "new draft beside the revision in force. What comes from outside (SBOMs, feeds, advisories) follows the "
          "lifecycle external, but is no record: its rows are in tables whose digests are in the log, and the commands "
          "that import it take its steps.",
          ROWS(names));
  for (size_t i = 0; record_type_at(i); i++)
    if (model_life_first(i)) put_states(f, record_type_at(i)->life);
  put_states(f, &life_external);   /* of no record type */
}

static Str guard_when(Fill *f, const Guard *g) {
  Str name, values;
  if (!g->when) return S("");
  str_cut(str_of(g->when), '=', &name, &values);
  bool unless = str_ends(name, S("!"));
  if (unless) name = str_slice(name, 0, name.n - 1);
  return str_fmt(f->cx->arena, "%.*s %s %.*s", STR(name), unless ? "is not" : "is", STR(values));
}

static void put_guards(Fill *f, const char *whose, const Guard *g, size_t n) {
  static const char *const kinds[] = { [GUARD_FIELD] = "field",
                                       [GUARD_LINK] = "link",
                                       [GUARD_UNUSED] = "nothing uses it",
                                       [GUARD_ASK] = "asked",
                                       [GUARD_GATE] = "rule check" };
  for (size_t i = 0; i < n; i++) {
    put_z(f, whose);
    put_z(f, g[i].step);
    put_z(f, g[i].words);
    put(f, guard_when(f, &g[i]));
    put(f, str_fmt(f->cx->arena, "%s%s%s", kinds[g[i].kind], g[i].name ? " " : "", g[i].name ? g[i].name : ""));
    put_z(f, g[i].is);
  }
}

static void table_guards(Fill *f) {
  static const char *const names[] = { "Lifecycle or type", "Before the steps", "What must hold",
                                       "Only when",         "Looked at",        "As" };
  columns(f, "Guards", "What must hold before a step, beside role, second person and reason.", ROWS(names));
  for (size_t i = 0; record_type_at(i); i++) {
    const RecordType *t = record_type_at(i);
    if (model_life_first(i)) put_guards(f, t->life->name, t->life->guards, t->life->nguards);
    put_guards(f, t->name, t->guards, t->nguards);
  }
}

Err model_table(Cx *cx, Str name, ModelTable *out) {
  void (*const fill[])(Fill *
                       f) = { table_types, table_fields, table_steps, table_links, table_states, table_guards };
  Str known[COUNT(fill)];
  for (size_t i = 0; i < COUNT(fill); i++) {
    known[i] = str_of(model_tables[i]);
    if (!str_eq(name, known[i])) continue;
    *out = (ModelTable){ .name = model_tables[i] };
    fill[i](&(Fill){ cx, out });
    return E_OK;
  }
  Str near = str_nearest(name, known, COUNT(known));
  return fail(cx, E_USAGE,
              "The model has no table '%.*s'%s%.*s. It has: types, fields, steps, links, states, guards.",
              STR(str_slice(name, 0, 40)), near.n ? "; the nearest is " : "", STR(near));
}

/* ---- Markdown ------------------------------------------------------------------------------------------ */

/* Text of our own tables; '|' would end a cell. */
static void cell_markdown(Buf *b, Str s) {
  buf_z(b, "| ");
  for (size_t i = 0; i < s.n; i++) {
    if (s.p[i] == '|') buf_byte(b, '\\');
    buf_byte(b, s.p[i]);
  }
  buf_byte(b, ' ');
}

void model_table_markdown(const ModelTable *t, Buf *b) {
  size_t n = t->columns.n;
  buf_fmt(b, "## %s\n\n%s\n\n", t->title, t->help);
  for (size_t i = 0; i < n; i++) cell_markdown(b, t->columns.p[i]);
  buf_z(b, "|\n");
  for (size_t i = 0; i < n; i++) buf_z(b, "|---");
  buf_z(b, "|\n");
  for (size_t i = 0; i < t->cells.n; i++) {
    cell_markdown(b, t->cells.p[i]);
    if (i % n == n - 1) buf_z(b, "|\n");
  }
}

Err model_markdown(Cx *cx, Buf *out) {
  buf_z(out, "# Records, steps and links\n");
  for (size_t i = 0; model_tables[i]; i++) {
    ModelTable t;
    TRY(model_table(cx, str_of(model_tables[i]), &t));
    buf_byte(out, '\n');
    model_table_markdown(&t, out);
  }
  return E_OK;
}
