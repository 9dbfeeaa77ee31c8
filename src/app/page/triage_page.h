/* triage_page.h - what the pages of triage share. */
#pragma once
#include "app/triage.h"
#include "app/page/web.h"

struct TriagePage;
const char *level_tone(Str level);
Str level_words(Cx *cx, const TriageItem *item);
Str package_short(Cx *cx, Str package);
void package_parts(Cx *cx, Str package, Str *purl, Str *version);   /* the first of a list */
Str tenths_text(Cx *cx, int x10);
Str epss_text(Cx *cx, int64_t x1e9);
Str outcome_words(Outcome o);              /* "affected-if" -> "Affected if" */
const char *outcome_tone(Outcome o);

/* The decision's form: its choices, the matrix; and what was typed before it was refused. */
Err triage_form(Cx *cx, Web *web, const TriageItem *item, struct TriagePage *page);
void triage_typed(Cx *cx, const Form *typed, struct TriagePage *page);
/* What pages say above what is stored when the snapshot in use cannot be read. */
Str advisories_broken(Cx *cx, Str why);
/* Whose signature a decision waits for; and all that wait for this person's, as one ceremony. */
Err decision_waits(Cx *cx, Web *web, const Decision *d, Str *words);
Err triage_to_sign(Cx *cx, Web *web, const Triage *t, struct TriagePage *page);
Err triage_show(Cx *cx, Web *web, const Request *req, const Str *pick, size_t npick, const Form *typed, Str problem,
                Response *res);

Err page_triage(Cx *cx, Web *web, const Request *req, Response *res);
Err post_decide(Cx *cx, Web *web, const Request *req, Response *res);
Err page_cve(Cx *cx, Web *web, const Request *req, Response *res);
Err page_support(Cx *cx, Web *web, const Request *req, Response *res);
