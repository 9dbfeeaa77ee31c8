/* Accounts, roles, duties: over the commands, as pages and the command line use them. */
#include "fixture.h"

static void rights_follow_the_table(void **state) {
  World *t = *state;
  static const struct { const char *person, *right, *product; Err err;
  } table[] = {
    { "U000001", "user.admin", "*", E_OK },
    { "U000001", "read", "*", E_DENIED },
    { "U000001", "record.edit", "*", E_DENIED },
    { "U000001", "log.read", "*", E_DENIED },
    { "U000001", "export", "*", E_DENIED },
    { "U000001", "session", "*", E_OK },
    { "U000002", "read", "*", E_OK },
    { "U000002", "sbom.import", "p1", E_OK },
    { "U000002", "user.admin", "*", E_DENIED },
    { "U000002", "finding.decide", "*", E_DENIED },
    { "U000003", "read", "", E_OK },
    { "U000003", "log.read", "*", E_OK },
    { "U000003", "record.write", "*", E_DENIED },
    { "system", "check.run", "*", E_OK },
    { "system", "record.sign", "*", E_DENIED },
    { "U000002", "no.such", "*", E_BUG },
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    Who w = who(t, table[i].person);
    cx_forgive(&t->cx);
    Err e = authorise(&t->cx, &w, table[i].right, str_of(table[i].product));
    if (e != table[i].err) print_error("%s %s\n", table[i].person, table[i].right);
    assert_int_equal(e, table[i].err);
  }
  Who eve = who(t, "U000002");
  cx_forgive(&t->cx);
  assert_int_equal(authorise_roles(&t->cx, &eve, ROLE_CLINICAL_SAFETY | ROLE_QA_MANAGER, S("p1"),
                                   "approving RISK-0042"),
                   E_DENIED);
  assert_true(str_eq(t->cx.words, S("Approving RISK-0042 needs the role Clinical safety or QA manager. Ask "
                                    "Name of ada (administrator).")));
  assert_int_equal(authorise(&t->cx, NULL, "none", S("")), E_OK);
  for (size_t i = 0; i < people_ncommands; i++)
    assert_non_null(right_find(str_of(people_commands[i]->right)));
}

static void roles_hold_for_their_product(void **state) {
  World *t = *state;
  assert_int_equal(
      ask(t, "user.grant", "U000001", "{'person':'U000003','role':'engineer','product':'p1'}").err, E_OK);
  Who w = who(t, "U000003");
  assert_int_equal(who_roles(&w, S("p1")), ROLE_ENGINEER | ROLE_AUDITOR);
  assert_int_equal(who_roles(&w, S("p2")), ROLE_AUDITOR);
  assert_int_equal(who_roles(&w, S("")), ROLE_AUDITOR);
  assert_int_equal(who_roles(&w, PRODUCT_ANY), ROLE_ENGINEER | ROLE_AUDITOR);
  assert_int_equal(ask(t, "sbom.import", "U000003", "{'product':'p1'}").err, E_OK);
  Answer a = ask(t, "sbom.import", "U000003", "{'product':'p2'}");
  assert_int_equal(a.err, E_DENIED);
  assert_true(str_find(a.words, S("on this product")) != SIZE_MAX);
  assert_int_equal(ask(t, "user.revoke", "U000001", "{'person':'U000003','role':'engineer'}").err,
                   E_NOTFOUND);
  assert_int_equal(
      ask(t, "user.revoke", "U000001", "{'person':'U000003','role':'engineer','product':'p1'}").err, E_OK);
  assert_int_equal(ask(t, "sbom.import", "U000003", "{'product':'p1'}").err, E_DENIED);
}

