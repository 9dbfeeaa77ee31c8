/* The story as one list of commands in the order of time, and playing it. */
#include "app/demo/demo.h"
#include <stdlib.h>

/* ---- acts ---------------------------------------------------------------------------------------------- */

void demo_act(Demo *d, Act a) {
  a.order = d->acts.n;
  vec_add(d->cx->arena, &d->acts, a);
}

int64_t demo_days_ago(const Demo *d, int64_t days, int64_t plus_minutes) {
  int64_t t = d->today_us - days * US_PER_DAY + plus_minutes * 60 * US_PER_S;
  return t < d->today_us ? t : d->today_us;
}

/* "submit:ines@289": step, who, days ago. */
static Err add_steps(Demo *d, const Row *r) {
  Str rest = row_cell(r, "steps"), one, step, who, day, id;
  int64_t n = 0, at = r->created_us;
  Str why = row_cell(r, "step_reason");
  while (rest.n) {
    (void)str_cut(rest, ' ', &one, &rest);
    if (!one.n) continue;
    if (!str_cut(one, ':', &step, &who) || !str_cut(who, '@', &who, &day) || !str_int(day, &n))
      return fail(d->cx, E_BUG, "%.*s %.*s: cannot read the step '%.*s'", STR(r->file), STR(r->id), STR(one));
    TRY(demo_person(d, who, &id));
    int64_t t = demo_days_ago(d, n, 10 * 60);
    at = t > at ? t : at + US_PER_S; /* never before the record or the step before */
    demo_act(d, (Act){ .t_us = at,
                       .who = id,
                       .command = "record.step",
                       .id = r->id,
                       .step = step,
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
      return fail(d->cx, E_BUG, "%.*s %.*s links to %.*s, which is nowhere in the sample", STR(r->file), STR(r->id),
                  STR(to));
    int64_t other = d->rows.p[at].created_us;
    demo_act(d, (Act){ .t_us = (other > r->created_us ? other : r->created_us) + US_PER_S,
                       .who = r->by,
                       .command = "record.link",
                       .id = r->id,
                       .link = link,
                       .to = to });
  }
  return E_OK;
}

/* Targets first.  The stack is explicit: the sample's chains are long, and input decides their length. */
typedef struct Frame {
  size_t row, field;
  Str left;
} Frame;

static bool next_target(Demo *d, Frame *f, size_t *out) {
  const Row *r = &d->rows.p[f->row];
  for (;;) {
    while (f->left.n) {
      Str one;
      (void)str_cut(f->left, ' ', &one, &f->left);
      size_t at = one.n ? map_get(&d->row_of, one) : MAP_NONE;
      if (at != MAP_NONE && d->rows.p[at].mark == 0) {
        *out = at;
        return true;
      }
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
  TRY(demo_row_args(d, r, &args, &r->late));
  TRY(demo_person(d, row_cell(r, "owner"), &r->by));
  demo_act(d, (Act){ .t_us = r->created_us, .who = r->by, .command = "record.new", .id = r->id, .args = args });
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
    TRY(demo_table(d, str_z(cx->arena, stem), &head, &nhead, &rows, &n));
    for (size_t i = 0; i < n; i++) {
      Row r = { .type = t, .head = head, .nhead = nhead, .cells = rows[i], .file = stem };
      int64_t when = 0;
      r.id = row_cell(&r, "id");
      if (!str_int(row_cell(&r, "when"), &when))
        return fail(cx, E_BUG, "%.*s row %zu: 'when' is not a number", STR(stem), i + 1);
      r.created_us = demo_days_ago(d, when, 9 * 60);
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

/* ---- playing ------------------------------------------------------------------------------------------- */

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

Err demo_play(Demo *d) {
  Cx *cx = d->cx;
  size_t n = d->acts.n;
  qsort(d->acts.p, n, sizeof *d->acts.p, by_time);
  Ask *asks = NEW_ARRAY(cx->arena, n, Ask);
  Answer *answers = NEW_ARRAY(cx->arena, n, Answer);
  int64_t *times = NEW_ARRAY(cx->arena, n, int64_t);
  Map rev = map_new(cx->arena, n);
  for (size_t i = 0; i < n; i++) {
    const Act *a = &d->acts.p[i];
    asks[i] = (Ask){ .command = str_of(a->command),
                     .actor = a->who,
                     .auth = S("demo"),
                     .source = S("demo"),
                     .reason = a->reason,
                     .args_json = a->args.n ? a->args : late_args(d, a, &rev),
                     .request = random_hex(cx->arena, 8) };
    times[i] = a->t_us;
    if (a->revises) map_put(&rev, a->id, 2);
  }
  app_script_times(times, n);
  Err e = writer_ask(cx, d->writer, asks, n, answers);
  app_script_times(NULL, 0);
  TRY(e);
  for (size_t i = 0; i < n; i++)
    if (answers[i].err != E_OK)
      return fail(cx, answers[i].err, "the sample does not load: %.*s %.*s %.*s: %.*s", STR(asks[i].command),
                  STR(d->acts.p[i].id), STR(d->acts.p[i].step), STR(answers[i].words));
  d->acts.n = 0;
  return E_OK;
}

/* Every record of every table, as commands. */
Err demo_records(Demo *d) {
  TRY(read_rows(d));
  for (size_t i = 0; i < d->rows.n; i++) TRY(visit(d, i));
  for (size_t i = 0; i < d->rows.n; i++) TRY(add_late_links(d, &d->rows.p[i]));
  return E_OK;
}
