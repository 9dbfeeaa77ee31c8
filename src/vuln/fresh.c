/* fresh.c - how old advisories are: by the newest of them, not by the day on which they were taken into use. */
#include "vuln/vuln.h"

bool source_line(Str *rest, FeedSource *out) {
  Str line, name, count;
  int64_t records = 0;
  if (!str_line(rest, &line)) return false;
  str_cut(line, ' ', &name, &line);
  str_cut(line, ' ', &count, &line);
  (void)str_int(count, &records);
  *out = (FeedSource){ .name = name, .records = records, .newest = line };
  return true;
}

static Str newer(Str newest, const FeedSource *f) {
  bool advisories = !str_eq(f->name, S("KEV")) && !str_eq(f->name, S("EPSS"));
  return advisories && str_cmp(f->newest, newest) > 0 ? f->newest : newest;
}

Str snapshot_newest(const Snapshot *s) {
  Str newest = STR_NONE;
  for (size_t i = 0; i < snapshot_sources(s); i++) {
    FeedSource f = snapshot_source(s, i);
    newest = newer(newest, &f);
  }
  return newest;
}

Str snapshot_row_newest(const SnapshotRow *row) {
  FeedSource f;
  Str newest = STR_NONE, rest = row->sources;
  while (source_line(&rest, &f)) newest = newer(newest, &f);
  return newest;
}

/* A day is enough, and all that some sources tell. */
bool feed_age_days(Str newest, int64_t now_us, int64_t *days) {
  int32_t day;
  if (!date_parse(str_slice(newest, 0, 10), &day)) return false;
  *days = date_of(now_us) - (int64_t)day;
  return true;
}

bool feed_source_is_old(const FeedSource *f, int64_t now_us) {
  int64_t days, limit = feed_age_limit_days(f->name);
  return limit && feed_age_days(f->newest, now_us, &days) && days > limit;
}