static void commands_refuse(void **state) {
  World *t = *state;
  static const struct { const char *command, *actor, *args; Err err;
  } table[] = {
    { "user.grant", "U000001", "{'person':'U000001','role':'approver'}",
      E_DENIED }, /* nobody to themselves */
    { "user.grant", "U000002", "{'person':'U000002','role':'approver'}", E_DENIED },
    { "user.grant", "U000002", "{'person':'U000003','role':'approver'}", E_DENIED },
    { "user.grant", "U000001", "{'person':'U000002','role':'aprover'}", E_INVALID },
    { "user.grant", "U000001", "{'person':'U000099','role':'approver'}", E_NOTFOUND },
    { "user.grant", "U000077", "{'person':'U000002','role':'approver'}", E_UNAUTHENTIC },
    { "user.add", "U000002", "{'login':'x','name':'X'}", E_DENIED },
    { "user.add", "U000001", "{'login':'eve','name':'Other Eve'}", E_INVALID },
    { "user.add", "U000001", "{'login':'EVE','name':'Other Eve'}", E_INVALID },
    { "user.add", "U000001", "{'login':'\\u0435ve','name':'Looks like Eve'}", E_INVALID },
    { "user.add", "U000001", "{'login':'system','name':'X'}", E_INVALID },
    { "user.add", "U000001", "{'login':'x','name':'a\\nb'}", E_INVALID },
    { "user.add", "U000001", "{'login':'x','name':'X','phc':'plain'}", E_INVALID },
    { "user.add", "U000001", "{'login':'x','name':'X','admin':true}", E_INVALID },
    { "user.set_password", "U000002", "{'person':'U000001','phc':'$argon2id$v=19$x'}", E_DENIED },
    { "user.use_code", "nobody", "{'code':'00000000000000000000000000000000','phc':'$argon2id$v=19$x'}",
      E_DENIED },
    { "session.close", "U000002", "{'person':'U000001'}", E_DENIED },
    { "duty.set", "U000002", "{'person':'U000002','duty':'psirt_lead'}", E_DENIED },
    { "duty.set", "U000001", "{'person':'U000002','duty':'psirt_leed'}", E_INVALID },
  };
  size_t before = entries_of(t, "refused");
  for (size_t i = 0; i < COUNT(table); i++) {
    Answer a = ask(t, table[i].command, table[i].actor, table[i].args);
    if (a.err != table[i].err)
      print_error("%s %s: %s %.*s\n", table[i].command, table[i].args, err_name(a.err), STR(a.words));
    assert_int_equal(a.err, table[i].err);
  }
  assert_true(entries_of(t, "refused") - before >= COUNT(table) - 1);   /* one was no proper command */
  Persons all = { 0 };
  assert_int_equal(people_list(&t->cx, t->s, &all), E_OK);
  assert_int_equal(all.n, 4);
}

static void the_last_administrator_stays(void **state) {
  World *t = *state;
  assert_int_equal(ask(t, "user.disable", "U000001", "{'person':'U000004'}").err, E_OK);
  assert_int_equal(ask(t, "user.disable", "U000001", "{'person':'U000001'}").err, E_CONFLICT);
  assert_int_equal(ask(t, "user.revoke", "U000001", "{'person':'U000001','role':'administrator'}").err,
                   E_CONFLICT);
  assert_int_equal(ask(t, "user.enable", "U000001", "{'person':'U000004'}").err, E_OK);
  assert_int_equal(ask(t, "user.disable", "U000004", "{'person':'U000001'}").err, E_OK);
  assert_int_equal(ask(t, "user.enable", "U000001", "{'person':'U000001'}").err, E_UNAUTHENTIC);
}

