/* History of a record: every entry, and what each revision changed. */
#include "app/page/record.h"
#include "history.html.h"

static Str act_words(Str act) {
  static const char *const known[][2] = { { "record.save", "saved" },
                                          { "record.sign", "signed" },
                                          { "record.link", "added a link, which made" },
                                          { "record.unlink", "took a link away, which made" },
                                          { "record.confirm", "confirmed a link, which made" },
                                          { "comment.add", "commented on" } };
  for (size_t i = 0; i < COUNT(known); i++)
    if (str_eq(act, str_of(known[i][0]))) return str_of(known[i][1]);
  return act;
}

static HistoryRows entry_row(Cx *cx, Web *web, const LogRow *l) {
  HistoryRows row = { .iso = time_text(cx->arena, l->t_us),
                      .time = day_text(cx, l->t_us),
                      .who = person_name(cx, web, l->actor),
                      .reason = l->reason,
                      .full = hash_hex(cx->arena, l->hash) };
  row.hash = str_fmt(cx->arena, "#%lld %.*s", (long long)l->seq, 8, row.full.p);
  Str id, rev;
  (void)str_cut(l->obj, '@', &id, &rev);
  Str what = rev.n ? str_fmt(cx->arena, " revision %.*s", STR(rev)) : STR_NONE;
  if (l->to.n && str_eq(l->act, S("record.sign")))
    row.did = str_fmt(cx->arena, "signed%.*s, which took it to %.*s", STR(what), STR(state_words(cx, l->to)));
  else if (l->to.n && str_eq(l->act, S("record.step")))
    row.did = str_fmt(cx->arena, "took%.*s to %.*s", STR(what), STR(state_words(cx, l->to)));
  else if (str_eq(l->act, S("record.new")) || str_eq(l->act, S("record.load"))) row.did = S("created it");
  else row.did = str_fmt(cx->arena, "%.*s%.*s", STR(act_words(l->act)), STR(what));
  return row;
}

/* The fields that this entry's revision changed against the one before. */
static Err fill_changes(Cx *cx, Web *web, Str id, const LogRow *l, HistoryRows *row) {
  Str head, rev_text;
  int64_t rev = 0;
  (void)str_cut(l->obj, '@', &head, &rev_text);
  if (!str_int(rev_text, &rev) || rev < 2 || str_eq(l->act, S("record.step")) || str_eq(l->act, S("record.sign")))
    return E_OK;
  Record before, after;
  FieldChange *change;
  size_t n;
  TRY(record_get(cx, web->store, id, rev - 1, &before));
  TRY(record_get(cx, web->store, id, rev, &after));
  TRY(record_diff(cx, &before, &after, &change, &n));
  row->changes = NEW_ARRAY(cx->arena, n, HistoryRowsChanges);
  for (size_t i = 0; i < n; i++)
    row->changes[row->changes_n++] =
        (HistoryRowsChanges){ str_of(change[i].label),
                              change_words_of(cx, web, after.type, change[i].name, change[i].before),
                              change_words_of(cx, web, after.type, change[i].name, change[i].after) };
  return E_OK;
}

Err page_record_history(Cx *cx, Web *web, const Request *req, Response *res) {
  RecordView v = { 0 };
  TRY(record_view(cx, web, req->params[0], 0, &v));
  HistoryPage page = { .id = v.record.id,
                       .today = date_text(cx->arena, date_of(cx->now_us)),
                       .head = record_head(cx, web, &v, true),
                       .rows = NEW_ARRAY(cx->arena, v.log.n, HistoryRows) };
  for (size_t i = 0; i < v.log.n; i++) {
    HistoryRows row = entry_row(cx, web, &v.log.p[i]);
    TRY(fill_changes(cx, web, v.record.id, &v.log.p[i], &row));
    page.rows[page.rows_n++] = row;
  }
  Buf b = buf_new(cx->arena, PAGE_MAX);
  history_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "History of %.*s", STR(v.record.id)),
                      .here = v.record.type->name,
                      .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
