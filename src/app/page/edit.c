/* Forms of a record: new and edit.  A refused form comes back with what was typed and the words beside each field. */
#include "app/company.h"
#include "app/page/conflict.h"
#include "record_edit.html.h"

/* ---- the form's fields --------------------------------------------------------------------------------- */

typedef struct FormState {
  const Form *typed;
  const Problems *problems;
  Str product;
  Persons people;
  Html conflict; /* what another saved meanwhile, beside what was typed */
} FormState;

static Str typed_text(const FormState *st, const char *name, Str stored) {
  if (!st->typed) return stored;
  Str v = form_get(st->typed, name);
  return v.p ? v : stored;
}

static Str wrong_with(const FormState *st, const char *name) {
  for (size_t i = 0; st->problems && i < st->problems->n; i++)
    if (str_eq(st->problems->p[i].field, str_of(name))) return st->problems->p[i].words;
  return STR_NONE;
}

Str record_input_text(Cx *cx, const Field *f, const Value *v) {
  Buf b = buf_new(cx->arena, 1 << 20);
  if (f->kind == LINK) {
    for (size_t i = 0; i < v->links.n; i++) {
      if (i) buf_z(&b, ", ");
      buf_add(&b, v->links.p[i].to);
    }
    return buf_str(&b);
  }
  if (f->flags & MANY) {
    for (size_t i = 0; i < v->list.n; i++) {
      if (i) buf_z(&b, f->kind == TEXT ? "\n" : ", ");
      buf_add(&b, v->list.p[i]);
    }
    return buf_str(&b);
  }
  if (!v->set) return STR_NONE;
  if (f->kind == INT) return str_fmt(cx->arena, "%lld", (long long)v->i);
  if (f->kind == BOOL) return v->i ? S("yes") : S("no");
  return v->s;
}

static bool in_list(const Value *v, Str word) {
  for (size_t i = 0; i < v->list.n; i++)
    if (str_eq(v->list.p[i], word)) return true;
  return false;
}

static bool was_checked(const FormState *st, Str name, Str word) {
  for (size_t i = 0; i < st->typed->n; i++)
    if (str_eq(st->typed->field[i].name, name) && str_eq(st->typed->field[i].value, word)) return true;
  return false;
}

static void add_options(Cx *cx, const Field *f, const Value *v, const FormState *st, RecordEditFields *row) {
  static const char *const yes_no[] = { "yes", "no", NULL };
  const char *const *words = f->kind == BOOL ? yes_no : f->choices;
  size_t n = 0;
  while (words[n]) n++;
  row->options = NEW_ARRAY(cx->arena, n, RecordEditFieldsOptions);
  Str now = typed_text(st, f->name, record_input_text(cx, f, v));
  for (size_t i = 0; i < n; i++) {
    Str word = str_of(words[i]);
    bool on =
        f->flags & MANY ? (st->typed ? was_checked(st, str_of(f->name), word) : in_list(v, word)) : str_eq(now, word);
    row->options[row->options_n++] =
        (RecordEditFieldsOptions){ .value = word, .label = choice_words(cx->arena, word), .on = on };
  }
}

static RecordEditFields plain_field(const char *name, const char *label, const char *help, Str value, bool required,
                                    const FormState *st) {
  return (RecordEditFields){ .name = str_of(name),
                             .label = str_of(label),
                             .help = str_of(help),
                             .value = typed_text(st, name, value),
                             .required = required,
                             .line = true,
                             .input = S("text"),
                             .wrong = wrong_with(st, name) };
}

static bool in_words(Str list, Str word) {
  for (Str one; list.n;) {
    (void)str_cut(list, ',', &one, &list);
    if (str_eq(str_trim(one), word)) return true;
  }
  return false;
}

/* A person is chosen from those who are here; one who has left stays chosen where they stood. */
static RecordEditFields person_field(Cx *cx, RecordEditFields row, Str now, const FormState *st) {
  row.line = false;
  row.choice = !row.checks;
  row.options = NEW_ARRAY(cx->arena, st->people.n, RecordEditFieldsOptions);
  for (size_t i = 0; i < st->people.n; i++) {
    const Person *p = &st->people.p[i];
    bool on = row.checks && st->typed ? was_checked(st, row.name, p->id)
                                      : in_words(now, p->id) || in_words(now, p->login);
    if (p->active || on)
      row.options[row.options_n++] = (RecordEditFieldsOptions){ .value = p->id, .label = p->name, .on = on };
  }
  return row;
}

