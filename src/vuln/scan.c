/* scan.c - every component gets an answer: what each source says of it, or one that says why it could not be judged.
 */
#include "vuln/scan_inside.h"

#define OWN_MOST_BYTES ((size_t)1 << 30)

static const char *const outcome_names[] = {
#define X(id, name) [id] = name,
  OUTCOMES(X)
#undef X
};

const char *outcome_name(Outcome o) { return o < OUTCOME_COUNT ? outcome_names[o] : ""; }

bool outcome_find(Str name, Outcome *out) {
  for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
    if (!str_eq(name, str_of(outcome_names[i]))) continue;
    *out = (Outcome)i;
    return true;
  }
  return false;
}

/* In words, and given back what it needed. */
static void answer(Cx *own, const Scan *c, Arena *a, ScanComponent *out) {
  out->target = *c->named->target;
  outcomes_make(c, a, out);
  out->worst = out->noutcomes ? out->outcome[0].outcome : OUTCOME_NOT_LISTED;
  arena_reset(own->arena);
}

Err vuln_scan(Cx *cx, const Snapshot *s, const VulnTarget *targets, size_t n, ScanResult *out) {
  ScanResult r = { .component = NEW_ARRAY(cx->arena, n + 1, ScanComponent), .ncomponents = n };
  AUTO(Cx) names = cx_new(OWN_MOST_BYTES);
  AUTO(Cx) own = cx_new(OWN_MOST_BYTES);
  if (n >= FETCH_MOST) scan_room(own.arena); /* for a few it costs more than it gains */
  Inventory alone = inventory_read(&names, s, targets, n), together = alone;
  for (size_t i = 0; i < n; i++) {
    if (i % FETCH_MOST == 0) inventory_fetch(&alone, i, n - i);
    const Scan *c = scan_judge(&own, &alone, i);
    if (n > 1 && scan_depends(c)) { /* seldom: then it is judged again, with the others in sight */
      if (!together.around) together.around = inventory_around(&names, &together);
      c = scan_judge(&own, &together, i);
    }
    answer(&own, c, cx->arena, &r.component[i]);
    r.count[r.component[i].worst]++;
  }
  *out = r;
  return E_OK;
}
