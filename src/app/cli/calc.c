/* calc: calculators over lines, without a store. */
#include "app/cli/cli.h"
#include "app/triage.h"

enum { CALC_INPUT_MAX = 256 << 20 };

static Err calc_run(Cli *cli) {
  Cx *cx = cli->cx;
  Str input;
  Buf out = buf_new(cx->arena, SIZE_MAX / 4);
  Str what = cli->arg[0];
  TRY(file_read(cx, "-", CALC_INPUT_MAX, &input));
  if (str_eq(what, S("query"))) TRY(query_calc_lines(cx, input, &out));
  else if (str_eq(what, S("ssvc"))) {
    const Ssvc *tables;
    TRY(triage_ssvc(cx, &tables));
    TRY(ssvc_calc_lines(cx, tables, cli->narg > 1 ? cli->arg[1] : S("supplier"), input, &out));
  } else TRY(calc_lines(cx, what, cli->narg > 1 ? cli->arg[1] : STR_NONE, input, &out));
  cli_print(buf_str(&out));
  return E_OK;
}

const CliCommand cli_calc_commands[] = {
  { "calc", "version SCHEME | vers [SCHEME] | purl | cpe | cvss | ssvc TABLE | query",
    "calculators: a line of standard input, a line of answer",
    "  printf '1.0\\t1.1\\n' | proofline calc version semver\n"
    "  schemes: semver npm cargo golang pypi maven nuget gem composer deb rpm apk cran hackage hex pub conan openssl "
    "generic gentoo datetime lexicographic alpm nginx\n"
    "  printf '^1.2.3 || 3.x\\n' | proofline calc vers npm     a package manager's range to vers; without SCHEME:\n"
    "  RANGE, a tab, VERSION: does it hold it?  RANGE alone: its canonical form\n"
    "  printf 'active,efficient,total,significant\\n' | proofline calc ssvc supplier\n"
    "  tables: supplier deployer utility human_impact public_safety_impact coordinator_triage coordinator_publish cisa "
    "bod_26_04",
    NULL, 0, 1, 2, calc_run },
  { 0 },
};