static RecordEditFields form_field(Cx *cx, const Field *f, const Value *v, const FormState *st) {
  Str stored = record_input_text(cx, f, v);
  RecordEditFields row =
      plain_field(f->name, f->label, f->help ? f->help : "", stored, (f->flags & REQUIRED) != 0, st);
  bool many = (f->flags & MANY) != 0;
  if (f->kind == LONG || (f->kind == TEXT && many)) {
    row.line = false;
    row.area = true;
  } else if (f->kind == CHOICE || f->kind == BOOL) {
    row.line = false;
    row.checks = many;
    row.choice = !many;
    add_options(cx, f, v, st, &row);
  } else if (f->kind == PERSON) {
    row.checks = many;
    row = person_field(cx, row, row.value, st);
  } else if (f->kind == DATE) row.input = S("date");
  else if (f->kind == INT) row.input = S("number");
  return row;
}

static Err edit_page(Cx *cx, Web *web, const Request *req, const Record *r, bool is_new, FormState *st, Str error,
                     bool stale, Response *res) {
  const RecordType *t = r->type;
  TRY(people_list(cx, web->store, &st->people));
  RecordEditPage page = { .id = is_new ? STR_NONE : r->id,
                          .plural = str_of(t->plural),
                          .list_url = web_list_url(cx, t, STR_NONE),
                          .help = str_of(t->help),
                          .csrf = csrf_token(cx, &web->who),
                          .error = error,
                          .base = str_fmt(cx->arena, "%lld", (long long)r->rev),
                          .needs_reason = !is_new && r->in_force_rev > 0,
                          .reason = st->typed ? form_get(st->typed, "reason") : STR_NONE };
  const State *state = is_new ? NULL : life_state(t->life, r->state);
  bool locked = state && !(state->flags & ST_EDIT);
  page.heading = is_new ? str_fmt(cx->arena, "New %.*s", STR(str_lower(cx->arena, str_of(t->title))))
                        : str_fmt(cx->arena, "%s %.*s", locked ? "Draft of" : "Edit", STR(r->id));
  page.button = is_new   ? S("Create")
                : locked ? str_fmt(cx->arena, "Save as draft revision %lld", (long long)r->rev + 1)
                         : S("Save");
  page.action = is_new ? str_fmt(cx->arena, "/new/%s", t->name) : str_fmt(cx->arena, "/r/%.*s/edit", STR(r->id));
  page.cancel = is_new ? page.list_url : web_record_url(cx, r->id);
  page.conflict = st->conflict;
  if (stale && !st->conflict.s.n) page.conflict_url = web_record_url(cx, r->id);
  page.fields = NEW_ARRAY(cx->arena, t->nfields + 3, RecordEditFields);
  page.fields[page.fields_n++] = plain_field("title", "Title", "One line that says what it is.", r->title, true, st);
  Buf products = buf_new(cx->arena, 64 * 1024);
  for (size_t i = 0; i < r->products.n; i++) {
    if (i) buf_z(&products, ", ");
    buf_add(&products, r->products.p[i]);
  }
  Str device = products.n ? buf_str(&products) : st->product;
  page.fields[page.fields_n++] =
      plain_field("products", "Devices", "Ids, separated by commas; empty for the whole company.", device, false, st);
  RecordEditFields owner = plain_field("owner", "Owner", "Who answers for it.", r->owner, false, st);
  page.fields[page.fields_n++] = person_field(cx, owner, owner.value, st);
  for (size_t i = 0; i < t->nfields; i++)
    if (!(t->fields[i].flags & MADE))
      page.fields[page.fields_n++] = form_field(cx, &t->fields[i], &r->values[i], st);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  record_edit_html(&b, &page);
  PageFrame frame = { .title = page.heading, .here = t->name, .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

static void empty_record(Cx *cx, const RecordType *t, Record *out) {
  *out = (Record){ .type = t, .values = NEW_ARRAY(cx->arena, t->nfields, Value), .is_last = true };
}

enum { PREFILL_BYTES = 500 };

/* A link may fill in words and choices of the form: ?title=…&FIELD=… */
static void fill_from_query(const Request *req, Record *r) {
  r->title = str_head(request_query(req, "title"), PREFILL_BYTES);
  for (size_t i = 0; i < r->type->nfields; i++) {
    const Field *f = &r->type->fields[i];
    Str value = request_query(req, f->name);
    bool words = (f->kind == TEXT || f->kind == LONG || f->kind == CHOICE) && !(f->flags & MANY);
    if (words && value.n) r->values[i] = (Value){ .set = true, .s = str_head(value, PREFILL_BYTES) };
  }
}

/* A new device is sold where the company sells, until somebody says otherwise. */
static void fill_markets(Cx *cx, Web *web, Record *r) {
  Node company = company_node(cx, web->graph);
  const Value *from = company == NODE_NONE ? NULL : node_value(web->graph, company, "markets");
  Value *to = record_value(r, "markets");
  if (from && to && str_eq(str_of(r->type->name), S("product"))) *to = *from;
}

Err page_record_new(Cx *cx, Web *web, const Request *req, Response *res) {
  const RecordType *t;
  Record r;
  TRY(record_type_need(cx, req->params[0], &t));
  TRY(authorise_roles(cx, &web->who, t->editors, PRODUCT_ANY, str_fmt(cx->arena, "creating %s", t->plural).p));
  empty_record(cx, t, &r);
  r.owner = web->who.id;
  fill_markets(cx, web, &r);
  fill_from_query(req, &r);
  bool own = record_field(t, S("product"), NULL) != NULL; /* then ?product= is that field, not the device */
  FormState st = { .product = own ? STR_NONE : request_query(req, "product") };
  return edit_page(cx, web, req, &r, true, &st, STR_NONE, false, res);
}

Err page_record_edit(Cx *cx, Web *web, const Request *req, Response *res) {
  RecordView v = { 0 };
  TRY(record_view(cx, web, req->params[0], 0, &v));
  if (!v.may_edit)
    return fail(cx, E_DENIED, "You can read %.*s, but not change it. A person with a role that edits %s can",
                STR(v.record.id), v.record.type->plural);
  FormState st = { 0 };
  return edit_page(cx, web, req, &v.record, false, &st, STR_NONE, false, res);
}

/* ---- what was typed, as the input object of record_merge ----------------------------------------------- */

static void put_items(JsonOut *o, Str text, bool by_line) {
  Str one;
  while (text.n) {
    if (by_line) (void)str_line(&text, &one);
    else (void)str_cut(text, ',', &one, &text);
    if (str_trim(one).n) json_put_str(o, str_trim(one));
  }
}

static void put_list(JsonOut *o, Str text, bool by_line) {
  json_array(o);
  put_items(o, text, by_line);
  json_array_end(o);
}

static void put_field(JsonOut *o, const Field *f, const Form *form) {
  Str text = form_get(form, f->name);
  bool many = (f->flags & MANY) != 0;
  int64_t number;
  json_key(o, f->name);
  if ((f->kind == CHOICE || f->kind == PERSON) && many) {
    json_array(o);
    for (size_t i = 0; i < form->n; i++)
      if (str_eq(form->field[i].name, str_of(f->name))) put_items(o, form->field[i].value, false);
    json_array_end(o);
  } else if (f->kind == LINK || many) put_list(o, text, f->kind == TEXT);
  else if (!text.n) json_put_null(o);
  else if (f->kind == INT && str_int(text, &number)) json_put_int(o, number);
  else if (f->kind == BOOL) json_put_bool(o, str_eq(text, S("yes")));
  else json_put_str(o, text);
}

/* Browsers send CR LF; records keep LF, so that the same text has the same hash from every way in. */
static Str no_cr(Cx *cx, Str s) {
  if (str_find_char(s, '\r') == SIZE_MAX) return s;
  Buf b = buf_new(cx->arena, s.n + 1);
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i] != '\r') buf_byte(&b, s.p[i]);
  return buf_str(&b);
}

