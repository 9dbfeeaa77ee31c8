/* Controlled documents: the list, and one document as people read it, on the screen and on paper (ISO 13485 4.2.4).
 */
#include "app/page/quality_page.h"
#include "app/page/record.h"
#include "document.html.h"
#include "documents.html.h"

static Str text_of(const Record *r, const char *field) {
  const Value *v = record_value(r, field);
  return v && v->set ? v->s : S("");
}

static bool is_past(Str state) {
  return str_eq(state, S("superseded")) || str_eq(state, S("obsolete")) || str_eq(state, S("archived")) ||
         str_eq(state, S("voided"));
}

/* How many of those who must be trained on it are; names of those who are not. */
typedef struct Trained {
  size_t valid, all;
  Str missing;
} Trained;
static Trained trained_on(Cx *cx, const Competence *c, Str document) {
  Trained out = { 0 };
  Buf b = buf_new(cx->arena, 65536);
  for (size_t i = 0; i < c->n; i++) {
    bool needed = false, lacks = false;
    for (size_t k = 0; k < c->row[i].needs.n; k++) {
      const TrainingNeed *n = &c->row[i].needs.p[k];
      for (size_t d = 0; d < n->course->document.n; d++)
        needed = needed || str_eq_nocase(n->course->document.p[d].id, document);
      lacks = lacks || (n->state != TRAINING_VALID && str_eq_nocase(n->document, document));
    }
    out.all += needed;
    out.valid += needed && !lacks;
    if (needed && lacks) buf_fmt(&b, "%s%.*s", b.n ? ", " : "", STR(c->row[i].person.name));
  }
  out.missing = buf_str(&b);
  return out;
}

/* ---- the list ------------------------------------------------------------------------------------------ */

static DocumentsRows list_row(Cx *cx, Web *web, const Competence *c, Node n) {
  const Graph *g = web->graph;
  const Value *from = node_value(g, n, "effective_from"), *due = node_value(g, n, "review_due");
  const Value *kind = node_value(g, n, "kind");
  Trained t = trained_on(cx, c, node_id(g, n));
  DocumentsRows row = { .id = node_id(g, n),
                        .title = node_title(g, n),
                        .kind = kind ? choice_words(cx->arena, kind->s) : S(""),
                        .rev = str_fmt(cx->arena, "%lld", (long long)node_rev(g, n)),
                        .state = state_words(cx, node_state(g, n)),
                        .tone = str_of(state_tone(node_state_flags(g, n))),
                        .owner = person_name(cx, web, node_owner(g, n)),
                        .effective = from ? date_text(cx->arena, (int32_t)from->i) : S(""),
                        .review = due ? date_text(cx->arena, (int32_t)due->i) : S("") };
  row.overdue = due && due->i < date_of(cx->now_us) && !is_past(node_state(g, n));
  if (t.all) row.trained = str_fmt(cx->arena, "%zu of %zu", t.valid, t.all);
  row.untrained = t.valid < t.all;
  return row;
}

