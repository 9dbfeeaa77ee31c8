/* web.h - pages: one route table, one way in, one layout.
 *
 * A handler is short: read, fill the page's struct, render, web_page().  Everything that changes goes to the writer
 * as a command; after it the browser is sent on (303), so that a reload repeats nothing.  A failed form comes back as
 * 422 with what the person typed and the words beside the field. */
#pragma once
#include "app/app.h"

struct Web {
  const char *folder;
  const Settings *set;
  Store *store;
  Writer *writer;
  Graph *graph;
  const Packs *packs;
  Who who; /* of the request being handled */
  bool signed_in;
  Nodes products; /* all product records, refreshed with the graph */
  Str asof;        /* what the address says after ?asof=; empty: now */
  int64_t asof_size; /* entries of the log that the page knows; -1: all */
  bool past_known;   /* whether this page can be shown as of a day */
  struct Past *past; /* the last past that somebody looked at; past.c */
};

enum { PAGE_MAX = 8 << 20, ROUTE_FORM = 64 << 10 }; /* bytes of one page, of an ordinary form */
/* routes.c: E_BUG for a route whose right nobody can hold. */
Err routes_check(Cx *cx);

/* Renders the layout around a body.  here: which navigation entry is current ("" none). */
typedef struct PageFrame {
  Str title;
  const char *here;
  Node device;
  int refresh_s;                 /* seconds until the page is asked for again; 0: never */
} PageFrame;
Err web_page(Cx *cx, Web *web, const Request *req, const PageFrame *frame, Html body, Response *res);
/* A page for a failure: what happened, what was kept, what to do next. */
void web_error(Cx *cx, Web *web, const Request *req, Err e, Response *res);
Err web_redirect(Cx *cx, Response *res, Str to);
void web_refused(Cx *cx, Web *web, const Request *req, Err e);   /* refuse.c: has the log keep it, where it should */

/* ---- past.c: the same pages as they stood on a day ----------------------------------------------------- */

/* Runs the handler over the graph of web->asof, with the clock of that moment. */
Err past_handle(Cx *cx, Web *web, const Route *route, Request *req, Response *res);
bool past_knows(const Route *route); /* whether this page can be shown as of a day */
/* A page of the past: links to pages that know the past keep the date, what would change something is left out. */
Str past_page(Cx *cx, const Web *web, Str html);
/* The address of the page, its day taken away or (keep) with what a form for another day sends along. */
Str past_now_url(Cx *cx, const Request *req);
/* The last stored check of a scope, or the checks as of then; E_NOTFOUND: never checked. */
Err web_check(Cx *cx, Web *web, CheckScope scope, CheckRun *run);
Err web_gaps(Cx *cx, Web *web, const GapQuery *q, Gaps *gaps, size_t *total);

/* Sends a command as the signed-in person; the failure becomes cx's. */
Err web_ask(Cx *cx, Web *web, const Request *req, Str command, Str args_json, Str payload, Str reason, Answer *out);
/* E_NOTFOUND, in the same words, for a record that is not there and for one that this person may not read. */
Err web_record_known(Cx *cx, Web *web, Str id);
bool web_may_see(const Web *web, Str product);   /* "" is the company's: everybody's */
/* The product by its id or slug; E_NOTFOUND. */
Err web_product(Cx *cx, Web *web, Str id, Node *out);
/* The form of a POST, its CSRF token and origin checked.  E_DENIED. */
Err web_form(Cx *cx, Web *web, const Request *req, Form *out);

/* Small texts that many pages need. */
Str web_record_url(Cx *cx, Str id);
Str web_list_url(Cx *cx, const RecordType *t, Str query);
const char *state_tone(unsigned flags); /* class of a state's tag: "ok" "med" "line" */
Str state_words(Cx *cx, Str state);     /* "in_review" -> "In review" */
Str initials(Cx *cx, Str name);
Str day_text(Cx *cx, int64_t us); /* "2026-11-20 09:41" */
Str person_name(Cx *cx, Web *web, Str person);
Str person_names(Cx *cx, Web *web, Str persons);                        /* of ids behind commas */
Str field_words(Cx *cx, Web *web, const Field *f, const Value *v);      /* value_text with the names of people */
Str change_words_of(Cx *cx, Web *web, const RecordType *t, const char *name, Str text); /* the same of a FieldChange */
Str signed_text(Cx *cx, int64_t us); /* "2026-11-20 09:41:07 UTC": with its zone, as 21 CFR 11.50 wants it */
Str number_text(Cx *cx, int64_t n); /* 18,442 */

