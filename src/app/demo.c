/* The sample company: a story told by text files in data/sorrel/, replayed through the commands that everybody uses.
 *
 * load.txt names the tables and their record types.  A row is one record; `when` says how many days ago it was created,
 * `steps` what was done with it later ("submit:ines@120 approve:lena@118").  All creations and steps become one list of
 * commands in the order of time, links before what they point at is never needed: a record is created after its targets,
 * and a link that would close a circle is added right after. */
#include "app/app.h"
#include "app/data.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Row { const RecordType *type; Str *head; size_t nhead; CsvRow cells; Str id, file, by; int64_t created_us; int mark; Strs late; } Row;
/* One command to come.  A step or link names its record: which revision it speaks of is known only when it is played. */
typedef struct Act { int64_t t_us; size_t order; const char *command; Str who, args, reason, id, step, link, to; } Act;
typedef struct Demo {
  Cx *cx;
  const char *folder;
  const Settings *set;
  Writer *writer;
  int64_t today_us;
  Map person;                       /* login -> index into ids */
  VEC(Str) ids;
  Map row_of;                       /* record id -> row */
  VEC(Row) rows;
  VEC(Act) acts;
} Demo;

/* ---- reading the tables --------------------------------------------------------------------------------------------------------- */

static Err table(Demo *d, const char *name, Str **head, size_t *nhead, CsvRow **rows, size_t *n) {
  Cx *cx = d->cx;
  const DataFile *f = data_find(str_fmt(cx->arena, "sorrel/%s", name));
  if (!f) return fail(cx, E_BUG, "the sample has no file %s", name);
  Str rest = data_text(f);
  VEC(CsvRow) all = { 0 };
  size_t line = 1;
  for (bool got = true; got;) {
    CsvRow row = { 0 };
    TRY(csv_read(cx, &rest, &line, &row, &got));
    if (got && row.n && !(row.n == 1 && !row.cell[0].n)) vec_add(cx->arena, &all, row);
  }
  if (!all.n) return fail(cx, E_BUG, "the sample's file %s is empty", name);
  *head = all.p[0].cell;
  *nhead = all.p[0].n;
  *rows = all.p + 1;
  *n = all.n - 1;
  return E_OK;
}

static Str cell_of(Str *head, size_t nhead, const CsvRow *row, const char *name) {
  for (size_t i = 0; i < nhead && i < row->n; i++) if (str_eq(head[i], str_of(name))) return str_trim(row->cell[i]);
  return STR_NONE;
}

static Str cell(const Row *r, const char *name) { return cell_of(r->head, r->nhead, &r->cells, name); }

static Err person_of(Demo *d, Str login, Str *id) {
  if (str_eq(login, S("system"))) { *id = login; return E_OK; }
  size_t at = map_get(&d->person, login);
  if (at == MAP_NONE) return fail(d->cx, E_BUG, "the sample names %.*s, who is not in people.csv", STR(login));
  *id = d->ids.p[at];
  return E_OK;
}

/* "@-61d" and "@+41d" count from today; anything else stands. */
static Str date_cell(Demo *d, Str text) {
  int64_t days;
  if (!text.n || text.p[0] != '@') return text;
  Str number = str_slice(text, text.n > 1 && text.p[1] == '+' ? 2 : 1, text.n - 1);
  if (!str_int(number, &days)) return text;
  return date_text(d->cx->arena, date_of(d->today_us) + (int32_t)days);
}

/* ---- one row as the input of record.new ------------------------------------------------------------------------------------------- */

static bool is_header(Str name) {
  static const char *const header[] = { "id", "when", "steps", "step_reason" };
  for (size_t i = 0; i < COUNT(header); i++) if (str_eq(name, str_of(header[i]))) return true;
  return false;
}

/* Whether the target will exist when r is created: it was visited before. */
static bool exists_before(const Demo *d, Str target) {
  size_t at = map_get(&d->row_of, target);
  return at != MAP_NONE && d->rows.p[at].mark == 2;
}

/* Links to what does not exist yet are kept in *late, "name target", for record.link. */
static void put_links(Demo *d, JsonOut *o, Str text, const char *link, Strs *late) {
  Str one;
  json_array(o);
  while (text.n) {
    (void)str_cut(text, ' ', &one, &text);
    if (!one.n) continue;
    if (!link || exists_before(d, one)) json_put_str(o, one);
    else vec_add(d->cx->arena, late, str_fmt(d->cx->arena, "%s %.*s", link, STR(one)));
  }
  json_array_end(o);
}