Err page_documents(Cx *cx, Web *web, const Request *req, Response *res) {
  Query *q;
  Nodes found = { 0 };
  Competence c = { 0 };
  QueryScope scope = { .now_us = cx->now_us, .type = record_type(S("document")), .me = web->who.id };
  Str text = str_trim(request_query(req, "q"));
  TRY(query_compile(cx, text, &scope, &q));
  TRY(query_run(cx, web->graph, q, &found));
  TRY(competence_read(cx, web, &c));
  DocumentsPage page = { .query = text, .rows = NEW_ARRAY(cx->arena, found.n, DocumentsRows) };
  for (size_t i = 0; i < found.n; i++) {
    const RecordType *t = node_type(web->graph, found.p[i]);
    bool mine = node_is_company_wide(web->graph, found.p[i]);
    for (size_t k = 0; k < web->products.n; k++)
      mine = mine || (node_in_product(web->graph, found.p[i], web->products.p[k]) &&
                      (who_roles(&web->who, node_id(web->graph, web->products.p[k])) & ROLES_READ) != 0);
    if (t == scope.type && mine) page.rows[page.rows_n++] = list_row(cx, web, &c, found.p[i]);
  }
  size_t late = 0;
  for (size_t i = 0; i < page.rows_n; i++) late += page.rows[i].overdue;
  page.say = str_fmt(cx->arena, "%zu documents, %zu past their review date", page.rows_n, late);
  page.may_new = web->asof_size < 0 &&
      authorise_roles(&(Cx){ .arena = cx->arena }, &web->who, scope.type->editors, PRODUCT_ANY, "") == E_OK;
  Buf b = buf_new(cx->arena, PAGE_MAX);
  documents_html(&b, &page);
  PageFrame frame = { .title = S("Documents"), .here = "document", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

/* ---- one document -------------------------------------------------------------------------------------- */

static void fill_banner(Cx *cx, const Record *r, DocumentPage *page) {
  bool old = is_past(r->state), behind = r->in_force_rev && r->rev < r->in_force_rev;
  if (old || behind) {
    page->obsolete =
        old ? str_fmt(cx->arena, "%.*s. Do not work by this document.", STR(choice_words(cx->arena, r->state)))
            : str_fmt(cx->arena, "Obsolete revision. Revision %lld is in force.", (long long)r->in_force_rev);
  } else if (r->in_force_rev != r->rev) {
    page->draft = r->in_force_rev
                      ? str_fmt(cx->arena, "Draft. Revision %lld is in force.", (long long)r->in_force_rev)
                      : S("Draft. Nothing is in force yet.");
  } else if (str_eq(r->state, S("approved"))) {
    page->draft =
        S("Approved, not yet effective: it waits for the training of those who must know it, or for its day.");
  }
  if (r->in_force_rev && r->in_force_rev != r->rev)
    page->force_url = str_fmt(cx->arena, "/document/%.*s?rev=%lld", STR(r->id), (long long)r->in_force_rev);
}

static Err fill_revisions(Cx *cx, Web *web, const Record *r, DocumentPage *page) {
  Record last = *r; /* in the past there is none after it */
  if (web->asof_size < 0) TRY(record_get(cx, web->store, r->id, 0, &last));
  page->revisions = NEW_ARRAY(cx->arena, (size_t)last.rev, DocumentRevisions);
  for (int64_t rev = last.rev; rev >= 1 && page->revisions_n < 30; rev--) {
    Record one;
    TRY(record_get(cx, web->store, r->id, rev, &one));
    DocumentRevisions row = { .rev = str_fmt(cx->arena, "%lld", (long long)rev),
                              .url = str_fmt(cx->arena, "/document/%.*s?rev=%lld", STR(r->id), (long long)rev),
                              .why = text_of(&one, "change_reason"),
                              .current = rev == r->rev,
                              .in_force = rev == last.in_force_rev };
    if (rev > 1)
      row.diff_url = str_fmt(cx->arena, "/diff?from=%.*s@%lld&to=%.*s@%lld", STR(r->id), (long long)rev - 1,
                             STR(r->id), (long long)rev);
    page->revisions[page->revisions_n++] = row;
  }
  return E_OK;
}

static Err fill_signatures(Cx *cx, Web *web, const Record *r, DocumentPage *page) {
  Signatures all = { 0 };
  TRY(record_signatures(cx, web->store, r->id, &all));
  page->signatures = NEW_ARRAY(cx->arena, all.n, DocumentSignatures);
  for (size_t i = 0; i < all.n; i++) {
    if (all.p[i].rev != r->rev || (web->asof_size >= 0 && all.p[i].seq >= web->asof_size)) continue;
    page->signatures[page->signatures_n++] =
        (DocumentSignatures){ .initials = initials(cx, all.p[i].name),
                              .name = all.p[i].name,
                              .title = all.p[i].title,
                              .meaning = all.p[i].meaning,
                              .time = signed_text(cx, all.p[i].signed_us),
                              .hash = str_slice(all.p[i].hash, 0, 16) };
  }
  return E_OK;
}

static Err fill_training(Cx *cx, Web *web, const Record *r, DocumentPage *page) {
  Competence c = { 0 };
  TRY(competence_read(cx, web, &c));
  Trained t = trained_on(cx, &c, r->id);
  if (t.all)
    page->trained = str_fmt(cx->arena, "%zu of %zu people are trained on the revision that counts", t.valid, t.all);
  page->untrained = t.missing;
  for (size_t i = 0; i < c.n; i++)
    for (size_t k = 0; str_eq(c.row[i].person.id, web->who.id) && k < c.row[i].needs.n; k++) {
      const TrainingNeed *n = &c.row[i].needs.p[k];
      for (size_t d = 0; n->open.n && d < n->course->document.n; d++)
        if (str_eq_nocase(n->course->document.p[d].id, r->id)) page->mine = n->open;
    }
  return E_OK;
}

static void fill_facts(Cx *cx, Web *web, const Record *r, DocumentPage *page) {
  const Value *due = record_value(r, "review_due");
  page->kind = choice_words(cx->arena, text_of(r, "kind"));
  page->effective = text_of(r, "effective_from");
  page->review = text_of(r, "review_due");
  page->overdue = due->set && due->i < date_of(cx->now_us) && !is_past(r->state);
  page->why = text_of(r, "change_reason");
  page->owner = person_name(cx, web, r->owner);
  page->distribution =
      value_text(cx, record_field(r->type, S("distribution"), NULL), record_value(r, "distribution"));
}

Err page_document(Cx *cx, Web *web, const Request *req, Response *res) {
  RecordView v = { 0 };
  int64_t rev = 0;
  Str asked = request_query(req, "rev");
  if (asked.p && (!str_int(asked, &rev) || rev < 1))
    return fail(cx, E_USAGE, "rev wants a revision number from 1 up");
  TRY(record_view(cx, web, req->params[0], rev, &v));
  const Record *r = &v.record;
  if (!str_eq(str_of(r->type->name), S("document"))) return web_redirect(cx, res, web_record_url(cx, r->id));
  DocumentPage page = { .id = r->id,
                        .title = r->title,
                        .rev = str_fmt(cx->arena, "%lld", (long long)r->rev),
                        .state = state_words(cx, r->state),
                        .tone = v.tone,
                        .hash = hash_hex(cx->arena, r->hash),
                        .today = date_text(cx->arena, date_of(cx->now_us)) };
  TRY(markdown_html(cx, text_of(r, "content"), MARKDOWN_BYTES, &page.content));
  page.empty = !text_of(r, "content").n;
  fill_facts(cx, web, r, &page);
  fill_banner(cx, r, &page);
  TRY(fill_revisions(cx, web, r, &page));
  TRY(fill_signatures(cx, web, r, &page));
  TRY(fill_training(cx, web, r, &page));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  document_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "%.*s %.*s", STR(r->id), STR(r->title)),
                      .here = "document",
                      .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}
