/* quiz.c - questions as lines of text, and their marking. */
#include "quality/inside.h"

static bool quiz_fault(Cx *cx, Quiz *q, size_t line, const char *what) {
  q->fault = str_fmt(cx->arena, "line %zu: %s", line, what);
  return false;
}

/* A question needs two answers, one of them right. */
static bool question_done(Cx *cx, Quiz *q, size_t line) {
  const Question *last = q->question.n ? &q->question.p[q->question.n - 1] : NULL;
  if (last && last->answer.n < 2) return quiz_fault(cx, q, line, "the question before has fewer than two answers");
  if (last && !last->right) return quiz_fault(cx, q, line, "the question before has no right answer ('+')");
  if (last && last->right == last->answer.n)
    return quiz_fault(cx, q, line, "the question before has no wrong answer ('-')");
  return true;
}

static bool line_read(Cx *cx, Quiz *q, Str line, size_t number) {
  char mark = *line.p;
  Str text = str_trim(str_slice(line, 1, line.n));
  if (!text.n) return quiz_fault(cx, q, number, "there is nothing behind the mark");
  if (mark == '?') {
    if (!question_done(cx, q, number)) return false;
    if (q->question.n == QUIZ_QUESTIONS) return quiz_fault(cx, q, number, "more than 100 questions");
    vec_add(cx->arena, &q->question, (Question){ .text = text });
    return true;
  }
  if (mark != '+' && mark != '-') return quiz_fault(cx, q, number, "a line starts with '?', '+' or '-'");
  if (!q->question.n) return quiz_fault(cx, q, number, "an answer before the first question");
  Question *last = &q->question.p[q->question.n - 1];
  if (last->answer.n == QUIZ_ANSWERS) return quiz_fault(cx, q, number, "more than 20 answers");
  vec_add(cx->arena, &last->answer, (Answerable){ text, mark == '+' });
  last->right += mark == '+';
  return true;
}

bool quiz_read(Cx *cx, Str text, Quiz *out) {
  Str line;
  size_t number = 0;
  *out = (Quiz){ .fault = S("") };
  while (str_line(&text, &line)) {
    number++;
    line = str_trim(line);
    if (line.n && !line_read(cx, out, line, number)) return false;
  }
  if (!out->question.n) return quiz_fault(cx, out, number, "there is no question ('? ...')");
  return question_done(cx, out, number);
}

/* Whether "question.answer" stands in the list. */
static bool is_ticked(Str ticked, size_t question, size_t answer) {
  Str word, left, right;
  uint64_t q, a;
  for (bool more = true; more && ticked.n;) {
    more = str_cut(ticked, ' ', &word, &ticked);
    if (str_cut(word, '.', &left, &right) && str_uint(left, &q) && str_uint(right, &a) && q == question && a == answer)
      return true;
  }
  return false;
}

/* Ticks of a question that exist and those that do not. */
static size_t ticks_of(Str ticked, size_t question) {
  Str word, left, right;
  uint64_t q;
  size_t n = 0;
  for (bool more = true; more && ticked.n;) {
    more = str_cut(ticked, ' ', &word, &ticked);
    if (str_cut(word, '.', &left, &right) && str_uint(left, &q) && q == question) n++;
  }
  return n;
}

int64_t quiz_mark(const Quiz *q, Str ticked) {
  size_t good = 0;
  for (size_t i = 0; i < q->question.n; i++) {
    const Question *question = &q->question.p[i];
    bool right = ticks_of(ticked, i + 1) == question->right;
    for (size_t k = 0; k < question->answer.n; k++)
      right = right && is_ticked(ticked, i + 1, k + 1) == question->answer.p[k].right;
    good += right;
  }
  return q->question.n ? (int64_t)(100 * good / q->question.n) : 0;
}
