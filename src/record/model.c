/* The model as JSON, for programs (contract: types, links, lifecycles). */
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
  if (f->flags & MADE) json_pair_bool(o, "made", true);
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
    if (!seat_is_of(seat, t, step)) continue;
    json_object(o);
    roles_json(o, "roles", seat_roles(seat, t, step));
    if (seat->duty) json_pair(o, "duty", str_of(seat->duty));
    if (seat->level) json_pair(o, "level", str_of(seat->level));
    if (seat->kind) json_pair(o, "kind", str_of(seat->kind));
    if (seat->means) json_pair(o, "means", str_of(seat->means));
    json_object_end(o);
  }
  json_array_end(o);
}

static void kinds_json(JsonOut *o, const RecordType *t, const Step *step) {
  json_key(o, "kinds");
  json_array(o);
  for (size_t i = 0; step_kind(t, step, i); i++) json_put_str(o, str_of(step_kind(t, step, i)));
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
    if (t && (s->flags & STEP_SIGN)) kinds_json(o, t, s);
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
    if (model_life_first(i)) life_json(o, record_type_at(i)->life);
  life_json(o, &life_external);   /* of no record type: what comes from outside is in tables */
  json_array_end(o);
  json_object_end(o);
}