/* Handlers, one page a file. */
Err page_home(Cx *cx, Web *web, const Request *req, Response *res);
Err page_sign_in(Cx *cx, Web *web, const Request *req, Response *res);
Err post_sign_in(Cx *cx, Web *web, const Request *req, Response *res);
Err post_sign_out(Cx *cx, Web *web, const Request *req, Response *res);
Err page_devices(Cx *cx, Web *web, const Request *req, Response *res);
Err page_cockpit(Cx *cx, Web *web, const Request *req, Response *res);
Err post_check(Cx *cx, Web *web, const Request *req, Response *res);
Err page_trace(Cx *cx, Web *web, const Request *req, Response *res);
Err page_sboms(Cx *cx, Web *web, const Request *req, Response *res);
Err page_sbom(Cx *cx, Web *web, const Request *req, Response *res);
Err page_sbom_file(Cx *cx, Web *web, const Request *req, Response *res);
Err page_sbom_changes(Cx *cx, Web *web, const Request *req, Response *res);
Err post_sbom(Cx *cx, Web *web, const Request *req, Response *res);
Err post_component(Cx *cx, Web *web, const Request *req, Response *res);
Err page_list(Cx *cx, Web *web, const Request *req, Response *res);
Err page_search(Cx *cx, Web *web, const Request *req, Response *res);
Err page_record(Cx *cx, Web *web, const Request *req, Response *res);
Err page_record_edit(Cx *cx, Web *web, const Request *req, Response *res);
Err page_record_new(Cx *cx, Web *web, const Request *req, Response *res);
Err page_record_history(Cx *cx, Web *web, const Request *req, Response *res);
Err post_record_new(Cx *cx, Web *web, const Request *req, Response *res);
Err post_record_save(Cx *cx, Web *web, const Request *req, Response *res);
Err post_record_step(Cx *cx, Web *web, const Request *req, Response *res);
Err page_work(Cx *cx, Web *web, const Request *req, Response *res);
Err page_sign(Cx *cx, Web *web, const Request *req, Response *res);
Err post_sign(Cx *cx, Web *web, const Request *req, Response *res);
Err post_record_link(Cx *cx, Web *web, const Request *req, Response *res);
Err page_record_file(Cx *cx, Web *web, const Request *req, Response *res);
Err post_record_file(Cx *cx, Web *web, const Request *req, Response *res);
Err post_comment(Cx *cx, Web *web, const Request *req, Response *res);
Err post_comment_seen(Cx *cx, Web *web, const Request *req, Response *res);
Err post_view(Cx *cx, Web *web, const Request *req, Response *res);
Err post_freeze(Cx *cx, Web *web, const Request *req, Response *res);
Err page_diff(Cx *cx, Web *web, const Request *req, Response *res);
Err page_checkpoint(Cx *cx, Web *web, const Request *req, Response *res);
Err page_receipt(Cx *cx, Web *web, const Request *req, Response *res);
Err page_log(Cx *cx, Web *web, const Request *req, Response *res);
Err page_gaps(Cx *cx, Web *web, const Request *req, Response *res);
Err page_feeds(Cx *cx, Web *web, const Request *req, Response *res);
Err page_job(Cx *cx, Web *web, const Request *req, Response *res);
Err page_names(Cx *cx, Web *web, const Request *req, Response *res);
Err page_rule(Cx *cx, Web *web, const Request *req, Response *res);
Err page_table(Cx *cx, Web *web, const Request *req, Str type, bool xlsx, Response *res);
bool table_suffix(Str word, Str *type, bool *xlsx);
Err page_import(Cx *cx, Web *web, const Request *req, Response *res);
Err post_import(Cx *cx, Web *web, const Request *req, Response *res);
Err post_import_accept(Cx *cx, Web *web, const Request *req, Response *res);
Err page_health(Cx *cx, Web *web, const Request *req, Response *res);
