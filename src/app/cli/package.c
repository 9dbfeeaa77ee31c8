/* export --package: records with their proofs in one file. */
#include "app/cli/cli.h"
#include "app/package.h"
#include <stdlib.h>
#include <time.h>

enum { SIGNED_WAIT_TRIES = 250, SIGNED_WAIT_NS = 20000000 };

static Err query_nodes(Cli *cli, const Graph *g, Str *asked, Nodes *out) {
  Cx *cx = cli->cx;
  Buf text = buf_new(cx->arena, 64 * 1024);
  for (size_t i = 0; i < cli->narg; i++) {
    if (text.n) buf_byte(&text, ' ');
    buf_add(&text, cli->arg[i]);
  }
  Query *q;
  QueryScope scope = { .me = cli->who.id, .now_us = cx->now_us };
  bool all = !text.n || str_eq(buf_str(&text), S("all"));
  TRY(query_compile(cx, all ? S("") : buf_str(&text), &scope, &q));
  TRY(query_run(cx, g, q, out));
  *asked = all ? S("all") : buf_str(&text);
  return out->n ? E_OK : fail(cx, E_NOTFOUND, "No record answers the query. Nothing was exported.");
}

static int by_text(const void *a, const void *b) { return str_cmp(*(const Str *)a, *(const Str *)b); }

/* All that is packed is read in one view, so that it is one moment of the log. */
static Err gather(Cli *cli, Store *s, ProofPackage *p) {
  Cx *cx = cli->cx;
  Graph *g = NULL;
  Nodes nodes = { 0 };
  Str asked = STR_NONE, *ids = NULL;
  TRY(graph_open(cx, s, &g));
  Err e = query_nodes(cli, g, &asked, &nodes);
  if (e == E_OK) {
    ids = NEW_ARRAY(cx->arena, nodes.n, Str);
    for (size_t i = 0; i < nodes.n; i++) ids[i] = str_dup(cx->arena, node_id(g, nodes.p[i]));
    qsort(ids, nodes.n, sizeof *ids, by_text);
  }
  graph_close(g);
  TRY(e);
  return package_gather(cx, s, asked, cli->who.id, ids, nodes.n, p);
}

static Err say_in_log(Cli *cli, const ProofPackage *p, int64_t *seq) {
  Cx *cx = cli->cx;
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  Answer a;
  JVal *result;
  json_object(&o);
  json_pair(&o, "content", p->hash_hex);
  json_pair(&o, "asked", p->asked);
  json_object_end(&o);
  TRY(cli_ask(cli, "package.export", buf_str(&b), STR_NONE, cli_option(cli, "reason"), &a));
  TRY(json_read(cx, a.result_json, &JSON_BODY, &result));
  *seq = json_int(result, "seq", -1);
  return E_OK;
}

/* A running server signs its head a moment later; without one it is for us to have it signed. */
static Err wait_signed(Cli *cli, Store *s, int64_t seq) {
  TRY(app_finish(cli->cx, s, &cli->app));
  for (int i = 0; i < SIGNED_WAIT_TRIES; i++) {
    TreeHead head;
    Str note;
    TRY(ledger_last_checkpoint(cli->cx, s, &head, &note));
    if (head.size > seq) break;
    (void)nanosleep(&(struct timespec){ .tv_nsec = SIGNED_WAIT_NS }, NULL);
  }
  return E_OK;
}

static Err export_run(Cli *cli) {
  Cx *cx = cli->cx;
  ProofPackage p = { 0 };
  int64_t seq;
  Str zip;
  if (cli_has(cli, "all")) return cli_export_all(cli);
  if (!cli_has(cli, "package"))
    return fail(cx, E_USAGE, "Say what and where to: export --package FILE.zip [QUERY...], or export --all DIR");
  TRY(cli_writer(cli));
  Store *s = writer_store(cli->writer);
  TRY(store_view(cx, s));
  Err e = gather(cli, s, &p);
  store_unview(s);
  TRY(e);
  TRY(say_in_log(cli, &p, &seq));
  TRY(wait_signed(cli, s, seq));
  TRY(store_view(cx, s));
  e = package_finish(cx, s, &p, seq, &zip);
  store_unview(s);
  TRY(e);
  TRY(file_write(cx, str_z(cx->arena, cli_option(cli, "package")), zip, 0640));
  cli_say(cli,
          "%zu records in %zu revisions, %zu entries, %zu bytes; the export is entry %lld of the log.\n"
          "  Check it with  proofline-verify PACKAGE.zip POLICY\n"
          "  POLICY         a line \"log \" with the key in %s/signer/key.pub, and a line \"quorum none\"\n",
          p.records, p.revisions, p.seqs.n + 1, zip.n, (long long)seq, cli->folder);
  return E_OK;
}

static const CliOption export_options[] = { { "package", "FILE.zip", "the file to write" },
                                            { "all", "DIR", "everything, a readable file for each record" },
                                            { "reason", "WHY", "why; kept in the log" } };

const CliCommand cli_package_commands[] = {
  { "export", "--package FILE.zip [QUERY...] | --all DIR",
    "records with history and proofs in one file that others can check",
    "  proofline export --package threats.zip type:threat device:sorrel-p1\n"
    "  proofline export --package all.zip all\n"
    "  proofline export --all DIR                everything, for a git work tree; back with: import --all DIR\n"
    "  proofline-verify threats.zip policy.txt   checks it; it is a program of its own that needs no Proofline",
    export_options, COUNT(export_options), 0, CLI_MAX_ARGS, export_run },
  { 0 },
};