static void put_input(Cx *cx, JsonOut *o, const RecordType *t, Form *form) {
  for (size_t i = 0; i < form->n; i++) form->field[i].value = no_cr(cx, form->field[i].value);
  json_key(o, "input");
  json_object(o);
  json_pair(o, "title", form_get(form, "title"));
  json_key(o, "products");
  put_list(o, form_get(form, "products"), false);
  Str owner = form_get(form, "owner");
  json_key(o, "owner");
  if (owner.n) json_put_str(o, owner);
  else json_put_null(o);
  for (size_t i = 0; i < t->nfields; i++)
    if (!(t->fields[i].flags & MADE)) put_field(o, &t->fields[i], form);
  json_object_end(o);
}

/* Another saved meanwhile: what both did, field by field.  Without the revision that was edited only words remain. */
static Err meet(Cx *cx, Web *web, const Record *now, Form *form, Html *out) {
  int64_t base = 0;
  Record was;
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  if (!str_int(form_get(form, "base"), &base) || base < 1 || base >= now->rev) return E_OK;
  if (record_get(&probe, web->store, now->id, base, &was) != E_OK) return E_OK;
  return conflict_merge(cx, web, &was, now, form, out);
}

/* Shows the form again with what was typed; E_OK, since the page is the answer. */
static Err again(Cx *cx, Web *web, const Request *req, const Record *r, bool is_new, Form *form, Err e, Response *res) {
  if (e != E_INVALID && e != E_STALE && e != E_CONFLICT && e != E_DENIED) return e;
  Str words = cx->words;
  Problems problems = cx->problems;
  cx->err = E_OK;
  FormState st = { .typed = form, .problems = &problems };
  if (e == E_STALE) TRY(meet(cx, web, r, form, &st.conflict));
  res->status = err_status(e);
  return edit_page(cx, web, req, r, is_new, &st, words, e == E_STALE, res);
}

