/* attach, file: files of a record. */
#include "app/cli/cli.h"

static Str last_part(Str path) {
  size_t at = str_rfind_char(path, '/');
  return at == SIZE_MAX ? path : str_slice(path, at + 1, path.n);
}

static Err attach_run(Cli *cli) {
  Cx *cx = cli->cx;
  Str bytes, name = cli_option(cli, "name");
  TRY(file_read(cx, str_z(cx->arena, cli->arg[1]), FILE_MOST, &bytes));
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "id", cli->arg[0]);
  json_pair(&o, "name", name.n ? name : last_part(cli->arg[1]));
  json_object_end(&o);
  Answer a;
  JVal *r;
  TRY(cli_ask(cli, "record.attach", buf_str(&b), bytes, cli_option(cli, "reason"), &a));
  if (cli->out == OUT_JSON) {
    cli_json_text(a.result_json);
    return E_OK;
  }
  TRY(json_read(cx, a.result_json, &JSON_BODY, &r));
  cli_say(cli, "%.*s revision %lld holds it, sha256 %.*s\n", STR(json_text(r, "id")),
          (long long)json_int(r, "rev", 0), STR(json_text(r, "sha256")));
  return E_OK;
}

/* The bytes go to standard output or to the file that the person names; never to a name that somebody stored. */
static Err file_run(Cli *cli) {
  Cx *cx = cli->cx;
  Store *s = NULL;
  Record r;
  Str bytes, to = cli_option(cli, "to");
  TRY(cli_store(cli, &s));
  TRY(record_get(cx, s, cli->arg[0], 0, &r));
  const FileRef *found = NULL;
  for (size_t i = 0; i < r.files.n; i++)
    if (str_eq(r.files.p[i].name, cli->arg[1]) || str_starts(r.files.p[i].sha256, cli->arg[1])) found = &r.files.p[i];
  if (!found)
    return fail(cx, E_NOTFOUND, "%.*s has no file '%.*s'. It has: %.*s", STR(r.id), STR(cli->arg[1]),
                STR(r.files.n ? files_text(cx, &r) : S("none")));
  TRY(blob_get(cx, s, found->sha256, &bytes));
  if (to.n) return file_write(cx, str_z(cx->arena, to), bytes, 0600);
  cli_print(bytes);
  return E_OK;
}

static const CliOption attach_options[] = {
  { "name", "NAME", "the name to keep it under; else the file's own" },
  { "reason", "TEXT", "why; needed once a revision was in force" },
};
static const CliOption file_options[] = { { "to", "PATH", "write it there; else to standard output" } };

const CliCommand cli_file_commands[] = {
  { "attach", "ID FILE [--name NAME] [--reason TEXT]", "add a file to a record: a new revision names it by its hash",
    "  proofline attach TRU-0045 report.pdf", attach_options, COUNT(attach_options), 2, 2, attach_run },
  { "file", "ID NAME|SHA256 [--to PATH]", "a file of a record", "  proofline file TRU-0045 report.pdf --to report.pdf",
    file_options, COUNT(file_options), 2, 2, file_run },
  { 0 },
};
