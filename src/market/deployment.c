/* deployment.c - How far a release or patch has reached the devices of a site. */
#include "record/record.h"

enum { F_UNITS, F_UNITS_DONE, F_UNITS_FAILED, F_STARTED_ON, F_FINISHED_ON, F_VERSION, F_DEPLOYS, F_IN };
static const Field fields[] = {
  [F_UNITS] = { "units", "Units", INT, REQUIRED, .min = 0, .max = 1000000,
    .help = "Devices that this row is about." },
  [F_UNITS_DONE] = { "units_done", "Units done", INT, 0, .min = 0, .max = 1000000,
    .help = "Of them, how many run it." },
  [F_UNITS_FAILED] = { "units_failed", "Units failed", INT, 0, .min = 0, .max = 1000000,
    .help = "Of them, how many could not." },
  [F_STARTED_ON] = { "started_on", "Started on", DATE, 0, .help = "First device." },
  [F_FINISHED_ON] = { "finished_on", "Finished on", DATE, 0, .help = "Last device." },
  [F_VERSION] = { "version", "Version", TEXT, 0, .max = 80, .help = "Where no release record exists." },
  [F_DEPLOYS] = { "deploys", "Deploys", LINK, MANY, .min = 1, .to = "release patch",
    .help = "What is brought out." },
  [F_IN] = { "in", "At site", LINK, 0, .to = "site", .help = "Where." },
};

static Err check(Cx *cx, const Record *r) {
  const Value *v = r->values;
  int64_t seen = v[F_UNITS_DONE].i + v[F_UNITS_FAILED].i;     /* 0 where not set */
  if (seen > v[F_UNITS].i)
    problem(cx, S("units_done"), "range",
            "%lld done or failed, of %lld units.", (long long)seen, (long long)v[F_UNITS].i);
  return E_OK;
}

static const Guard guards[] = {
  { "complete", GUARD_FIELD, "units_done", .words = "How many units run it is entered." },
};

const RecordType record_deployment = {
  "deployment", "Deployment", "Deployments", "DEP", "market", &life_execution,
  ROLE(ENGINEER) | ROLE(SECURITY_LEAD) | ROLE(QA_MANAGER), ROWS(fields), .check = check,
  .help = "How far a release or patch has reached the devices of a site.", ROWS(guards),
};