void record_text_fits(Cx *cx, const RecordType *t, Str name, Str text) {
  enum { MOST = 64 * 1024 };
  const Field *field = record_field(t, name, NULL);
  size_t most = field && field->max > MOST && field->kind == LONG ? (size_t)field->max : MOST;
  if (text.n > most) problem(cx, name, "long", "is %zu bytes long; at most %zu fit", text.n, most);
}

static Err lengths_check(Cx *cx, const RecordType *t, const Form *form) {
  for (size_t i = 0; i < form->n; i++) record_text_fits(cx, t, form->field[i].name, form->field[i].value);
  return problems_fail(cx);
}

static Err go_to_result(Cx *cx, const Answer *a, Response *res) {
  JVal *result;
  TRY(json_read(cx, a->result_json, &JSON_BODY, &result));
  return web_redirect(cx, res, web_record_url(cx, json_text(result, "id")));
}

Err post_record_new(Cx *cx, Web *web, const Request *req, Response *res) {
  const RecordType *t;
  Form form;
  Record r;
  TRY(record_type_need(cx, req->params[0], &t));
  TRY(web_form(cx, web, req, &form));
  empty_record(cx, t, &r);
  if (lengths_check(cx, t, &form) != E_OK) return again(cx, web, req, &r, true, &form, cx->err, res);
  Buf b = buf_new(cx->arena, 4 << 20);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "type", str_of(t->name));
  put_input(cx, &o, t, &form);
  json_object_end(&o);
  Answer a = { 0 };
  Err e = web_ask(cx, web, req, S("record.new"), buf_str(&b), STR_NONE, form_get(&form, "reason"), &a);
  return e == E_OK ? go_to_result(cx, &a, res) : again(cx, web, req, &r, true, &form, e, res);
}

Err post_record_save(Cx *cx, Web *web, const Request *req, Response *res) {
  RecordView v = { 0 };
  Form form;
  int64_t base = 0;
  TRY(record_view(cx, web, req->params[0], 0, &v));
  TRY(web_form(cx, web, req, &form));
  if (!str_int(form_get(&form, "base"), &base))
    return fail(cx, E_PRECONDITION, "The form does not say which revision it changes");
  if (lengths_check(cx, v.record.type, &form) != E_OK)
    return again(cx, web, req, &v.record, false, &form, cx->err, res);
  Form chosen = form;
  conflict_pick(cx, &v.record, &chosen);
  Buf b = buf_new(cx->arena, 4 << 20);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", v.record.id);
  json_pair_int(&o, "base", base);
  put_input(cx, &o, v.record.type, &chosen);
  json_object_end(&o);
  Answer a = { 0 };
  Err e = web_ask(cx, web, req, S("record.save"), buf_str(&b), STR_NONE, form_get(&form, "reason"), &a);
  return e == E_OK ? go_to_result(cx, &a, res) : again(cx, web, req, &v.record, false, &form, e, res);
}

/* ---- steps and links ----------------------------------------------------------------------------------- */

static Err ask_simple(Cx *cx, Web *web, const Request *req, const char *command, Str id, const Form *form,
                      const char *const *names, size_t n, Response *res) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  int64_t base;
  json_object(&o);
  json_pair(&o, "id", id);
  for (size_t i = 0; i < n; i++) json_pair(&o, names[i], form_get(form, names[i]));
  if (str_int(form_get(form, "base"), &base)) json_pair_int(&o, "base", base);
  json_object_end(&o);
  Answer a = { 0 };
  TRY(web_ask(cx, web, req, str_of(command), buf_str(&b), STR_NONE, form_get(form, "reason"), &a));
  return web_redirect(cx, res, web_record_url(cx, id));
}

Err post_record_step(Cx *cx, Web *web, const Request *req, Response *res) {
  static const char *const names[] = { "step" };
  RecordView v = { 0 };
  Form form;
  TRY(record_view(cx, web, req->params[0], 0, &v));
  TRY(web_form(cx, web, req, &form));
  return ask_simple(cx, web, req, "record.step", v.record.id, &form, names, COUNT(names), res);
}

Err post_record_link(Cx *cx, Web *web, const Request *req, Response *res) {
  static const char *const names[] = { "link", "to" };
  RecordView v = { 0 };
  Form form;
  TRY(record_view(cx, web, req->params[0], 0, &v));
  TRY(web_form(cx, web, req, &form));
  Str what = form_get(&form, "do");
  const char *command = str_eq(what, S("link"))      ? "record.link"
                        : str_eq(what, S("unlink"))  ? "record.unlink"
                        : str_eq(what, S("confirm")) ? "record.confirm"
                                                     : NULL;
  if (!command) return fail(cx, E_USAGE, "The form does not say what to do with the link");
  return ask_simple(cx, web, req, command, v.record.id, &form, names, COUNT(names), res);
}