static void duties_and_deputies(void **state) {
  World *t = *state;
  assert_int_equal(ask(t, "duty.set", "U000001", "{'person':'U000002','duty':'psirt_lead'}").err, E_OK);
  assert_int_equal(ask(t, "duty.set", "U000001",
                       "{'person':'U000003','duty':'psirt_lead','product':'p1','deputy_of':'U000002'}")
                       .err,
                   E_OK);
  Duties d = { 0 };
  t->cx.now_us = clock_now_us() + US_PER_S;
  assert_int_equal(people_duties_of(&t->cx, t->s, S("p1"), S("psirt_lead"), &d), E_OK);
  assert_int_equal(d.n, 2);
  assert_true(str_eq(d.p[1].deputy_of, S("U000002")) && str_eq(d.p[1].kind, S("deputy")));
  assert_int_equal(people_duties_of(&t->cx, t->s, S("p2"), STR_NONE, &d), E_OK);
  assert_int_equal(d.n, 1);
  assert_int_equal(ask(t, "duty.drop", "U000001", "{'person':'U000002','duty':'psirt_lead'}").err, E_OK);
  assert_int_equal(ask(t, "duty.drop", "U000001", "{'person':'U000002','duty':'psirt_lead'}").err,
                   E_NOTFOUND);
  t->cx.now_us = clock_now_us() + US_PER_S;
  assert_int_equal(people_duties_of(&t->cx, t->s, S("p1"), S("psirt_lead"), &d), E_OK);
  assert_int_equal(d.n, 0);   /* a deputy of nobody */
  assert_int_equal(people_duties_ever(&t->cx, t->s, &d), E_OK);
  assert_int_equal(d.n, 2);   /* nothing is taken away */
}

/* Whether a person may, on a day, with a risk of that level. */
typedef struct DutyCase { const char *person, *product, *day, *level, *want; } DutyCase;

static void a_duty_holds_where_when_and_up_to(void **state) {
  World *t = *state;
  static const char *const levels[] = { "low", "medium", "high", NULL };
  static const struct { const char *actor, *command, *args; Err want;
  } setting[] = {
    { "U000001", "duty.set",
      "{'person':'U000002','duty':'security_risk_acceptor','product':'p1','from':'2026-01-01',"
      "'to':'2026-12-31','upto':'medium'}",
      E_OK },
    { "U000001", "duty.set",
      "{'person':'U000003','duty':'security_risk_acceptor','product':'p1','deputy_of':'U000002',"
      "'from':'2026-01-01'}",
      E_OK },
    { "U000001", "duty.set", "{'person':'U000001','duty':'psirt_lead'}", E_DENIED },
    { "U000001", "duty.set", "{'person':'U000002','duty':'psirt_lead','deputy_of':'U000002'}", E_INVALID },
    { "U000001", "duty.set", "{'person':'U000002','duty':'psirt_lead','from':'2026-02-30'}", E_INVALID },
    { "U000001", "duty.set", "{'person':'U000002','duty':'psirt_lead','from':'2026-03-01','to':'2026-02-01'}",
      E_INVALID },
    { "U000002", "duty.set", "{'person':'U000003','duty':'psirt_lead'}", E_DENIED },
    { "U000002", "duty.delegate",
      "{'person':'U000004','duty':'security_risk_acceptor','product':'p1',"
      "'from':'2026-06-01','to':'2026-06-30'}",
      E_OK },
    { "U000002", "duty.delegate", "{'person':'U000004','duty':'security_risk_acceptor','product':'p1'}", E_INVALID },
    { "U000002", "duty.delegate",
      "{'person':'U000004','duty':'security_risk_acceptor','product':'p1',"
      "'from':'2026-06-01','to':'2028-06-30'}",
      E_INVALID },
    { "U000002", "duty.delegate", "{'person':'U000004','duty':'security_risk_acceptor','to':'2026-12-30'}",
      E_DENIED },
    { "U000003", "duty.delegate",
      "{'person':'U000004','duty':'security_risk_acceptor','product':'p1','to':'2026-12-30'}", E_DENIED },
    { "U000004", "duty.delegate",
      "{'person':'U000001','duty':'security_risk_acceptor','product':'p1','to':'2026-12-30'}", E_DENIED },
    { "U000002", "duty.delegate",
      "{'person':'U000002','duty':'security_risk_acceptor','product':'p1','to':'2026-12-30'}", E_INVALID },
  };
  static const DutyCase cases[] = {
    { "U000002", "p1", "2026-11-30", "low", "" },          { "U000002", "p1", "2026-11-30", "medium", "" },
    { "U000002", "p1", "2026-11-30", "high", "up to medium" }, { "U000002", "p1", "2026-11-30", "", "not judged" },
    { "U000002", "p2", "2026-11-30", "low", "nobody" },    { "U000002", "p1", "2027-01-01", "low", "nobody" },
    { "U000003", "p1", "2026-11-30", "high", "" },         { "U000003", "p1", "2027-01-01", "low", "nobody" },
    { "U000004", "p1", "2026-11-30", "low", "Name of eve, Name of otto (deputy)" },
    { "U000001", "p1", "2026-11-30", "low", "Security risk acceptor for p1" },
  };
  for (size_t i = 0; i < COUNT(setting); i++) {
    Answer a = ask(t, setting[i].command, setting[i].actor, setting[i].args);
    if (a.err != setting[i].want) print_error("%s: %s: %.*s\n", setting[i].args, err_name(a.err), STR(a.words));
    assert_int_equal(a.err, setting[i].want);
  }
  for (size_t i = 0; i < COUNT(cases); i++) {
    const DutyCase *c = &cases[i];
    Who w = who(t, c->person);
    Duties by = { 0 };
    int32_t day = 0;
    assert_true(date_parse(str_of(c->day), &day));
    DutyAsk what = { S("security_risk_acceptor"), str_of(c->product), str_of(c->level), levels, "Accepting SRK-1",
                     (int64_t)day * US_PER_DAY + 1 };
    cx_forgive(&t->cx);
    Err e = authorise_duty(&t->cx, t->s, &w, &what, &by);
    if ((e == E_OK) != !c->want[0] || (e != E_OK && str_find(t->cx.words, str_of(c->want)) == SIZE_MAX))
      print_error("%s %s %s %s: %.*s\n", c->person, c->product, c->day, c->level, STR(t->cx.words));
    assert_int_equal(e, c->want[0] ? E_DENIED : E_OK);
    assert_true(!c->want[0] || str_find(t->cx.words, str_of(c->want)) != SIZE_MAX);
  }
  cx_forgive(&t->cx);
}

