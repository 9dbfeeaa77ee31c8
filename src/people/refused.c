/* What a page refused before the writer was asked leaves its trace all the same (ASVS 16.3.2). */
#include "people/inside.h"
#include "people.sql.h"

enum { LOOK_BACK = 8 };

/* The writer's own refusal, or a wrong password, has an entry of this request already. */
static Err told_already(Cx *cx, const Call *c, bool *out) {
  TreeHead head;
  LogRows rows = { 0 };
  TRY(ledger_head(cx, c->store, &head));
  *out = false;
  if (head.size) TRY(ledger_entries(cx, c->store, STR_NONE, head.size - 1, 0, LOOK_BACK, &rows));
  for (size_t i = 0; i < rows.n; i++) *out = *out || str_eq(rows.p[i].request, c->request);
  return E_OK;
}

static Err refused_run(Cx *cx, Call *c) {
  bool told;
  int64_t seq;
  TRY(told_already(cx, c, &told));
  if (told) return E_OK;
  Entry e = { .act = S("refused"), .actor = c->actor, .auth = c->auth, .source = c->source, .request = c->request,
              .obj = str_fmt(cx->arena, "page:%.*s", STR(str_head(json_text(c->args, "what"), 100))),
              .to = str_head(json_text(c->args, "how"), 40), .reason = str_head(json_text(c->args, "words"), 500),
              .t_us = c->now_us };
  return ledger_append(cx, c->store, &e, &seq);
}

static const ArgSpec args[] = { { "what", ARG_TEXT, true, "the page" }, { "how", ARG_TEXT, true, "kind of refusal" },
                                { "words", ARG_TEXT, true, "what the person was told" } };
const Command people_refused_commands[1] = {
  { "access.refused", args, COUNT(args), "session", refused_run, "keeps what a page refused" },
};
