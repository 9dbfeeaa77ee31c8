/* The audit trail by person, act and object. */
#include "app/log_pick.h"

enum { BATCH = 500 };

static bool fits(const LogPick *pick, const LogRow *row) {
  return (!pick->person.n || str_eq(row->actor, pick->person)) && (!pick->act.n || str_starts(row->act, pick->act));
}

Err log_pick(Cx *cx, Store *s, const LogPick *pick, int64_t size, size_t limit, int64_t most, LogPicked *out) {
  LogPicked picked = { .next = size };
  Str object = pick->object.n ? pick->object : STR_NONE;
  while (picked.next > 0 && picked.rows.n < limit && picked.looked < most) {
    LogRows batch = { 0 };
    TRY(ledger_entries(cx, s, object, picked.next - 1, 0, BATCH, &batch));
    if (!batch.n) picked.next = 0;
    for (size_t i = 0; i < batch.n && picked.rows.n < limit; i++) {
      picked.next = batch.p[i].seq;
      picked.looked++;
      if (fits(pick, &batch.p[i])) vec_add(cx->arena, &picked.rows, batch.p[i]);
    }
    if (batch.n < BATCH && picked.rows.n < limit) picked.next = 0;
  }
  *out = picked;
  return E_OK;
}