/* t_sod_4: what one person alone does to somebody else's right to judge waits for a second one. */
static void t_sod_4_two_people(void **state) {
  World *t = *state;
  static const struct { const char *actor, *command, *args; Err want; const char *result; } rows[] = {
    { "U000001", "user.grant", "{'person':'U000001','role':'engineer'}", E_DENIED, "" },
    { "U000001", "user.grant", "{'person':'U000001','role':'approver'}", E_DENIED, "" },
    { "U000001", "user.grant", "{'person':'U000002','role':'approver'}", E_OK, "\"waits\":true" },
    { "U000001", "user.grant", "{'person':'U000002','role':'approver'}", E_OK, "\"waits\":true" },
    { "U000002", "user.grant", "{'person':'U000002','role':'approver'}", E_DENIED, "" },
    { "U000004", "user.grant", "{'person':'U000002','role':'approver','product':'p1'}", E_OK, "\"waits\":true" },
    { "U000004", "user.grant", "{'person':'U000002','role':'qa_manager'}", E_OK, "\"waits\":true" },
    { "U000004", "user.grant", "{'person':'U000002','role':'approver'}", E_OK, "{}" },
    { "U000004", "user.grant", "{'person':'U000002','role':'reviewer'}", E_OK, "{}" },
    { "U000001", "user.add", "{'login':'mia','name':'Mia','roles':'viewer approver'}", E_OK, "\"waits\":true" },
    { "U000001", "user.add", "{'login':'mia','name':'Mia','roles':'viewer approver'}", E_OK, "\"waits\":true" },
    { "U000004", "user.add", "{'login':'mia','name':'Mia','roles':'viewer approver'}", E_OK, "\"id\":\"U000005\"" },
    { "U000001", "user.setup_code", "{'person':'U000002'}", E_OK, "\"waits\":true" },
    { "U000004", "user.setup_code", "{'person':'U000002'}", E_OK, "\"code\":" },
    { "U000001", "user.setup_code", "{'person':'U000003'}", E_OK, "\"code\":" },
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    Answer a = ask(t, rows[i].command, rows[i].actor, rows[i].args);
    if (a.err != rows[i].want || str_find(a.result_json, str_of(rows[i].result)) == SIZE_MAX)
      print_error("row %zu: %s %.*s %.*s\n", i, err_name(a.err), STR(a.words), STR(a.result_json));
    assert_int_equal(a.err, rows[i].want);
    if (a.err == E_OK) assert_true(str_find(a.result_json, str_of(rows[i].result)) != SIZE_MAX);
  }
  Who eve = who(t, "U000002");
  assert_true(who_roles(&eve, S("p9")) & ROLE_APPROVER);
  assert_false(who_roles(&eve, S("p9")) & ROLE_QA_MANAGER);
  Seconds waiting = { 0 };
  t->cx.now_us = clock_now_us();
  assert_int_equal(people_seconds(&t->cx, t->s, &waiting), E_OK);
  assert_int_equal(waiting.n, 2);
}