static Err put_people(Demo *d, JsonOut *o, Str text, bool many) {
  Str one, id;
  if (!many) {
    TRY(person_of(d, text, &id));
    json_put_str(o, id);
    return E_OK;
  }
  json_array(o);
  while (text.n) {
    (void)str_cut(text, ' ', &one, &text);
    if (!one.n || str_eq(one, S("|"))) continue;
    TRY(person_of(d, one, &id));
    json_put_str(o, id);
  }
  json_array_end(o);
  return E_OK;
}

static void put_many(Demo *d, JsonOut *o, const Field *f, Str text) {
  (void)d;
  json_array(o);
  while (text.n) {
    size_t bar = str_find(text, S(" | "));
    Str one = str_trim(str_slice(text, 0, bar == SIZE_MAX ? text.n : bar));
    text = bar == SIZE_MAX ? STR_NONE : str_slice(text, bar + 3, text.n);
    if (one.n && f->kind != INT) json_put_str(o, one);
  }
  json_array_end(o);
}

static Err put_value(Demo *d, const Row *r, const Field *f, Str text, JsonOut *o, Strs *late) {
  int64_t number;
  json_key(o, f->name);
  if (f->kind == LINK) put_links(d, o, text, f->name, late);
  else if (f->kind == PERSON) return put_people(d, o, text, (f->flags & MANY) != 0);
  else if (f->flags & MANY) put_many(d, o, f, text);
  else if (f->kind == DATE) json_put_str(o, date_cell(d, text));
  else if (f->kind == BOOL) json_put_bool(o, str_eq(text, S("yes")));
  else if (f->kind == INT && str_int(text, &number)) json_put_int(o, number);
  else json_put_str(o, text);
  (void)r;
  return E_OK;
}

static Err row_args(Demo *d, const Row *r, Str *args, Strs *late) {
  Cx *cx = d->cx;
  Buf b = buf_new(cx->arena, 1 << 20);
  JsonOut o = json_out(&b, false);
  Str owner;
  json_object(&o);
  json_pair(&o, "type", str_of(r->type->name));
  if (r->id.n) json_pair(&o, "id", r->id);
  json_key(&o, "input");
  json_object(&o);
  json_pair(&o, "title", cell(r, "title"));
  TRY(person_of(d, cell(r, "owner"), &owner));
  json_pair(&o, "owner", owner);
  json_key(&o, "products");
  put_links(d, &o, cell(r, "products"), NULL, NULL);
  for (size_t i = 0; i < r->nhead; i++) {
    Str name = r->head[i], text = i < r->cells.n ? str_trim(r->cells.cell[i]) : STR_NONE;
    if (!text.n || is_header(name) || str_eq(name, S("title")) || str_eq(name, S("owner")) || str_eq(name, S("products"))) continue;
    const Field *f = record_field(r->type, name, NULL);
    if (!f) return fail(cx, E_BUG, "%.*s: the type %s has no field %.*s", STR(r->file), r->type->name, STR(name));
    TRY(put_value(d, r, f, text, &o, late));
  }
  json_object_end(&o);
  json_object_end(&o);
  *args = buf_str(&b);
  return E_OK;
}

/* ---- acts ---------------------------------------------------------------------------------------------------------------------------- */

static void add_act(Demo *d, Act a) {
  a.order = d->acts.n;
  vec_add(d->cx->arena, &d->acts, a);
}

static int64_t days_ago(const Demo *d, int64_t days, int64_t plus_minutes) {
  int64_t t = d->today_us - days * US_PER_DAY + plus_minutes * 60 * US_PER_S;
  return t < d->today_us ? t : d->today_us;
}

/* "submit:ines@289": step, who, days ago. */
static Err add_steps(Demo *d, const Row *r) {
  Str rest = cell(r, "steps"), one, step, who, day, id;
  int64_t n = 0, at = r->created_us;
  Str why = cell(r, "step_reason");
  while (rest.n) {
    (void)str_cut(rest, ' ', &one, &rest);
    if (!one.n) continue;
    if (!str_cut(one, ':', &step, &who) || !str_cut(who, '@', &who, &day) || !str_int(day, &n))
      return fail(d->cx, E_BUG, "%.*s %.*s: cannot read the step '%.*s'", STR(r->file), STR(r->id), STR(one));
    TRY(person_of(d, who, &id));
    int64_t t = days_ago(d, n, 10 * 60);
    at = t > at ? t : at + US_PER_S;                   /* never before the record or the step before */
    add_act(d, (Act){ .t_us = at, .who = id, .command = "record.step", .id = r->id, .step = step,
                      .reason = why.n ? why : S("As the company's own file says") });
  }
  return E_OK;
}

