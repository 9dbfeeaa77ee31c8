/* The model printed: JSON for programs, Markdown for people (data dictionary, lifecycles, who may take which
 * step). */
#include "inside.h"
#include <string.h>

static const char *const kind_words[] = {
  [TEXT] = "text", [LONG] = "long_text", [CHOICE] = "choice", [INT] = "integer",
  [DATE] = "date", [BOOL] = "boolean",   [PERSON] = "person", [LINK] = "link"
};

static const char *z(const char *s) { return s ? s : ""; }

/* ---- JSON --------------------------------------------------------------------------------------------- */

static void roles_json(JsonOut *o, const char *key, Roles roles) {
  json_key(o, key);
  json_array(o);
  for (size_t i = 0; i < ROLE_COUNT; i++)
    if (roles & (1u << i)) json_put_str(o, str_of(people_roles[i].word));
  json_array_end(o);
}

static void words_json(JsonOut *o, const char *key, Str words) {
  json_key(o, key);
  json_array(o);
  for (Str word; words.n;) {
    str_cut(words, ' ', &word, &words);
    json_put_str(o, word);
  }
  json_array_end(o);
}

static void field_json(JsonOut *o, const Field *f) {
  json_object(o);
  json_pair(o, "name", str_of(f->name));
  json_pair(o, "label", str_of(f->label));
  if (f->kind != LINK) json_pair(o, "kind", str_of(kind_words[f->kind]));
  json_pair_bool(o, "required", f->flags & REQUIRED);
  json_pair_bool(o, "many", f->flags & MANY);
  if (f->flags & NOTE) json_pair_bool(o, "note", true);
  if (f->kind == INT && f->max > f->min) json_pair_int(o, "min", f->min);
  if (f->kind == INT && f->max > f->min) json_pair_int(o, "max", f->max);
  if (f->kind == TEXT || f->kind == LONG)
    json_pair_int(o, "max_bytes", f->max ? f->max : f->kind == TEXT ? TEXT_BYTES : LONG_BYTES);
  if (f->choices) {
    json_key(o, "choices");
    json_array(o);
    for (size_t i = 0; f->choices[i]; i++) json_put_str(o, str_of(f->choices[i]));
    json_array_end(o);
  }
  if (f->to) words_json(o, "to", str_of(f->to));
  json_pair(o, "help", str_of(z(f->help)));
  json_object_end(o);
}

static void fields_json(JsonOut *o, const RecordType *t, bool links) {
  json_key(o, links ? "links" : "fields");
  json_array(o);
  for (size_t i = 0; i < t->nfields; i++)
    if ((t->fields[i].kind == LINK) == links) field_json(o, &t->fields[i]);
  json_array_end(o);
}

/* The seats of a step: who signs, by role and duty. */
static void seats_json(JsonOut *o, const RecordType *t, const Step *step) {
  json_key(o, "seats");
  json_array(o);
  for (size_t i = 0; i < record_nseats; i++) {
    const Seat *seat = &record_seats[i];
    if (!str_eq(str_of(seat->type), str_of(t->name)) || !str_eq(str_of(seat->step), str_of(step->name))) continue;
    json_object(o);
    roles_json(o, "roles", seat->roles ? seat->roles : step_roles(t, step));
    if (seat->duty) json_pair(o, "duty", str_of(seat->duty));
    if (seat->level) json_pair(o, "level", str_of(seat->level));
    json_object_end(o);
  }
  json_array_end(o);
}

/* t NULL: the lifecycle itself. */
static void steps_json(JsonOut *o, const Lifecycle *l, const RecordType *t) {
  json_key(o, "steps");
  json_array(o);
  for (size_t i = 0; i < l->nsteps; i++) {
    const Step *s = &l->steps[i];
    json_object(o);
    json_pair(o, "name", str_of(s->name));
    json_pair(o, "from", str_of(s->from));
    json_pair(o, "to", str_of(s->to));
    json_pair(o, "label", str_of(s->label));
    json_pair(o, "means", str_of(s->means));
    json_pair_bool(o, "second_person", s->flags & STEP_SECOND);
    json_pair_bool(o, "reason", s->flags & STEP_REASON);
    json_pair_bool(o, "signature", s->flags & STEP_SIGN);
    roles_json(o, "roles", t ? step_roles(t, s) : s->roles);
    if (t && seats_of(t, s)) seats_json(o, t, s);
    json_object_end(o);
  }
  json_array_end(o);
}