/* Somebody with root writes into the database: verify names the account. */
static void verify_names_an_edited_account(void **state) {
  World *t = *state;
  static const char *const edits[] = {
    "insert into person_grant values ('U000002', '', 'approver')",
    "update person set name = 'Other' where id = 'U000002'",
    "update credential set phc = '$argon2id$v=19$x' where person = 'U000002'",
    "insert into duty values ('DTY-000001', 'U000002', 'psirt_lead', '', 'holder', '', '', 0, 9, 1, 'U000001', 0, '')",
  };
  static const char *const undo[] = { "delete from person_grant where role = 'approver'",
                                      "update person set name = 'Name of eve' where id = 'U000002'", "",
                                      "delete from duty" };
  for (size_t i = 0; i < COUNT(edits); i++) {
    VerifyReport before = { 0 }, after = { 0 };
    sqlite3 *db;
    assert_int_equal(ledger_verify(&t->cx, t->s, &people_verify_part, 1, &before), E_OK);
    for (size_t k = 0; k < before.findings.n; k++)
      assert_false(str_find(before.findings.p[k].object, S("user:")) != SIZE_MAX ||
                   str_find(before.findings.p[k].object, S("duty:")) != SIZE_MAX ||
                   str_eq(before.findings.p[k].kind, S("table")));
    Str path = str_fmt(t->cx.arena, "%s/proofline.db", t->folder);
    assert_int_equal(sqlite3_open(path.p, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, edits[i], NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ledger_verify(&t->cx, t->s, &people_verify_part, 1, &after), E_OK);
    bool named = false;
    for (size_t k = 0; k < after.findings.n; k++)
      named = named || str_find(after.findings.p[k].object, S("U000002")) != SIZE_MAX ||
              str_find(after.findings.p[k].object, S("duty:DTY-000001")) != SIZE_MAX;
    assert_true(named);
    if (undo[i][0]) assert_int_equal(sqlite3_exec(db, undo[i], NULL, NULL, NULL), SQLITE_OK);
    else assert_int_equal(ask(t, "user.setup_code", "U000001", "{'person':'U000002'}").err, E_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    EACH(rights_follow_the_table),
    EACH(roles_hold_for_their_product),
    EACH(commands_refuse),
    EACH(the_last_administrator_stays),
    EACH(duties_and_deputies),
    EACH(a_duty_holds_where_when_and_up_to),
    EACH(t_sod_4_two_people),
    EACH(verify_names_an_edited_account),
  };
  RUN("people", tests);
}
