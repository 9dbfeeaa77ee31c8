/* quality_page.h - pages of documents, training and the model. */
#pragma once
#include "app/page/web.h"
#include "quality/quality.h"

Err page_documents(Cx *cx, Web *web, const Request *req, Response *res);
Err page_document(Cx *cx, Web *web, const Request *req, Response *res);
Err page_competence(Cx *cx, Web *web, const Request *req, Response *res);
Err post_assign(Cx *cx, Web *web, const Request *req, Response *res);
Err page_training(Cx *cx, Web *web, const Request *req, Response *res);
Err post_training(Cx *cx, Web *web, const Request *req, Response *res);
Err page_model(Cx *cx, Web *web, const Request *req, Response *res);

/* Everybody's needs on all courses, in the order of people_list(), for people who need any training. */
typedef struct PersonNeeds { Person person; TrainingNeeds needs; } PersonNeeds;
typedef struct Competence { Courses courses; PersonNeeds *row; size_t n; } Competence;
Err competence_read(Cx *cx, Web *web, Competence *out);
const char *training_tone(TrainingState s);          /* class of its tag */
/* "until 2027-01-02", "due 2026-11-30", "2026-11-10" */
Str training_day(Cx *cx, const TrainingNeed *n);
enum { MARKDOWN_BYTES = 4 << 20 };