/* Once every record has its time. */
static Err add_late_links(Demo *d, const Row *r) {
  for (size_t i = 0; i < r->late.n; i++) {
    Str link, to;
    (void)str_cut(r->late.p[i], ' ', &link, &to);
    size_t at = map_get(&d->row_of, to);
    if (at == MAP_NONE)
      return fail(d->cx, E_BUG, "%.*s %.*s links to %.*s, which is nowhere in the sample", STR(r->file), STR(r->id), STR(to));
    int64_t other = d->rows.p[at].created_us;
    add_act(d, (Act){ .t_us = (other > r->created_us ? other : r->created_us) + US_PER_S, .who = r->by, .command = "record.link", .id = r->id, .link = link,
                      .to = to });
  }
  return E_OK;
}

/* Targets first.  The stack is explicit: the sample's chains are long, and input decides their length. */
typedef struct Frame { size_t row, field; Str left; } Frame;

static bool next_target(Demo *d, Frame *f, size_t *out) {
  const Row *r = &d->rows.p[f->row];
  for (;;) {
    while (f->left.n) {
      Str one;
      (void)str_cut(f->left, ' ', &one, &f->left);
      size_t at = one.n ? map_get(&d->row_of, one) : MAP_NONE;
      if (at != MAP_NONE && d->rows.p[at].mark == 0) { *out = at; return true; }
    }
    if (f->field >= r->nhead) return false;
    Str name = r->head[f->field];
    const Field *field = record_field(r->type, name, NULL);
    bool links = str_eq(name, S("products")) || (field && field->kind == LINK);
    f->left = links && f->field < r->cells.n ? str_trim(r->cells.cell[f->field]) : STR_NONE;
    f->field++;
  }
}

/* A record cannot be older than what it points at. */
static void settle_time(Demo *d, Row *r) {
  for (size_t i = 0; i < r->nhead && i < r->cells.n; i++) {
    const Field *field = record_field(r->type, r->head[i], NULL);
    if (!str_eq(r->head[i], S("products")) && !(field && field->kind == LINK)) continue;
    Str left = str_trim(r->cells.cell[i]), one;
    while (left.n) {
      (void)str_cut(left, ' ', &one, &left);
      size_t at = one.n ? map_get(&d->row_of, one) : MAP_NONE;
      if (at == MAP_NONE || d->rows.p[at].mark != 2) continue;
      if (d->rows.p[at].created_us >= r->created_us) r->created_us = d->rows.p[at].created_us + US_PER_S;
    }
  }
}

static Err create_row(Demo *d, Row *r) {
  Str args;
  settle_time(d, r);
  TRY(row_args(d, r, &args, &r->late));
  TRY(person_of(d, cell(r, "owner"), &r->by));
  add_act(d, (Act){ .t_us = r->created_us, .who = r->by, .command = "record.new", .id = r->id, .args = args });
  r->mark = 2;
  return add_steps(d, r);
}

static Err visit(Demo *d, size_t start) {
  VEC(Frame) stack = { 0 };
  if (d->rows.p[start].mark) return E_OK;
  d->rows.p[start].mark = 1;
  vec_add(d->cx->arena, &stack, ((Frame){ .row = start }));
  while (stack.n) {
    size_t next;
    if (next_target(d, &stack.p[stack.n - 1], &next)) {
      d->rows.p[next].mark = 1;
      vec_add(d->cx->arena, &stack, ((Frame){ .row = next }));
      continue;
    }
    Row *r = &d->rows.p[stack.p[--stack.n].row];
    TRY(create_row(d, r));
  }
  return E_OK;
}