static void type_json(JsonOut *o, const RecordType *t) {
  json_object(o);
  json_pair(o, "name", str_of(t->name));
  json_pair(o, "prefix", str_of(t->prefix));
  json_pair(o, "lifecycle", str_of(t->life->name));
  json_pair(o, "title", str_of(t->title));
  json_pair(o, "plural", str_of(t->plural));
  json_pair(o, "area", str_of(t->area));
  json_pair(o, "help", str_of(t->help));
  roles_json(o, "editors", t->editors);
  fields_json(o, t, false);
  fields_json(o, t, true);
  steps_json(o, t->life, t);
  json_object_end(o);
}

static void life_json(JsonOut *o, const Lifecycle *l) {
  json_object(o);
  json_pair(o, "name", str_of(l->name));
  json_key(o, "states");
  json_array(o);
  for (size_t i = 0; i < l->nstates; i++) {
    json_object(o);
    json_pair(o, "name", str_of(l->states[i].name));
    json_pair_bool(o, "editable", l->states[i].flags & ST_EDIT);
    json_pair_bool(o, "accepted", l->states[i].flags & ST_ACCEPTED);
    json_pair_bool(o, "closed", l->states[i].flags & ST_CLOSED);
    json_object_end(o);
  }
  json_array_end(o);
  steps_json(o, l, NULL);
  json_object_end(o);
}

/* Lifecycles that the registered types use, each once, in the order of first use. */
static bool first_use(size_t at) {
  for (size_t i = 0; i < at; i++)
    if (record_type_at(i)->life == record_type_at(at)->life) return false;
  return true;
}

void model_json(JsonOut *o) {
  json_object(o);
  json_key(o, "types");
  json_array(o);
  for (size_t i = 0; record_type_at(i); i++) type_json(o, record_type_at(i));
  json_array_end(o);
  json_key(o, "links");
  json_array(o);
  for (size_t i = 0; i < nlink_names; i++) {
    json_object(o);
    json_pair(o, "name", str_of(link_names[i].name));
    json_pair(o, "inverse", str_of(link_names[i].inverse));
    json_pair(o, "label", str_of(link_names[i].label));
    json_pair(o, "inverse_label", str_of(link_names[i].inverse_label));
    json_object_end(o);
  }
  json_array_end(o);
  json_key(o, "lifecycles");
  json_array(o);
  for (size_t i = 0; record_type_at(i); i++)
    if (first_use(i)) life_json(o, record_type_at(i)->life);
  json_array_end(o);
  json_object_end(o);
}

/* ---- Markdown ----------------------------------------------------------------------------------------- */

/* Text of our own tables; '|' would end a cell. */
static void cell(Buf *b, const char *text) {
  buf_z(b, "| ");
  for (const char *p = z(text); *p; p++) {
    if (*p == '|') buf_byte(b, '\\');
    buf_byte(b, *p);
  }
  buf_byte(b, ' ');
}

static void row_end(Buf *b) { buf_z(b, "|\n"); }

static void header(Buf *b, const char *const *names, size_t n) {
  for (size_t i = 0; i < n; i++) cell(b, names[i]);
  row_end(b);
  for (size_t i = 0; i < n; i++) buf_z(b, "|---");
  row_end(b);
}

static void values_cell(Buf *b, const Field *f) {
  buf_z(b, "| ");
  for (size_t i = 0; f->choices && f->choices[i]; i++) buf_fmt(b, "%s%s", i ? ", " : "", f->choices[i]);
  if (f->to) buf_fmt(b, "to: %s", f->to);
  if (f->kind == INT && f->max > f->min) buf_fmt(b, "%lld to %lld", (long long)f->min, (long long)f->max);
  if (f->kind == TEXT || f->kind == LONG)
    buf_fmt(b, "at most %lld bytes",
            (long long)(f->max            ? f->max
                        : f->kind == TEXT ? TEXT_BYTES
                                          : LONG_BYTES));
  buf_byte(b, ' ');
}

