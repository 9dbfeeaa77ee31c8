/* scan.h - what scan writes. */
#pragma once
#include "app/cli/cli.h"
#include "app/scan_out.h"

typedef struct CliScan { const Snapshot *snap; const ScanResult *result; Str file, bytes; } CliScan;
/* E_USAGE: a format that scan does not have, or two for standard output. */
Err cli_scan_formats(Cli *cli);
/* Writes all that were asked for; *table: so was the table. */
Err cli_scan_write(Cli *cli, const CliScan *s, bool *table);
/* E_FEED: the newest source is older than --max-feed-age allows.  Outputs have been written by then. */
Err cli_scan_fresh(Cli *cli, const Snapshot *snap);