static Err read_rows(Demo *d) {
  Cx *cx = d->cx;
  const DataFile *f = data_find(S("sorrel/load.txt"));
  if (!f) return fail(cx, E_BUG, "the sample has no load.txt");
  Str rest = data_text(f), line, stem, type;
  while (str_line(&rest, &line)) {
    if (!line.n || line.p[0] == '#') continue;
    (void)str_cut(str_trim(line), ' ', &stem, &type);
    const RecordType *t;
    Str *head;
    size_t nhead, n;
    CsvRow *rows;
    TRY(record_type_need(cx, str_trim(type), &t));
    TRY(table(d, str_z(cx->arena, stem), &head, &nhead, &rows, &n));
    for (size_t i = 0; i < n; i++) {
      Row r = { .type = t, .head = head, .nhead = nhead, .cells = rows[i], .file = stem };
      int64_t when = 0;
      r.id = cell(&r, "id");
      if (!str_int(cell(&r, "when"), &when)) return fail(cx, E_BUG, "%.*s row %zu: 'when' is not a number", STR(stem), i + 1);
      r.created_us = days_ago(d, when, 9 * 60);
      if (r.id.n) map_put(&d->row_of, r.id, d->rows.n);
      vec_add(cx->arena, &d->rows, r);
    }
  }
  return E_OK;
}

static int by_time(const void *a, const void *b) {
  const Act *x = a, *y = b;
  if (x->t_us != y->t_us) return x->t_us < y->t_us ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

/* ---- playing --------------------------------------------------------------------------------------------------------------------------- */

/* The arguments of a step or link, with the revision that the record has by then. */
static Str late_args(Demo *d, const Act *a, Map *rev) {
  size_t n = map_get(rev, a->id);
  int64_t base = n == MAP_NONE ? 1 : (int64_t)n;
  Buf b = buf_new(d->cx->arena, 4096);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", a->id);
  json_pair_int(&o, "base", base);
  if (a->step.n) json_pair(&o, "step", a->step);
  if (a->link.n) {
    json_pair(&o, "link", a->link);
    json_pair(&o, "to", a->to);
    map_put(rev, a->id, (size_t)base + 1);
  }
  json_object_end(&o);
  return buf_str(&b);
}

static Err play(Demo *d) {
  Cx *cx = d->cx;
  size_t n = d->acts.n;
  qsort(d->acts.p, n, sizeof *d->acts.p, by_time);
  Ask *asks = NEW_ARRAY(cx->arena, n, Ask);
  Answer *answers = NEW_ARRAY(cx->arena, n, Answer);
  int64_t *times = NEW_ARRAY(cx->arena, n, int64_t);
  Map rev = map_new(cx->arena, n);
  for (size_t i = 0; i < n; i++) {
    const Act *a = &d->acts.p[i];
    asks[i] = (Ask){ .command = str_of(a->command), .actor = a->who, .auth = S("demo"), .source = S("demo"), .reason = a->reason,
                     .args_json = a->args.n ? a->args : late_args(d, a, &rev), .request = random_hex(cx->arena, 8) };
    times[i] = a->t_us;
  }
  app_script_times(times, n);
  Err e = writer_ask(cx, d->writer, asks, n, answers);
  app_script_times(NULL, 0);
  TRY(e);
  for (size_t i = 0; i < n; i++)
    if (answers[i].err != E_OK)
      return fail(cx, answers[i].err, "the sample does not load: %.*s %.*s %.*s: %.*s", STR(asks[i].command), STR(d->acts.p[i].id),
                  STR(d->acts.p[i].step), STR(answers[i].words));
  d->acts.n = 0;
  return E_OK;
}

/* ---- people ---------------------------------------------------------------------------------------------------------------------------- */

static void put_pairs(JsonOut *o, const char *const *names, const Str *values, size_t n) {
  for (size_t i = 0; i < n; i++) if (values[i].n) json_pair(o, names[i], values[i]);
}

static Str pairs_json(Cx *cx, const char *const *names, const Str *values, size_t n) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  put_pairs(&o, names, values, n);
  json_object_end(&o);
  return buf_str(&b);
}

/* One quick hash for all: everybody in the sample has the password "demo", and it says so on the sign-in page. */
static Err add_people(Demo *d, Str admin, int64_t *count) {
  Cx *cx = d->cx;
  Str *head, phc;
  size_t nhead, n;
  CsvRow *rows;
  TRY(table(d, "people.csv", &head, &nhead, &rows, &n));
  TRY(password_hash(cx, S("demo"), 19456, 2, &phc));
  static const char *const names[] = { "login", "name", "email", "title", "roles", "phc" };
  for (size_t i = 0; i < n; i++) {
    Str login = cell_of(head, nhead, &rows[i], "login");
    const Str values[] = { login, cell_of(head, nhead, &rows[i], "name"), cell_of(head, nhead, &rows[i], "email"),
                           cell_of(head, nhead, &rows[i], "title"), cell_of(head, nhead, &rows[i], "roles"), phc };
    add_act(d, (Act){ .t_us = days_ago(d, 301, (int64_t)i), .who = admin, .command = "user.add", .id = login,
                      .args = pairs_json(cx, names, values, COUNT(names)), .reason = S("Sample company") });
  }
  *count = (int64_t)n;
  TRY(play(d));
  for (size_t i = 0; i < n; i++) {
    Who who;
    Str login = cell_of(head, nhead, &rows[i], "login");
    TRY(people_who_login(cx, writer_store(d->writer), login, &who));
    map_put(&d->person, login, d->ids.n);
    vec_add(cx->arena, &d->ids, who.id);
  }
  return E_OK;
}

