/* vex: statements of others in, our own out. */
#include "app/vex.h"
#include "app/cli/cli.h"
#include <stdio.h>

static Err put_out(Cli *cli, Str bytes) {
  Str out = cli_option(cli, "out");
  if (out.p) return file_write(cli->cx, str_z(cli->cx->arena, out), bytes, 0644);
  cli_print(bytes);
  return E_OK;
}

static Err export_run(Cli *cli) {
  VexFormat format = VEX_OPENVEX;
  Str name = cli_option(cli, "format");
  VexScope scope = { cli_option(cli, "device"), cli_option(cli, "version") };
  Store *s = NULL;
  Graph *g = NULL;
  Buf b = buf_new(cli->cx->arena, SIZE_MAX / 4);
  if (name.p && !vex_format_find(name, &format))
    return fail(cli->cx, E_USAGE, "--format %.*s: openvex, cyclonedx, cyclonedx-vdr or csaf", STR(name));
  if (!scope.product.n) return fail(cli->cx, E_USAGE, "Say of what: --device ID [--version RELEASE]");
  TRY(cli_store(cli, &s));
  TRY(graph_open(cli->cx, s, &g));
  Err e = vex_export(cli->cx, s, g, &cli->set, &scope, format, &b);
  graph_close(g);
  TRY(e);
  return put_out(cli, buf_str(&b));
}

static void import_json(Cli *cli, const VexImport *r) {
  JsonOut *o = cli_json(cli);
  json_object(o);
  json_pair(o, "schema", S("proofline.vex-import/1"));
  json_pair(o, "format", r->format);
  json_pair(o, "spec", r->spec);
  json_pair(o, "source", r->source);
  json_pair_int(o, "statements", r->statements);
  json_pair_int(o, "left_out", r->left_out);
  json_pair_int(o, "matched", r->matched);
  json_pair_int(o, "already", r->already);
  json_pair_int(o, "unmatched", r->unmatched_count);
  json_pair_int(o, "proposed", r->proposals);
  json_key(o, "proposals");
  json_array(o);
  for (size_t i = 0; i < r->ids.n; i++) json_put_str(o, r->ids.p[i]);
  json_array_end(o);
  json_key(o, "matched_nothing");
  json_array(o);
  for (size_t i = 0; i < r->unmatched.n; i++) {
    json_object(o);
    json_pair(o, "vulnerability", r->unmatched.p[i].vuln);
    json_pair(o, "product", r->unmatched.p[i].product);
    json_pair(o, "why", r->unmatched.p[i].why);
    json_object_end(o);
  }
  json_array_end(o);
  json_object_end(o);
  cli_json_end(o);
}

static void import_words(Cli *cli, const VexImport *r) {
  (void)printf("%.*s %.*s of %.*s: %lld statements\n", STR(r->format), STR(r->spec), STR(r->source),
               (long long)r->statements);
  (void)printf("  %lld fit a component here, %lld of them became proposals, %lld were proposed before\n",
               (long long)r->matched, (long long)r->proposals, (long long)r->already);
  (void)printf("  %lld matched nothing\n", (long long)r->unmatched_count);
  for (size_t i = 0; i < r->unmatched.n && i < 20; i++)
    (void)printf("    %.*s %.*s: %.*s\n", STR(r->unmatched.p[i].vuln), STR(str_head(r->unmatched.p[i].product, 80)),
                 STR(r->unmatched.p[i].why));
  if (r->left_out) (void)printf("  %u could not be used\n", r->left_out);
  for (size_t i = 0; i < r->nproblems && i < 20; i++) (void)printf("    %.*s\n", STR(r->problem[i]));
  (void)fflush(stdout);
  if (r->proposals)
    cli_say(cli, "A proposal counts once somebody signs it. Decisions in force were left as they are.\n");
}

static Err import_with(Cli *cli, Str bytes) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  Graph *g = NULL;
  VexImport r = { 0 };
  bool dry = cli_has(cli, "dry-run");
  if (dry) TRY(cli_store(cli, &s));
  else {
    TRY(cli_writer(cli));
    s = writer_store(cli->writer);
  }
  Ask who = { .actor = cli->who.id, .auth = S("local"), .source = S("cli") };
  TRY(graph_open(cx, s, &g));
  Err e = vex_import(cx, cli->writer, s, g, bytes, cli->arg[0], &who, dry, &r);
  graph_close(g);
  TRY(e);
  if (cli->out == OUT_JSON) import_json(cli, &r);
  else import_words(cli, &r);
  return E_OK;
}

static Err import_run(Cli *cli) {
  Str bytes;
  TRY(file_read(cli->cx, str_z(cli->cx->arena, cli->arg[0]), VEX_MAX_BYTES + 1, &bytes));
  return import_with(cli, bytes);
}

