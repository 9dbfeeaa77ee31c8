/* The audit trail: entries newest first, with the head that they stand under. */
#include "app/page/web.h"
#include "trail.html.h"

enum { LOG_ROWS = 100 };

static TrailRows log_row(Cx *cx, Web *web, const LogRow *l);

Err page_log(Cx *cx, Web *web, const Request *req, Response *res) {
  TreeHead head, signed_head = { 0 };
  Str note;
  int64_t before = 0;
  TRY(ledger_head(cx, web->store, &head));
  if (ledger_last_checkpoint(cx, web->store, &signed_head, &note) != E_OK) cx_forgive(cx);
  Str asked = request_query(req, "before");
  int64_t from = (web->asof_size >= 0 ? web->asof_size : head.size) - 1;
  if (asked.p) {
    if (!str_int(asked, &before) || before < 1) return fail(cx, E_USAGE, "before wants an entry number from 1 up");
    from = before - 1 < from ? before - 1 : from;
  }
  LogRows rows = { 0 };
  if (from >= 0) TRY(ledger_entries(cx, web->store, STR_NONE, from, 0, LOG_ROWS, &rows));
  TrailPage page = { .size = number_text(cx, head.size),
                     .signed_size = number_text(cx, signed_head.size),
                     .root = hash_hex(cx->arena, head.root),
                     .first = asked.p != NULL,
                     .rows = NEW_ARRAY(cx->arena, rows.n, TrailRows) };
  for (size_t i = 0; i < rows.n; i++) page.rows[page.rows_n++] = log_row(cx, web, &rows.p[i]);
  if (rows.n && rows.p[rows.n - 1].seq > 0) page.next = str_fmt(cx->arena, "%lld", (long long)rows.p[rows.n - 1].seq);
  page.say = str_fmt(cx->arena, "%zu entries shown", rows.n);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  trail_html(&b, &page);
  PageFrame frame = { .title = S("Audit trail"), .here = "log", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

/* "signature:" and 64 digits would push all else off the page; the whole stands in the tooltip and the receipt. */
static Str short_object(Cx *cx, Str obj) {
  enum { SHOWN = 40, HEAD = 20 };
  return obj.n > SHOWN ? str_fmt(cx->arena, "%.*s\u2026", STR(str_head(obj, HEAD))) : obj;
}

static TrailRows log_row(Cx *cx, Web *web, const LogRow *l) {
  Str id, rev;
  (void)str_cut(l->obj, '@', &id, &rev);
  TrailRows row = { .seq = number_text(cx, l->seq),
                    .seq_plain = str_fmt(cx->arena, "%lld", (long long)l->seq),
                    .iso = time_text(cx->arena, l->t_us),
                    .time = time_minute(cx->arena, l->t_us),
                    .who = person_name(cx, web, l->actor),
                    .act = l->act,
                    .obj = short_object(cx, l->obj),
                    .obj_full = l->obj,
                    .reason = l->reason,
                    .full = hash_hex(cx->arena, l->hash) };
  if (l->to.n) row.to = state_words(cx, l->to);
  if (graph_find(web->graph, id) != NODE_NONE) row.url = web_record_url(cx, id);
  row.hash = str_slice(row.full, 0, 12);
  return row;
}
