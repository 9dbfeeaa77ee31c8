/* cve: how likely exploitation was thought, day by day, and since when it is known. */
#include "app/cli/cli.h"
#include "app/triage.h"
#include <stdio.h>

static void put_score(JsonOut *o, int64_t x1e9) {
  if (x1e9 == VULN_UNSCORED) json_put_null(o);
  else json_put_scaled(o, x1e9, 9);
}

static void put_day(JsonOut *o, const char *key, int32_t day, Arena *a) {
  if (day) json_pair(o, key, date_text(a, day));
}

Err cve_day(Cli *cli, int32_t *day) {
  Str asof = cli_option(cli, "asof");
  int64_t moment = cli->cx->now_us;
  if (asof.n) TRY(app_moment(cli->cx, asof, &moment));
  *day = date_of(moment);
  return E_OK;
}

void cve_scores_json(Arena *a, const ScoreHistory *h, int32_t day, JsonOut *o) {
  int64_t then = VULN_UNSCORED;
  json_key(o, "epss_asof");
  json_object(o);
  json_pair(o, "day", date_text(a, day));
  json_key(o, "epss");
  put_score(o, score_on(h, day, &then) ? then : VULN_UNSCORED);
  json_object_end(o);
  json_key(o, "epss_history");
  json_array(o);
  for (size_t i = 0; i < h->score.n; i++) {
    json_object(o);
    json_pair(o, "day", date_text(a, h->score.p[i].day));
    json_key(o, "epss");
    put_score(o, h->score.p[i].epss_x1e9);
    json_object_end(o);
  }
  json_array_end(o);
  json_key(o, "kev_history");
  json_object(o);
  put_day(o, "added", h->kev_added, a);
  put_day(o, "first_seen", h->kev_seen, a);
  put_day(o, "gone", h->kev_gone, a);
  json_object_end(o);
}

static void say_score(Arena *a, const ScoreHistory *h, int32_t day) {
  int64_t then = VULN_UNSCORED;
  if (score_on(h, day, &then))
    (void)printf("EPSS on %.*s: %lld.%02lld %%\n", STR(date_text(a, day)), (long long)(then / 10000000),
                 (long long)(then / 100000 % 100));
  else if (h->first_day)
    (void)printf("EPSS on %.*s: not scored in what is kept (from %.*s on)\n", STR(date_text(a, day)),
                 STR(date_text(a, h->first_day)));
}

void cve_scores_say(Arena *a, const ScoreHistory *h, int32_t day) {
  say_score(a, h, day);
  if (h->kev_added) (void)printf("known to be exploited since %.*s\n", STR(date_text(a, h->kev_added)));
  if (h->kev_gone) (void)printf("taken from the list of exploited ones by %.*s\n", STR(date_text(a, h->kev_gone)));
}
