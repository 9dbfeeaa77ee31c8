/* How old the advisories in use are: what every page, doctor and scan say of them. */
#include "app/app.h"

Str app_age_words(Cx *cx, Str newest) {
  int64_t days;
  if (!feed_age_days(newest, cx->now_us, &days)) return S("of an unknown age");
  return days <= 0 ? S("of today") : str_fmt(cx->arena, "%lld d old", (long long)days);
}

static bool is_old(Cx *cx, const SnapshotRow *row, Str newest) {
  int64_t days;
  Str rest = row->sources;
  if (!feed_age_days(newest, cx->now_us, &days) || days > ADVISORIES_OLD_DAYS) return true;
  for (FeedSource f; source_line(&rest, &f);)
    if (feed_source_is_old(&f, cx->now_us)) return true;
  return cx->now_us - row->activated_us > ADVISORIES_OLD_DAYS * US_PER_DAY;
}

Freshness app_freshness(Cx *cx, const SnapshotRow *row) {
  Str newest = snapshot_row_newest(row), day = str_slice(newest, 0, 10);
  return (Freshness){ .words = str_fmt(cx->arena, "Advisories to %.*s (%.*s), in use since %.*s",
                                       STR(day.n ? day : S("an unknown day")), STR(app_age_words(cx, newest)),
                                       STR(date_text(cx->arena, date_of(row->activated_us)))),
                      .brief = str_fmt(cx->arena, "Advisories %.*s", STR(app_age_words(cx, newest))),
                      .newest = day,
                      .old = is_old(cx, row, newest) };
}