static void add_duty(Demo *d, Str admin, const Str *values, int64_t minute) {
  static const char *const names[] = { "person", "duty", "product", "deputy_of" };
  add_act(d, (Act){ .t_us = days_ago(d, 298, minute), .who = admin, .command = "duty.set", .id = values[1],
                    .args = pairs_json(d->cx, names, values, COUNT(names)), .reason = S("Sample company") });
}

static Err add_duties(Demo *d, Str admin) {
  Cx *cx = d->cx;
  Str *head, person, deputy = STR_NONE;
  size_t nhead, n;
  CsvRow *rows;
  TRY(table(d, "duties.csv", &head, &nhead, &rows, &n));
  for (size_t i = 0; i < n; i++) {
    Str duty = cell_of(head, nhead, &rows[i], "duty"), product = cell_of(head, nhead, &rows[i], "product");
    TRY(person_of(d, cell_of(head, nhead, &rows[i], "login"), &person));
    add_duty(d, admin, (const Str[]){ person, duty, product, STR_NONE }, (int64_t)i);
    Str other = cell_of(head, nhead, &rows[i], "deputy");
    if (!other.n) continue;
    TRY(person_of(d, other, &deputy));
    add_duty(d, admin, (const Str[]){ deputy, duty, product, person }, (int64_t)i);
  }
  return E_OK;
}

/* ---- components and advisories ------------------------------------------------------------------------------------------------------------ */

/* The snapshot builder reads files; the sample's lie in the program. */
static Err write_advisories(Demo *d, const char *folder) {
  Cx *cx = d->cx;
  TRY(folder_make(cx, folder, 0700));
  for (size_t i = 0; i < data_nfiles; i++) {
    Str name = str_of(data_files[i].name);
    bool advisory = str_starts(name, S("sorrel/advisories/")) || str_eq(name, S("sorrel/kev.json")) || str_eq(name, S("sorrel/epss.csv"));
    if (!advisory) continue;
    Str leaf = str_slice(name, str_rfind_char(name, '/') + 1, name.n);
    TRY(file_write(cx, str_fmt(cx->arena, "%s/%.*s", folder, STR(leaf)).p, data_text(&data_files[i]), 0600));
  }
  return E_OK;
}

static void remove_advisories(Demo *d, const char *folder) {
  for (size_t i = 0; i < data_nfiles; i++) {
    Str name = str_of(data_files[i].name), leaf = str_slice(name, str_rfind_char(name, '/') + 1, name.n);
    if (str_starts(name, S("sorrel/"))) (void)unlink(str_fmt(d->cx->arena, "%s/%.*s", folder, STR(leaf)).p);
  }
  (void)rmdir(folder);
}

static Err use_advisories(Demo *d, const Ask *who) {
  Cx *cx = d->cx;
  const char *from = str_fmt(cx->arena, "%s/sample-advisories", d->folder).p, *to = str_fmt(cx->arena, "%s/sample.snap", d->folder).p;
  FeedBuild build = { 0 };
  TRY(write_advisories(d, from));
  Err e = feed_build(cx, &from, 1, to, &build);
  if (e == E_OK) e = app_activate_feed(cx, d->writer, to, who);
  remove_advisories(d, from);
  (void)unlink(to);
  return e;
}

static Err import_one(Demo *d, Str file, const SbomImport *what, const Ask *who, int64_t *components) {
  Cx *cx = d->cx;
  const DataFile *f = data_find(str_fmt(cx->arena, "sorrel/%.*s", STR(file)));
  if (!f) return fail(cx, E_BUG, "the sample has no file %.*s", STR(file));
  Sbom sbom = { 0 };
  Ask ask = { 0 };
  Answer a = { 0 };
  SbomOptions opt = supply_options(d->set);
  TRY(supply_read(cx, data_text(f), &opt, &sbom));
  TRY(supply_import_ask(cx, &sbom, data_text(f), what, &ask));
  ask.actor = who->actor;
  ask.auth = who->auth;
  ask.source = who->source;
  ask.request = random_hex(cx->arena, 8);
  TRY(writer_ask(cx, d->writer, &ask, 1, &a));
  TRY(answer_result(cx, &a));
  *components += sbom.listed;
  return E_OK;
}

