/* The audit trail: entries newest first, with the head that they stand under. */
#include "app/log_pick.h"
#include "app/page/web.h"
#include "trail.html.h"

enum { LOG_ROWS = 100, LOOKED_AT = 20000 };

static TrailRows log_row(Cx *cx, Web *web, const LogRow *l);

static Str asked_for(const Request *req, const char *name) {
  Str value = str_trim(request_query(req, name));
  return value.n ? value : S("");
}

static void put_query(Buf *b, const char *name, Str value) {
  if (!value.n) return;
  buf_fmt(b, "%c%s=", b->n > 4 ? '&' : '?', name);
  url_text(b, value);
}

/* The same part of the trail; before 0: from its newest entry. */
static Str log_url(Cx *cx, const LogPick *pick, int64_t before) {
  Buf b = buf_new(cx->arena, 4096);
  buf_z(&b, "/log");
  put_query(&b, "person", pick->person);
  put_query(&b, "act", pick->act);
  put_query(&b, "object", pick->object);
  if (before) put_query(&b, "before", str_fmt(cx->arena, "%lld", (long long)before));
  return buf_str(&b);
}

static Err fill_people(Cx *cx, Web *web, Str chosen, TrailPage *page) {
  Persons all = { 0 };
  TRY(people_list(cx, web->store, &all));
  page->people = NEW_ARRAY(cx->arena, all.n + 1, TrailPeople);
  for (size_t i = 0; i < all.n; i++)
    page->people[page->people_n++] = (TrailPeople){ all.p[i].id, str_eq(all.p[i].id, chosen), all.p[i].name };
  return E_OK;
}

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
  LogPick pick = { asked_for(req, "person"), asked_for(req, "act"), asked_for(req, "object") };
  LogPicked picked;
  TRY(log_pick(cx, web->store, &pick, from + 1, LOG_ROWS, LOOKED_AT, &picked));
  TrailPage page = { .size = number_text(cx, head.size),
                     .signed_size = number_text(cx, signed_head.size),
                     .root = hash_hex(cx->arena, head.root),
                     .act = pick.act,
                     .object = pick.object,
                     .newest = asked.p ? log_url(cx, &pick, 0) : STR_NONE,
                     .older = picked.next > 0 ? log_url(cx, &pick, picked.next) : STR_NONE,
                     .rows = NEW_ARRAY(cx->arena, picked.rows.n + 1, TrailRows) };
  TRY(fill_people(cx, web, pick.person, &page));
  for (size_t i = 0; i < picked.rows.n; i++) page.rows[page.rows_n++] = log_row(cx, web, &picked.rows.p[i]);
  page.say = str_fmt(cx->arena, "%zu shown of %lld entries looked at", picked.rows.n, (long long)picked.looked);
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
