/* Files and comments of a record, and the comments that call somebody. */
#include "app/page/talk.h"
#include "mentions.html.h"
#include "talk.html.h"

Str size_text(Cx *cx, int64_t bytes) {
  static const char *const units[] = { "bytes", "KB", "MB" };
  int64_t n = bytes;
  size_t unit = 0;
  for (; n >= 10000 && unit + 1 < COUNT(units); unit++) n = (n + 512) / 1024;
  return str_fmt(cx->arena, "%.*s %s", STR(number_text(cx, n)), units[unit]);
}

static void fill_files(Cx *cx, const RecordView *v, TalkPage *page) {
  const Record *r = &v->record;
  page->files = NEW_ARRAY(cx->arena, r->files.n, TalkFiles);
  for (size_t i = 0; i < r->files.n; i++) {
    const FileRef *f = &r->files.p[i];
    page->files[page->files_n++] =
        (TalkFiles){ .name = f->name,
                     .url = str_fmt(cx->arena, "%.*s/file/%.*s?rev=%lld", STR(web_record_url(cx, r->id)),
                                    STR(f->sha256), (long long)r->rev),
                     .size = size_text(cx, f->bytes),
                     .sha256 = f->sha256,
                     .hash = str_slice(f->sha256, 0, 12) };
  }
  page->file_count = number_text(cx, (int64_t)r->files.n);
}

static TalkComments comment_row(Cx *cx, Web *web, const Comment *c) {
  TalkComments row = { .n = number_text(cx, c->n),
                       .who = person_name(cx, web, c->author),
                       .time = time_minute(cx->arena, c->t_us),
                       .iso = time_text(cx->arena, c->t_us),
                       .text = c->text };
  row.initials = initials(cx, row.who);
  if (c->answers) row.answers = number_text(cx, c->answers);
  return row;
}

Err record_talk(Cx *cx, Web *web, const RecordView *v, Html *out) {
  const Record *r = &v->record;
  Comments all = { 0 };
  TalkPage page = { .id = r->id,
                    .csrf = csrf_token(cx, &web->who),
                    .rev = str_fmt(cx->arena, "%lld", (long long)r->rev),
                    .may_file = v->may_edit && r->is_last,
                    .needs_reason = r->in_force_rev > 0 };
  fill_files(cx, v, &page);
  TRY(trace_comments(cx, web->store, r->id, web->asof_size >= 0 ? cx->now_us : INT64_MAX, &all));
  page.comments = NEW_ARRAY(cx->arena, all.n, TalkComments);
  for (size_t i = 0; i < all.n; i++) page.comments[page.comments_n++] = comment_row(cx, web, &all.p[i]);
  page.comment_count = number_text(cx, (int64_t)all.n);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  talk_html(&b, &page);
  *out = (Html){ buf_str(&b) };
  return E_OK;
}

Err post_comment(Cx *cx, Web *web, const Request *req, Response *res) {
  RecordView v = { 0 };
  Form form;
  Answer a = { 0 };
  int64_t answers = 0;
  TRY(record_view(cx, web, req->params[0], 0, &v));
  TRY(web_form(cx, web, req, &form));
  Buf b = buf_new(cx->arena, 256 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "record", v.record.id);
  json_pair(&o, "text", form_get(&form, "text").p ? form_get(&form, "text") : S(""));
  if (str_int(form_get(&form, "answers"), &answers)) json_pair_int(&o, "answers", answers);
  json_object_end(&o);
  TRY(web_ask(cx, web, req, S("comment.add"), buf_str(&b), STR_NONE, STR_NONE, &a));
  return web_redirect(cx, res, str_fmt(cx->arena, "%.*s#comments", STR(web_record_url(cx, v.record.id))));
}

/* ---- My work -------------------------------------------------------------------------------------------- */

Err work_mentions(Cx *cx, Web *web, Html *out, bool *any) {
  Comments found = { 0 };
  TRY(trace_mentions(cx, web->store, web->who.id, &found));
  MentionsPage page = { .csrf = csrf_token(cx, &web->who),
                        .count = number_text(cx, (int64_t)found.n),
                        .rows = NEW_ARRAY(cx->arena, found.n, MentionsRows) };
  for (size_t i = 0; i < found.n; i++) {
    const Comment *c = &found.p[i];
    Node n = graph_find(web->graph, c->record);
    page.rows[page.rows_n++] =
        (MentionsRows){ .key = c->key,
                        .id = c->record,
                        .url = str_fmt(cx->arena, "%.*s#comments", STR(web_record_url(cx, c->record))),
                        .title = n == NODE_NONE ? STR_NONE : node_title(web->graph, n),
                        .who = person_name(cx, web, c->author),
                        .time = time_minute(cx->arena, c->t_us),
                        .text = str_head(c->text, 300) };
  }
  *any = found.n > 0;
  Buf b = buf_new(cx->arena, PAGE_MAX);
  mentions_html(&b, &page);
  *out = (Html){ buf_str(&b) };
  return E_OK;
}

Err post_comment_seen(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  Answer a = { 0 };
  TRY(web_form(cx, web, req, &form));
  Buf b = buf_new(cx->arena, 4096);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "key", form_get(&form, "key").p ? form_get(&form, "key") : S(""));
  json_object_end(&o);
  TRY(web_ask(cx, web, req, S("comment.seen"), buf_str(&b), STR_NONE, STR_NONE, &a));
  return web_redirect(cx, res, S("/work"));
}