static Err check_run(Cli *cli) {
  Str bytes;
  VexDoc d;
  TRY(file_read(cli->cx, str_z(cli->cx->arena, cli->arg[0]), VEX_MAX_BYTES + 1, &bytes));
  TRY(vex_read(cli->cx, bytes, &d));
  JsonOut *o = cli_json(cli);
  json_object(o);
  json_pair(o, "schema", S("proofline.vex-check/1"));
  json_pair(o, "format", d.format);
  json_pair(o, "spec", d.spec);
  json_pair(o, "author", d.author);
  json_pair_int(o, "statements", (int64_t)d.statement.n);
  json_pair_int(o, "left_out", d.left_out);
  json_key(o, "problems");
  json_array(o);
  for (size_t i = 0; i < d.problem.n; i++) json_put_str(o, d.problem.p[i]);
  json_array_end(o);
  json_object_end(o);
  cli_json_end(o);
  return E_OK;
}

static void csaf_list(Cli *cli, Str path, JsonOut *o, const char *key, const CsafFault *p, size_t n) {
  json_key(o, key);
  json_array(o);
  for (size_t i = 0; i < n; i++) {
    json_object(o);
    json_pair(o, "test", p[i].test);
    json_pair(o, "where", p[i].where);
    json_pair(o, "what", p[i].what);
    json_object_end(o);
    if (cli->out != OUT_JSON)
      (void)printf("%.*s\t%s%.*s\t%.*s\t%.*s\n", STR(path), *key == 'l' ? "" : "advice ", STR(p[i].test),
                   STR(p[i].where), STR(p[i].what));
  }
  json_array_end(o);
}

static Err csaf_one(Cli *cli, Str path, JsonOut *o, uint32_t *faults) {
  Str bytes;
  CsafReport r = { 0 };
  TRY(file_read(cli->cx, str_z(cli->cx->arena, path), VEX_MAX_BYTES + 1, &bytes));
  Err e = csaf_check(cli->cx, bytes, &r);
  if (e == E_FORMAT || e == E_UNREADABLE) { /* the others are looked at all the same */
    r.faults = 1;
    vec_add(cli->cx->arena, &r.fault, ((CsafFault){ S("schema"), S("/"), str_dup(cli->cx->arena, cli->cx->words) }));
    cx_forgive(cli->cx);
  } else TRY(e);
  *faults += r.faults;
  json_object(o);
  json_pair(o, "file", path);
  json_pair(o, "id", r.id);
  json_pair(o, "version", r.version);
  json_pair_int(o, "faults", r.faults);
  json_pair(o, "not_checked", csaf_unchecked(r.version));
  json_pair_int(o, "advices", r.advices);
  csaf_list(cli, path, o, "list", r.fault.p, r.fault.n);
  csaf_list(cli, path, o, "advice", r.advice.p, r.advice.n);
  if (cli->out != OUT_JSON) (void)printf("%.*s\tnot checked\t\t%.*s\n", STR(path), STR(csaf_unchecked(r.version)));
  json_object_end(o);
  return E_OK;
}

static Err csaf_run(Cli *cli) {
  uint32_t faults = 0;
  JsonOut *o = cli_json(cli);
  json_object(o);
  json_pair(o, "schema", S("proofline.csaf-check/1"));
  json_key(o, "documents");
  json_array(o);
  for (size_t i = 0; i < cli->narg; i++) TRY(csaf_one(cli, cli->arg[i], o, &faults));
  json_array_end(o);
  json_object_end(o);
  if (cli->out == OUT_JSON) cli_json_end(o);
  (void)fflush(stdout);
  return faults ? fail(cli->cx, E_INVALID, "%u faults: not to be published as it is", faults) : E_OK;
}

static const CliOption export_options[] = {
  { "device", "ID", "the device" },
  { "version", "RELEASE", "its release; default: all of the device" },
  { "format", "NAME", "openvex (default), cyclonedx, cyclonedx-vdr, csaf" },
  { "out", "FILE", "write there" },
};
static const CliOption import_options[] = { { "dry-run", NULL, "say what would become a proposal" } };

const CliCommand cli_vex_commands[] = {
  { "vex import", "FILE [--dry-run]", "statements of a supplier, as proposals with their source",
    "  proofline vex import supplier.openvex.json --dry-run\n  OpenVEX, CycloneDX and CSAF. What matched nothing is "
    "told.",
    import_options, COUNT(import_options), 1, 1, import_run },
  { "vex check", "FILE", "read a VEX document without storing it", NULL, NULL, 0, 1, 1, check_run },
  { "csaf check", "FILE...", "the tests of CSAF 2.0 and 2.1 over documents, before they are published",
    "  proofline csaf check vex.json -o json\n  exit codes: 0 no fault, 3 faults (6.1), or no CSAF document.  What a "
    "recommended (6.2) or informative (6.3)\n  test says is advice, and fails nothing", NULL, 0, 1,
    CLI_MAX_ARGS, csaf_run },
  { "vex export", "--device ID [--version RELEASE] [--format NAME]", "what we state about a release",
    "  proofline vex export --device sorrel-p1 --version REL-203 --format csaf --out vex.json", export_options,
    COUNT(export_options), 0, 0, export_run },
  { 0 },
};
