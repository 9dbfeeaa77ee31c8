/* A run as JSON (proofline.check/1) and as one sentence.  The words say what was checked, against what, and
 * when. */
#include "comply/inside.h"

static void gap_json(Cx *cx, JsonOut *o, const Gap *g) {
  json_object(o);
  json_pair(o, "rule", g->rule_id);
  json_pair(o, "severity", str_of(severity_words[g->severity]));
  json_pair(o, "record", g->object);
  json_pair_int(o, "revision", g->rev);
  json_pair(o, "message", g->message);
  json_key(o, "clauses");
  json_array(o);
  for (size_t i = 0; g->rule && i < g->rule->clauses.n; i++) json_put_str(o, g->rule->clauses.p[i]);
  json_array_end(o);
  json_pair(o, "fix", g->fix);
  json_pair(o, "first_seen", time_text(cx->arena, g->first_us));
  json_pair_bool(o, "partly", g->partly);
  json_pair(o, "fingerprint", g->fingerprint);
  json_object_end(o);
}

static void packs_json(JsonOut *o, const CheckRun *run) {
  json_key(o, "packs");
  json_array(o);
  for (size_t i = 0; i < run->npacks; i++) {
    const PackResult *p = &run->pack[i];
    json_object(o);
    json_pair(o, "id", p->pack);
    json_pair(o, "version", p->version);
    json_pair(o, "title", p->title);
    json_pair_int(o, "met", p->count[RULE_MET]);
    json_pair_int(o, "partly", p->count[RULE_PARTLY]);
    json_pair_int(o, "not_met", p->count[RULE_NOT_MET]);
    json_pair_int(o, "not_applicable", p->count[RULE_NOT_APPLICABLE]);
    json_pair_int(o, "not_assessed", p->count[RULE_NOT_ASSESSED]);
    json_pair_int(o, "blocking", p->blocking);
    json_key(o, "ready_percent");
    if (p->ready_x10 < 0) json_put_null(o); else json_put_x10(o, p->ready_x10);
    json_object_end(o);
  }
  json_array_end(o);
}

static void rules_json(JsonOut *o, const CheckRun *run) {
  json_key(o, "rules");
  json_array(o);
  for (size_t i = 0; i < run->nrules; i++) {
    const RuleResult *r = &run->rule[i];
    if (!r->rule) continue;
    json_object(o);
    json_pair(o, "id", r->rule->id);
    json_pair(o, "severity", str_of(severity_words[r->rule->severity]));
    json_pair(o, "title", r->rule->title);
    json_pair(o, "state", str_of(rule_state_words[r->state]));
    json_pair_int(o, "asked", r->asked);
    json_pair_int(o, "met", r->met);
    json_pair_int(o, "partly", r->partly);
    json_pair_int(o, "not_met", r->not_met);
    json_pair(o, "why", r->why.n ? r->why : STR_NONE);
    json_object_end(o);
  }
  json_array_end(o);
}

Err check_json(Cx *cx, JsonOut *o, const CheckRun *run) {
  json_object(o);
  json_pair(o, "schema", S("proofline.check/1"));
  json_pair(o, "at", time_text(cx->arena, run->at_us));
  json_pair_int(o, "log", run->log_size);
  json_pair(o, "run", run->id.n ? run->id : STR_NONE);
  json_pair(o, "product", run->scope.product.n ? run->scope.product : STR_NONE);
  json_pair(o, "release", run->scope.release.n ? run->scope.release : STR_NONE);
  json_pair(o, "packs_sha256", run->packs_sha256);
  packs_json(o, run);
  rules_json(o, run);
  json_key(o, "gaps");
  json_array(o);
  for (size_t i = 0; i < run->gaps.n; i++) gap_json(cx, o, &run->gaps.p[i]);
  json_array_end(o);
  json_object_end(o);
  return o->buf->over
             ? fail(cx, E_TOO_LARGE, "The result is larger than its output may be. Check one product.")
             : E_OK;
}

Str check_words(Cx *cx, const CheckRun *run) {
  Buf b = buf_new(cx->arena, 4096);
  int64_t not_assessed = 0;
  for (size_t i = 0; i < run->nrules; i++) not_assessed += run->rule[i].state == RULE_NOT_ASSESSED;
  buf_fmt(&b, "Checked %zu rules of ", run->nrules);
  for (size_t i = 0; i < run->npacks; i++)
    buf_fmt(&b, "%s%.*s %.*s", i ? ", " : "", STR(run->pack[i].title), STR(run->pack[i].version));
  buf_fmt(&b, " on %.*s", STR(time_minute(cx->arena, run->at_us)));
  if (run->scope.product.n) buf_fmt(&b, " for %.*s", STR(run->scope.product));
  if (run->scope.release.n) buf_fmt(&b, ", release %.*s", STR(run->scope.release));
  buf_fmt(&b, ": %lld blocking, %lld major, %lld minor.", (long long)run->by_severity[RULE_BLOCKER],
          (long long)run->by_severity[RULE_MAJOR], (long long)run->by_severity[RULE_MINOR]);
  if (not_assessed) buf_fmt(&b, " %lld rules could not be assessed.", (long long)not_assessed);
  return buf_str(&b);
}
