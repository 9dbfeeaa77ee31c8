/* quality.h - who must be trained on what, and whether they are.
 *
 * Floor 6.  Includes base .. record.
 * A course (record type curriculum) says for which roles and duties it is; a training record binds one person to one
 * course and to the exact revision of each document that was taught.  Everything here is asked of the tables that
 * follow from those records: a few queries, no state of its own.
 * A document counts once a revision of it was approved; its people have the course's days of grace from then on. */
#pragma once
#include "record/record.h"

/* VALID     passed, on the revision that counts, and not past its last day
 * DUE       not yet, and still in time
 * OVERDUE   assigned, and the last day is over
 * EXPIRED   was valid until a day that is over
 * MISSING   asked for, and neither done nor assigned in time */
typedef enum TrainingState { TRAINING_VALID, TRAINING_DUE, TRAINING_OVERDUE, TRAINING_EXPIRED, TRAINING_MISSING,
                             TRAINING_STATES } TrainingState;
extern const char *const training_words[];         /* "valid" "due" "overdue" "expired" "missing" NULL */

typedef struct CourseDocument {
  Str id, title;
  int64_t now, rev;              /* in force; the oldest revision that training still counts on */
  int32_t since;                 /* day of its last step */
} CourseDocument;
typedef struct Course {
  Str id, title, kind;
  int64_t interval_months, grace_days, pass_percent;
  int32_t since;                 /* day of its last step */
  VEC(Str) role;                 /* "all", words of roles and duties */
  VEC(CourseDocument) document;  /* in force; a course whose documents are none of them in force is left out */
} Course;
typedef struct Courses { Course *p; size_t n, cap; const struct Trainings *then; } Courses;   /* then: NULL, today's */
/* Courses in force, by id. */
Err training_courses(Cx *cx, Store *s, Courses *out);
/* As they stood when the log had `size` entries (-1: now), with the trainings of that moment; training_needs() of them
 * judges those, for the accounts, roles and duties of its clock. */
Err training_courses_at(Cx *cx, Store *s, int64_t size, Courses *out);

typedef struct TrainingNeed {
  const Course *course;
  TrainingState state;
  Str record;                    /* the training record that decides; "" when there is none */
  Str open;                      /* one that is planned or under way; "" */
  Str document;                  /* the document that is not trained; "" */
  int32_t due;                   /* DUE, OVERDUE, MISSING: last day */
  int32_t until;                 /* VALID, EXPIRED: last day; 0: for ever */
} TrainingNeed;
typedef VEC(TrainingNeed) TrainingNeeds;
/* What this person must be trained on, by id of the course.  E_NOTFOUND: no such person. */
Err training_needs(Cx *cx, Store *s, const Courses *all, Str person, int64_t now_us, TrainingNeeds *out);
/* The state of one person on one course; VALID where the course is not for this person. */
Err training_state(Cx *cx, Store *s, Str person, Str course, int64_t now_us, TrainingState *out);
/* 21 CFR 11.10(i): why this person may not sign, in a sentence that names the worst case ("Ali Haddad's training on
 * SOP-12, Incident response, was due on 2026-11-10."); "" when everything is valid or still in time. */
Err training_gap(Cx *cx, Store *s, Str person, int64_t now_us, Str *why);
/* What a training record is worth a look for: its course, and the revision of each of its documents that counts now. */
Err training_course(Cx *cx, Store *s, const Record *training, const Courses *all, const Course **out);   /* NULL */
/* DOC: effective only when everybody who must be trained on its last revision is; "" or a sentence with names. */
Err training_gate(Cx *cx, Store *s, const Record *document, Str *why_not);

/* training.assign {document?}              plans a training for everybody who lacks one and has none planned, and where
 *                                          one ends within 30 days; -> {count}
 * training.done   {id, rev, answers?}      "read and understood", or a quiz: by the person itself, whose password was
 *                                          just checked; rev: of the document as it was shown; -> {passed, score}
 * training.attest {id, result, note?}      a practical, class or drill: by another person than the one trained
 * Every try stands in the record, with its time. */
extern const Command quality_commands[];
extern const size_t quality_ncommands;

/* ---- quizzes ------------------------------------------------------------------------------------------- */

/* Questions as they stand in a course: a line "? question", then a line "+ right answer" or "- wrong answer" each.
 * Several right answers: all must be ticked, and no other. */
enum { QUIZ_QUESTIONS = 100, QUIZ_ANSWERS = 20 };
typedef struct Answerable { Str text; bool right; } Answerable;
typedef struct Question { Str text; VEC(Answerable) answer; size_t right; } Question;
typedef struct Quiz { VEC(Question) question; Str fault; } Quiz;     /* fault: why it cannot be used, with the line */
bool quiz_read(Cx *cx, Str text, Quiz *out);
/* ticked: "1.2 2.1 2.3" (question.answer, both from 1), in any order; what does not exist counts as wrong.
 * Percent of questions answered right, rounded down. */
int64_t quiz_mark(const Quiz *q, Str ticked);
