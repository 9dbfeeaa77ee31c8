/* Every page and call in one table: method, address, right, largest body, handler, what it is. */
#include "app/page/act.h"
#include "app/page/quality_page.h"
#include "app/page/rest.h"
#include "app/page/setup.h"
#include "app/page/triage_page.h"
#include "app/page/web.h"

#define FORM ROUTE_FORM
#define UPLOAD (65u << 20)
#define RECORD (16u << 20) /* more than fields hold, so that the field that is too long can be named */
#define TABLE (20u << 20)

const Route app_routes[] = {
  { GET, "/", "read", 0, page_home, "the first device's cockpit" },
  { GET, "/sign-in", "none", 0, page_sign_in, "sign-in form" },
  { POST, "/sign-in", "none", FORM, post_sign_in, "signs in" },
  { POST, "/sign-out", "session", FORM, post_sign_out, "signs out" },
  { GET, "/work", "read", 0, page_work, "what waits for the person" },
  { GET, "/devices", "read", 0, page_devices, "all devices" },
  { GET, "/d/{device}", "read", 0, page_cockpit, "a device's cockpit" },
  { POST, "/d/{device}/check", "check.run", FORM, post_check, "runs all checks" },
  { GET, "/d/{device}/gaps", "read", 0, page_gaps, "open and closed gaps" },
  { GET, "/feeds", "read", 0, page_feeds, "sources of advisories and their state" },
  { GET, "/feeds/names", "read", 0, page_names, "names in advisories: candidates and approved rules" },
  { GET, "/d/{device}/trace", "read", 0, page_trace, "trace matrix" },
  { GET, "/d/{device}/sbom", "read", 0, page_sboms, "SBOMs of a device" },
  { POST, "/d/{device}/sbom", "sbom.import", UPLOAD, post_sbom, "imports an SBOM" },
  { GET, "/findings", "read", 0, page_triage, "vulnerability triage" },
  { POST, "/findings/decide", "finding.decide", FORM * 4, post_decide, "decides findings" },
  { GET, "/jobs/{id}", "read", 0, page_job, "an import that runs in the background" },
  { GET, "/sbom/{id}/file/{format}", "read", 0, page_sbom_file, "a stored SBOM as a file" },
  { GET, "/sbom/{id}/changes", "read", 0, page_sbom_changes, "what changed from another SBOM to this one" },
  { GET, "/sbom/{id}/support", "read", 0, page_support, "support horizon of an SBOM" },
  { GET, "/cve/{id}", "read", 0, page_cve, "one vulnerability in all devices" },
  { GET, "/sbom/{id}", "read", 0, page_sbom, "components of an SBOM" },
  { POST, "/sbom/{id}/component", "component.set", FORM, post_component, "answers for a component" },
  { GET, "/list/{type}", "read", 0, page_list, "records of a type" },
  { GET, "/search", "read", 0, page_search, "search" },
  { GET, "/new/{type}", "read", 0, page_record_new, "form for a new record" },
  { POST, "/new/{type}", "record.edit", RECORD, post_record_new, "creates a record" },
  { GET, "/r/{id}", "read", 0, page_record, "a record" },
  { GET, "/r/{id}/edit", "read", 0, page_record_edit, "edit form" },
  { POST, "/r/{id}/edit", "record.edit", RECORD, post_record_save, "saves a record" },
  { GET, "/r/{id}/history", "read", 0, page_record_history, "history of a record" },
  { POST, "/r/{id}/step", "record.edit", FORM, post_record_step, "takes a step" },
  { GET, "/r/{id}/sign/{step}", "record.sign", 0, page_sign, "what would be signed" },
  { GET, "/sign", "record.sign", 0, page_sign, "the same for several records" },
  { POST, "/sign", "record.sign", FORM, post_sign, "signs" },
  { POST, "/r/{id}/link", "record.edit", FORM, post_record_link, "links, unlinks or confirms" },
  { GET, "/r/{id}/file/{sha256}", "read", 0, page_record_file, "a file of a record" },
  { POST, "/r/{id}/file", "record.edit", UPLOAD, post_record_file, "adds or removes a file" },
  { POST, "/r/{id}/comment", "read", FORM, post_comment, "says something about a record" },
  { POST, "/comment/seen", "read", FORM, post_comment_seen, "puts a comment away" },
  { POST, "/view", "read", FORM, post_view, "saves or removes a view" },
  { POST, "/r/{id}/freeze", "record.edit", FORM, post_freeze, "takes the set of a baseline" },
  { GET, "/diff", "read.all", 0, page_diff, "what changed between two days, revisions or baselines" },
  { GET, "/log", "log.read", 0, page_log, "audit trail" },
  { GET, "/documents", "read", 0, page_documents, "controlled documents" },
  { GET, "/document/{id}", "read", 0, page_document, "one document as people read it" },
  { GET, "/competence", "read", 0, page_competence, "everybody's training" },
  { POST, "/competence/assign", "record.edit", FORM, post_assign, "plans the trainings that are lacking" },
  { GET, "/training/{id}", "read", 0, page_training, "one training: reading, questions, attesting" },
  { POST, "/training/{id}", "read", FORM, post_training, "read and understood, or attested" },
  { GET, "/model", "log.read", 0, page_model, "record types, steps, links and lifecycles" },
  { GET, "/log/checkpoint", "log.read", 0, page_checkpoint, "a checkpoint to print" },
  { GET, "/log/{seq}/receipt", "read", 0, page_receipt, "proof of one entry, to keep" },
  { GET, "/rule/{id}", "read", 0, page_rule, "what a check asks, and why" },
  { GET, "/import", "read", 0, page_import, "a table from a spreadsheet program" },
  { POST, "/import", "record.edit", TABLE, post_import, "what a table would change" },
  { POST, "/import/accept", "record.edit", TABLE, post_import_accept, "imports a table" },
  { GET, "/account", "session", 0, page_account, "one's own account" },
  { POST, "/account/password", "session", FORM, post_password, "changes one's own password" },
  { POST, "/account/factor", "session", FORM, post_act, "sets up the second factor" },
  { POST, "/account/confirm", "session", FORM, post_act, "takes its first code" },
  { POST, "/account/recovery", "session", FORM, post_act, "makes new recovery codes" },
  { POST, "/account/session", "session", FORM, post_act, "ends own sessions" },
  { POST, "/account/token", "session", FORM, post_act, "makes a token" },
  { POST, "/account/revoke", "session", FORM, post_act, "ends a token" },
  { GET, "/people", "user.second", 0, page_people, "everybody's accounts" },
  { POST, "/people/add", "user.second", FORM, post_act, "adds a person" },
  { POST, "/people/grant", "user.second", FORM, post_act, "gives a role" },
  { POST, "/people/drop", "user.admin", FORM, post_act, "takes a role away" },
  { POST, "/people/disable", "user.admin", FORM, post_act, "closes an account" },
  { POST, "/people/enable", "user.admin", FORM, post_act, "opens it again" },
  { POST, "/people/code", "user.admin", FORM, post_act, "a new set-up code" },
  { POST, "/people/factor", "user.second", FORM, post_act, "takes a second factor away" },
  { POST, "/people/sessions", "user.admin", FORM, post_act, "ends all sessions of a person" },
  { POST, "/people/revoke", "user.admin", FORM, post_act, "ends a token" },
  { POST, "/people/clock", "clock.confirm", FORM, post_act, "says that the clock is right" },
  { GET, "/duties", "read", 0, page_duties, "who holds which duty" },
  { POST, "/duties/set", "duty.set", FORM, post_act, "assigns a duty" },
  { POST, "/duties/drop", "duty.set", FORM, post_act, "ends a duty" },
  { POST, "/duties/delegate", "session", FORM, post_act, "hands one's own duty on" },
  { POST, "/alerts/seen", "alert.see", FORM, post_act, "closes an alert" },
  { GET, "/setup", "none", 0, page_setup, "first start, first password" },
  { POST, "/setup", "none", FORM, post_setup, "sets it" },
  { GET, "/setup/company", "read", 0, page_setup_company, "first start: the company" },
  { POST, "/setup/company", "record.edit", FORM, post_setup_company, "enters it" },
  { GET, "/setup/risk", "read", 0, page_setup_risk, "first start: risk scales and the line of acceptance" },
  { POST, "/setup/risk", "record.edit", FORM, post_setup_risk, "enters them" },
  { GET, "/setup/feeds", "feed.activate", 0, page_setup_feeds, "first start: where advisories come from" },
  { POST, "/setup/feeds", "feed.activate", FORM, post_setup_feeds, "adds the usual sources" },
  { GET, "/setup/people", "user.second", 0, page_setup_people, "first start: who else works here" },
  { POST, "/setup/people", "user.second", FORM, post_setup_people, "invites them" },
  { GET, "/rest/v1/{type}", "read", 0, rest_list, "records of a type as JSON" },
  { POST, "/rest/v1/{type}", "record.edit", RECORD, rest_new, "creates a record" },
  { GET, "/rest/v1/{type}/{id}", "read", 0, rest_get, "a record as JSON" },
  { PATCH, "/rest/v1/{type}/{id}", "record.edit", RECORD, rest_save, "changes a record" },
  { POST, "/rest/v1/{type}/{id}/steps", "record.edit", FORM, rest_step, "takes a step that judges nothing" },
  { GET, "/rest/v1/{type}/{id}/history", "read", 0, rest_history, "entries about a record" },
  { GET, "/healthz", "none", 0, page_health, "alive" },
};
const size_t app_nroutes = COUNT(app_routes);

/* A route without a right must not exist; the table is constant, so this needs to run only once. */
Err routes_check(Cx *cx) {
  for (size_t i = 0; i < app_nroutes; i++)
    if (!app_routes[i].right || !right_find(str_of(app_routes[i].right)))
      return fail(cx, E_BUG, "route %s has no right that people/ knows", app_routes[i].pattern);
  return E_OK;
}
