/* Which refusals of pages are worth an entry: rights that lack, signing pages that were tampered with, and ids that a
 * person with some products only has no business with, whether they exist or not: both take the same time. */
#include "app/page/web.h"

static bool worth(const Web *web, const Request *req, Err e) {
  if (!web->signed_in) return false;
  if (e == E_DENIED) return true;
  if (str_eq(req->path, S("/sign")) && req->method == POST)
    return e == E_STALE || e == E_CONFLICT || e == E_INVALID || e == E_NOTFOUND;
  return e == E_NOTFOUND && !(who_roles(&web->who, S("")) & ROLES_READ);
}

void web_refused(Cx *cx, Web *web, const Request *req, Err e) {
  Cx own = { .arena = cx->arena, .now_us = cx->now_us };
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  Answer answer = { 0 };
  if (!worth(web, req, e)) return;
  json_object(&o);
  json_pair(&o, "what", req->path);
  json_pair(&o, "how", str_of(err_slug(e)));
  json_pair(&o, "words", cx->words.p ? cx->words : S(""));
  json_object_end(&o);
  Ask ask = { .command = S("access.refused"), .actor = web->who.id, .auth = S("session"), .source = S("web"),
              .request = req->request_id, .args_json = buf_str(&b) };
  (void)writer_ask(&own, web->writer, &ask, 1, &answer);   /* the answer is a refusal either way */
}
