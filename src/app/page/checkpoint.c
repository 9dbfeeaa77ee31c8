/* The last checkpoint as a page that is printed, signed by hand and kept; and receipts of single entries. */
#include "app/anchor.h"
#include "app/page/web.h"
#include "checkpoint.html.h"

Err page_checkpoint(Cx *cx, Web *web, const Request *req, Response *res) {
  TreeHead head;
  Str note, origin, rest, text;
  LogRows last = { 0 };
  TRY(ledger_last_checkpoint(cx, web->store, &head, &note));
  if (!head.size) return fail(cx, E_NOTFOUND, "No entry of the log is signed yet. Try again in a moment");
  TRY(ledger_entries(cx, web->store, STR_NONE, head.size - 1, head.size - 1, 1, &last));
  (void)str_cut(note, '\n', &origin, &rest);
  CheckpointPage page = { .when = time_minute(cx->arena, clock_now_us()),
                          .size = number_text(cx, head.size),
                          .plain_size = str_fmt(cx->arena, "%lld", (long long)head.size),
                          .origin = origin,
                          .note = note,
                          .last = last.n ? time_minute(cx->arena, last.p[0].t_us) : S(""),
                          .groups = NEW_ARRAY(cx->arena, 4, CheckpointGroups) };
  text = anchor_root_groups(cx->arena, head.root);
  for (Str group; page.groups_n < 4; page.groups[page.groups_n++].digits = group)
    (void)str_cut(text, ' ', &group, &text);
  TRY(qr_svg(cx, note, S("The signed checkpoint as a QR code"), &page.code));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  checkpoint_html(&b, &page);
  PageFrame frame = { .title = S("Checkpoint"), .here = "log", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

/* Everybody who acted may keep one: it holds hashes alone. */
Err page_receipt(Cx *cx, Web *web, const Request *req, Response *res) {
  int64_t seq;
  Str text;
  if (!str_int(req->params[0], &seq)) return fail(cx, E_NOTFOUND, "There is no such entry");
  TRY(ledger_receipt(cx, web->store, seq, &text));
  *res = (Response){ .media = S("text/plain; charset=utf-8"),
                     .body = text,
                     .disposition =
                         str_fmt(cx->arena, "attachment; filename=\"entry-%lld.tlog-proof\"", (long long)seq) };
  return E_OK;
}
