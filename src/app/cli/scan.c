/* scan's outputs: -o FORMAT[=FILE], as often as wanted. */
#include "app/cli/scan.h"

static bool is_plain(Str name) { return str_eq(name, S("table")) || str_eq(name, S("json")); }

static Str newest_of(const Snapshot *snap) {
  Str newest = STR_NONE;
  for (size_t i = 0; i < snapshot_sources(snap); i++)
    if (str_cmp(snapshot_source(snap, i).newest, newest) > 0) newest = snapshot_source(snap, i).newest;
  return newest;
}

static Str write_one(Cli *cli, const CliScan *s, Str name) {
  Buf b = buf_new(cli->cx->arena, SIZE_MAX / 4);
  ScanFormat format;
  ScanOut out = { s->file, s->bytes, snapshot_sha256(s->snap), newest_of(s->snap), s->result };
  if (scan_format_find(name, &format)) scan_write(cli->cx, &out, format, &b);
  else {
    JsonOut o = json_out(&b, false);
    scan_json(s->snap, s->result, &o);
    buf_byte(&b, '\n');
  }
  return buf_str(&b);
}

/* All are looked at before anything is judged. */
Err cli_scan_formats(Cli *cli) {
  size_t plain = 0;
  for (size_t i = 0; i < cli->noption; i++) {
    Str name, file;
    ScanFormat format;
    if (!str_eq(cli->option[i].name, S("o"))) continue;
    bool to_file = str_cut(cli->option[i].value, '=', &name, &file);
    if (!is_plain(name) && !scan_format_find(name, &format))
      return fail(cli->cx, E_USAGE,
                  "-o %.*s: the formats of scan are: table, json, sarif, cyclonedx, junit, gitlab, openvex",
                  STR(name));
    if (to_file && (!file.n || str_eq(name, S("table"))))
      return fail(cli->cx, E_USAGE, "-o %.*s: a table goes to standard output, the others to a named FILE",
                  STR(cli->option[i].value));
    if (!to_file && ++plain > 1)
      return fail(cli->cx, E_USAGE, "Two formats for standard output. Name files: -o sarif=FILE");
  }
  return E_OK;
}

Err cli_scan_write(Cli *cli, const CliScan *s, bool *table) {
  bool asked = cli_has(cli, "json");
  *table = false;
  if (asked) cli_print(write_one(cli, s, S("json")));
  for (size_t i = 0; i < cli->noption; i++) {
    Str name, file;
    if (!str_eq(cli->option[i].name, S("o"))) continue;
    bool to_file = str_cut(cli->option[i].value, '=', &name, &file);
    asked = true;
    if (str_eq(name, S("table"))) *table = true;
    else if (to_file) TRY(file_write(cli->cx, str_z(cli->cx->arena, file), write_one(cli, s, name), 0644));
    else cli_print(write_one(cli, s, name));
  }
  *table |= !asked;
  return E_OK;
}

Err cli_scan_fresh(Cli *cli, const Snapshot *snap) {
  int64_t days, at_us;
  Str given = cli_option(cli, "max-feed-age"), newest = newest_of(snap);
  if (!given.p) return E_OK;
  if (!str_int(given, &days) || days < 0 || days > 36500)
    return fail(cli->cx, E_USAGE, "--max-feed-age wants a number of days");
  bool known = time_parse(newest, &at_us);
  if (known && cli->cx->now_us - at_us <= days * US_PER_DAY) return E_OK;
  return fail(cli->cx, E_FEED,
              "The newest advisory is of %.*s: older than %lld days. New vulnerabilities may be missing",
              STR(known ? newest : S("an unknown day")), (long long)days);
}
