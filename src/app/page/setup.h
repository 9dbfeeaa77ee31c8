/* setup.h - the four steps of a first start; each can be opened again later. */
#pragma once
#include "app/company.h"
#include "app/page/web.h"

enum { SETUP_COMPANY, SETUP_RISK, SETUP_FEEDS, SETUP_PEOPLE, SETUP_STEPS };

/* What is done already; next: the first step that is not, SETUP_STEPS when all are. */
typedef struct SetupDone { bool step[SETUP_STEPS]; size_t count, next; } SetupDone;
Err setup_done(Cx *cx, Web *web, SetupDone *out);
Str setup_path(size_t step);                       /* "/setup/risk"; past the last: where work begins */
/* The page of one step around its body. */
Err setup_page(Cx *cx, Web *web, const Request *req, size_t step, Html body, Response *res);

typedef struct SetupMarket { const char *word, *label; } SetupMarket;
extern const SetupMarket setup_markets[];
extern const size_t setup_nmarkets;
bool setup_sold_in(const Form *form, size_t market);
/* Company, registration and markets of a form: whether a record could be made of them.  E_INVALID with problems. */
Err setup_company_check(Cx *cx, Web *web, const Form *form);
/* The same as a record, new or changed. */
Err setup_company_save(Cx *cx, Web *web, const Request *req, const Form *form);

/* A record that a step asks for: the newest of a type that is the company's, and whether a form may still change it in
 * place.  Once it was in force, or waits for a signature, changing it is a new revision that is reviewed and signed. */
typedef struct SetupRecord { Record r; bool there, open; } SetupRecord;
Err setup_record(Cx *cx, Web *web, Node n, SetupRecord *out);
/* record.new, or record.save over its last revision.  input: the inside of the input object, written by the caller. */
Err setup_record_save(Cx *cx, Web *web, const Request *req, const SetupRecord *was, const char *type, Str input);
/* What the writer refused, for the page of a form; anything else stays a failure. */
typedef struct SetupWrong { Str words; Problems problems; } SetupWrong;
Err setup_wrong(Cx *cx, Err e, Response *res, SetupWrong *out);

Err page_setup_company(Cx *cx, Web *web, const Request *req, Response *res);
Err post_setup_company(Cx *cx, Web *web, const Request *req, Response *res);
Err page_setup_risk(Cx *cx, Web *web, const Request *req, Response *res);
Err post_setup_risk(Cx *cx, Web *web, const Request *req, Response *res);
Err page_setup_feeds(Cx *cx, Web *web, const Request *req, Response *res);
Err post_setup_feeds(Cx *cx, Web *web, const Request *req, Response *res);
Err page_setup_people(Cx *cx, Web *web, const Request *req, Response *res);
Err post_setup_people(Cx *cx, Web *web, const Request *req, Response *res);
