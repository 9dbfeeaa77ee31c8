/* mds2_answer.c - One answer of the manufacturer disclosure statement (MDS2), with what proves it. */
#include "record/record.h"

static const char *const answer[] = { "yes", "no", "not_applicable", "see_note", NULL };

enum { F_QUESTION, F_ANSWER, F_NOTE, F_PROVEN_BY };
static const Field fields[] = {
  [F_QUESTION] = { "question", "Question", TEXT, REQUIRED, .max = 40, .help = "Its id, for example AUTH-1." },
  [F_ANSWER] = { "answer", "Answer", CHOICE, 0, .choices = answer, .help = "As published." },
  [F_NOTE] = { "note", "Note", LONG, 0, .help = "Needed where the answer refers to it." },
  [F_PROVEN_BY] = { "proven_by", "Proven by", LINK, MANY, .to = "*", .help = "Records that show it." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  if (str_eq(v[F_ANSWER].s, S("see_note")) && !v[F_NOTE].set)
    problem(cx, S("note"), "required", "The answer refers to a note: write it.");
  return E_OK;
}

static const Guard guards[] = {
  { "submit", GUARD_FIELD, "answer", .words = "The question is answered." },
  { "submit", GUARD_LINK, "proven_by", .words = "What proves a yes is linked.", .when = "answer=yes" },
};

const RecordType record_mds2_answer = {
  "mds2_answer", "MDS2 answer", "MDS2 answers", "MDSA", "design", &life_item,
  ROLE(SECURITY_LEAD) | ROLE(REGULATORY) | ROLE(ENGINEER), ROWS(fields), .check = check,
  .help = "One answer of the manufacturer disclosure statement (MDS2), with what proves it.", ROWS(guards),
};