static Err import_sboms(Demo *d, const Ask *who, DemoCounts *out) {
  Str *head;
  size_t nhead, n;
  CsvRow *rows;
  TRY(table(d, "sboms.csv", &head, &nhead, &rows, &n));
  for (size_t i = 0; i < n; i++) {
    Str file = cell_of(head, nhead, &rows[i], "file");
    SbomImport what = { .product = cell_of(head, nhead, &rows[i], "product"), .release = cell_of(head, nhead, &rows[i], "release"),
                        .name = cell_of(head, nhead, &rows[i], "name"), .element = cell_of(head, nhead, &rows[i], "element"), .file = file };
    TRY(import_one(d, file, &what, who, &out->components));
    out->sboms++;
  }
  return E_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------------------ */

static Err fill(Demo *d, DemoCounts *out) {
  Cx *cx = d->cx;
  Who admin, lead;
  TRY(people_who_login(cx, writer_store(d->writer), S("sample"), &admin));
  TRY(add_people(d, admin.id, &out->people));
  TRY(read_rows(d));
  TRY(add_duties(d, admin.id));
  for (size_t i = 0; i < d->rows.n; i++) TRY(visit(d, i));
  for (size_t i = 0; i < d->rows.n; i++) TRY(add_late_links(d, &d->rows.p[i]));
  out->records = (int64_t)d->rows.n;
  TRY(play(d));
  TRY(people_who_login(cx, writer_store(d->writer), S("ines"), &lead));
  Ask who = { .actor = lead.id, .auth = S("demo"), .source = S("demo") };
  TRY(import_sboms(d, &who, out));
  TRY(use_advisories(d, &who));
  TRY(app_match(cx, d->writer, writer_store(d->writer), STR_NONE, &who, &out->findings));
  TRY(demo_decide(d));
  Graph *g = NULL;
  CheckRun run;
  TRY(graph_open(cx, writer_store(d->writer), &g));
  Err e = app_check(cx, d->writer, writer_store(d->writer), g, S("sorrel-p1"), STR_NONE, &who, &run);
  graph_close(g);
  if (e == E_OK) out->gaps = (int64_t)run.gaps.n;
  return e;
}

Err demo_create(Cx *cx, const char *folder, const Settings *set, DemoCounts *out) {
  AppInit init = { .company = S("Halden Medical Devices"), .login = S("sample"), .name = S("Sample administrator") };
  int64_t first_us = cx->now_us - 302 * US_PER_DAY;
  app_script_times(&first_us, 1);
  Err made = app_init(cx, folder, &init);
  app_script_times(NULL, 0);
  TRY(made);
  TRY(file_write(cx, str_fmt(cx->arena, "%s/demo", folder).p, S("A sample company. Every person's password is demo.\n"), 0600));
  TRY(file_write(cx, str_fmt(cx->arena, "%s/proofline.toml", folder).p,
                 S("# The sample company.\ncompany = \"Halden Medical Devices\"\ncli_user = \"ines\"\n"), 0600));
  AppWriter app = { .folder = folder };
  WriterHooks hooks = app_writer_hooks(&app);
  Demo d = { .cx = cx, .folder = folder, .set = set, .today_us = cx->now_us, .person = map_new(cx->arena, 32), .row_of = map_new(cx->arena, 2048) };
  TRY(writer_connect(cx, folder, set, &hooks, &d.writer));
  Err e = fill(&d, out);
  if (e == E_OK) e = app_finish(cx, writer_store(d.writer), &app);
  writer_close(d.writer);
  return e;
}

Err demo_count(Cx *cx, const char *folder, DemoCounts *out) {
  Store *s = NULL;
  Graph *g = NULL;
  SbomList sboms = { 0 };
  TRY(store_open(cx, folder, STORE_READ, &s));
  Err e = graph_open(cx, s, &g);
  if (e == E_OK) { out->records = (int64_t)graph_count(g); graph_close(g); }
  if (e == E_OK) e = supply_sboms(cx, s, STR_NONE, STR_NONE, true, &sboms);
  for (size_t i = 0; i < sboms.n; i++) { out->sboms++; out->components += sboms.p[i].components; }
  store_close(s);
  return e;
}
