/* diff: two days, two revisions, two baselines. */
#include "app/cli/cli.h"
#include "app/diff.h"
#include <stdio.h>

static Str one_line(Cx *cx, Str s) {
  Str line, rest = s;
  (void)str_line(&rest, &line);
  Str head = str_head(line, 160);
  return head.n < s.n ? str_fmt(cx->arena, "%.*s ... (%zu bytes)", STR(head), s.n) : s;
}

static void print_value(Cx *cx, const ValueChange *v) {
  if (v->went.n || v->came.n) {
    for (size_t i = 0; i < v->went.n; i++) (void)printf("      %.*s: - %.*s\n", STR(v->label), STR(v->went.p[i]));
    for (size_t i = 0; i < v->came.n; i++) (void)printf("      %.*s: + %.*s\n", STR(v->label), STR(v->came.p[i]));
    return;
  }
  (void)printf("      %.*s: %.*s -> %.*s\n", STR(v->label), STR(v->before.n ? one_line(cx, v->before) : S("(empty)")),
               STR(v->after.n ? one_line(cx, v->after) : S("(empty)")));
}

static void print_row(Cx *cx, const RecordChange *r) {
  static const char signs[CHANGE_KINDS] = { '+', '~', 'x', '-' };
  (void)printf("  %c %.*s  %.*s", signs[r->kind], STR(r->id), STR(r->title));
  if (r->rev_before && r->rev_after && r->rev_before != r->rev_after)
    (void)printf("  revision %lld -> %lld", (long long)r->rev_before, (long long)r->rev_after);
  if (r->state_before.n && r->state_after.n && !str_eq(r->state_before, r->state_after))
    (void)printf("  %.*s -> %.*s", STR(r->state_before), STR(r->state_after));
  else if (r->kind == CHANGE_ADDED) (void)printf("  %.*s", STR(r->state_after));
  (void)printf("\n");
  for (size_t i = 0; i < r->value.n; i++) print_value(cx, &r->value.p[i]);
}

static void print_gaps(const char *what, const Gaps *gaps) {
  for (size_t i = 0; i < gaps->n; i++)
    (void)printf("  %s %.*s %.*s: %.*s\n", what, STR(gaps->p[i].rule_id), STR(gaps->p[i].object),
                 STR(gaps->p[i].message));
}

static void print_diff(Cx *cx, const AppDiff *d) {
  (void)printf("From %.*s\nTo   %.*s\n%zu added, %zu changed, %zu ended, %zu gone\n", STR(d->a.label), STR(d->b.label),
               d->count[CHANGE_ADDED], d->count[CHANGE_CHANGED], d->count[CHANGE_ENDED], d->count[CHANGE_GONE]);
  const RecordType *last = NULL;
  for (size_t i = 0; i < d->rows.n; i++) {
    if (d->rows.p[i].type != last) (void)printf("\n%s\n", d->rows.p[i].type->plural);
    last = d->rows.p[i].type;
    print_row(cx, &d->rows.p[i]);
  }
  if (d->opened.n || d->closed.n) (void)printf("\nGaps of the checks\n");
  print_gaps("+", &d->opened);
  print_gaps("-", &d->closed);
}

static void texts_json(JsonOut *o, const char *key, const Str *p, size_t n) {
  json_key(o, key);
  json_array(o);
  for (size_t i = 0; i < n; i++) json_put_str(o, p[i]);
  json_array_end(o);
}

static void row_json(JsonOut *o, const RecordChange *r) {
  json_object(o);
  json_pair(o, "id", r->id);
  json_pair(o, "type", str_of(r->type->name));
  json_pair(o, "title", r->title);
  json_pair(o, "kind", str_of(change_words[r->kind]));
  json_pair_int(o, "revision_before", r->rev_before);
  json_pair_int(o, "revision_after", r->rev_after);
  json_pair(o, "state_before", r->state_before);
  json_pair(o, "state_after", r->state_after);
  json_key(o, "changes");
  json_array(o);
  for (size_t i = 0; i < r->value.n; i++) {
    const ValueChange *v = &r->value.p[i];
    json_object(o);
    json_pair(o, "field", v->label);
    json_pair(o, "before", v->before);
    json_pair(o, "after", v->after);
    texts_json(o, "removed", v->went.p, v->went.n);
    texts_json(o, "added", v->came.p, v->came.n);
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
}

static void gaps_json(JsonOut *o, const char *key, const Gaps *gaps) {
  json_key(o, key);
  json_array(o);
  for (size_t i = 0; i < gaps->n; i++) {
    json_object(o);
    json_pair(o, "rule", gaps->p[i].rule_id);
    json_pair(o, "record", gaps->p[i].object);
    json_pair(o, "message", gaps->p[i].message);
    json_object_end(o);
  }
  json_array_end(o);
}

static void diff_json(Cli *cli, const AppDiff *d) {
  JsonOut *o = cli_json(cli);
  json_object(o);
  json_pair(o, "from", d->a.label);
  json_pair(o, "to", d->b.label);
  for (size_t k = 0; k < CHANGE_KINDS; k++) json_pair_int(o, change_words[k], (int64_t)d->count[k]);
  json_key(o, "records");
  json_array(o);
  for (size_t i = 0; i < d->rows.n; i++) row_json(o, &d->rows.p[i]);
  json_array_end(o);
  gaps_json(o, "gaps_opened", &d->opened);
  gaps_json(o, "gaps_closed", &d->closed);
  json_object_end(o);
  cli_json_end(o);
}

static Err diff_run(Cli *cli) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  const Packs *packs;
  AppDiff d = { 0 };
  TRY(cli_store(cli, &s));
  TRY(app_packs(cx, &packs));
  TRY(app_diff(cx, s, packs, cli->arg[0], cli->narg > 1 ? cli->arg[1] : STR_NONE, cli_option(cli, "device"), &d));
  if (cli->out == OUT_JSON) diff_json(cli, &d);
  else print_diff(cx, &d);
  return E_OK;
}

static const CliOption diff_options[] = {
  { "device", "ID", "only records of this product, and what its checks miss" },
};

const CliCommand cli_diff_commands[] = {
  { "diff", "FROM [TO] [--device ID]", "what changed between two days, two revisions or two baselines",
    "  proofline diff 2026-09-01 now --device sorrel-p1\n"
    "  proofline diff T-001@1 T-001@3          two revisions; with one, against the last\n"
    "  proofline diff BSL-0001 BSL-0002        what two baselines hold; with one, its drift since it was taken\n"
    "Dates mean the end of that day (UTC); times are written 2026-09-01T12:00:00Z.",
    diff_options, COUNT(diff_options), 1, 2, diff_run },
  { 0 },
};