static void type_markdown(Cx *cx, Buf *b, const RecordType *t) {
  static const char *const names[] = { "Field", "Label", "Kind", "Needed", "Many", "Values", "Meaning" };
  buf_fmt(b, "\n### %s (`%s`, %s-0001)\n\n%s\n\nLifecycle: %s. Written by: ", t->title, t->name, t->prefix,
          t->help, t->life->name);
  buf_add(b, roles_text(cx->arena, t->editors & ROLES_ALL));
  buf_z(b, ".\n\n");
  header(b, ROWS(names));
  for (size_t i = 0; i < t->nfields; i++) {
    const Field *f = &t->fields[i];
    cell(b, f->name);
    cell(b, f->label);
    cell(b, kind_words[f->kind]);
    cell(b, f->flags & REQUIRED ? "yes" : "");
    cell(b, f->flags & MANY ? "yes" : "");
    values_cell(b, f);
    cell(b, f->help);
    row_end(b);
  }
}

static void life_markdown(Cx *cx, Buf *b, const Lifecycle *l) {
  static const char *const names[] = { "Step", "From", "To", "What it says", "Needs", "Roles" };
  buf_fmt(b, "\n### %s\n\nStates: ", l->name);
  for (size_t i = 0; i < l->nstates; i++) {
    unsigned flags = l->states[i].flags;
    buf_fmt(b, "%s%s%s%s%s", i ? ", " : "", l->states[i].name, flags & ST_EDIT ? " (editable)" : "",
            flags & ST_ACCEPTED ? " (accepted)" : "", flags & ST_CLOSED ? " (closed)" : "");
  }
  buf_z(b, ".\n\n");
  header(b, ROWS(names));
  for (size_t i = 0; i < l->nsteps; i++) {
    const Step *s = &l->steps[i];
    cell(b, s->label);
    cell(b, s->from);
    cell(b, s->to);
    cell(b, s->means);
    buf_fmt(b, "| %s%s%s ", s->flags & STEP_SECOND ? "a second person " : "",
            s->flags & STEP_REASON ? "a reason " : "", s->flags & STEP_SIGN ? "a signature" : "");
    cell(b, s->roles ? str_z(cx->arena, roles_text(cx->arena, s->roles & ROLES_ALL)) : "those who write it");
    row_end(b);
  }
}

static void seats_markdown(Cx *cx, Buf *b) {
  static const char *const names[] = { "Type", "Step", "Roles", "Duty", "Limited by" };
  buf_z(b, "\n## Duties and further signatures\n\nRows of one type and step are its seats: all are filled, where there are "
           "several by two people or more.\n\n");
  header(b, ROWS(names));
  for (size_t i = 0; i < record_nseats; i++) {
    const Seat *s = &record_seats[i];
    const DutyRow *duty = duty_find(str_of(s->duty));
    if (!record_type(str_of(s->type))) continue;
    cell(b, s->type);
    cell(b, s->step);
    cell(b, s->roles ? str_z(cx->arena, roles_text(cx->arena, s->roles)) : "those of the step");
    cell(b, duty ? duty->title : "");
    cell(b, s->level ? s->level : "");
    row_end(b);
  }
}

void model_markdown(Cx *cx, Buf *out) {
  static const char *const names[] = { "Link", "Read from the other end", "Words",
                                       "Words from the other end" };
  buf_z(out, "# Records, links and lifecycles\n\n## Record types\n");
  for (size_t i = 0; record_type_at(i); i++) type_markdown(cx, out, record_type_at(i));
  buf_z(out, "\n## Lifecycles and roles\n");
  for (size_t i = 0; record_type_at(i); i++)
    if (first_use(i)) life_markdown(cx, out, record_type_at(i)->life);
  seats_markdown(cx, out);
  buf_z(out, "\n## Links\n\n");
  header(out, ROWS(names));
  for (size_t i = 0; i < nlink_names; i++) {
    cell(out, link_names[i].name);
    cell(out, link_names[i].inverse);
    cell(out, link_names[i].label);
    cell(out, link_names[i].inverse_label);
    row_end(out);
  }
}
