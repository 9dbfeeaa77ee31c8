/* verify.c - the commands of supply/, and what it answers for when the store is verified. */
#include "supply/inside.h"
#include "supply.sql.h"

/* ---- commands ---- */

static const ArgSpec import_args[] = {
  { "product", ARG_TEXT, true, "id of the product" },
  { "release", ARG_TEXT, false, "release that the SBOM is of" },
  { "name", ARG_TEXT, false, "which of a release's SBOMs: firmware, app, cloud" },
  { "element", ARG_TEXT, false, "id of the design element that holds the components" },
  { "file", ARG_TEXT, false, "name of the file" },
  { "accept_errors", ARG_BOOL, false, "take it although it departs from its specification" },
};
static const ArgSpec refuse_args[] = {
  { "product", ARG_TEXT, true, "id of the product" },
  { "release", ARG_TEXT, false, "release that it was meant for" },
  { "file", ARG_TEXT, false, "name of the file" },
  { "sha256", ARG_TEXT, true, "of its bytes" },
  { "why", ARG_TEXT, true, "the words of the refusal" },
};
static const ArgSpec set_args[] = {
  { "product", ARG_TEXT, true, "id of the product" },
  { "identity", ARG_TEXT, true, "the component without its version" },
  { "version", ARG_TEXT, false, "the version that the answer is about; none: every version" },
  { "field", ARG_TEXT, true, "supplier licence support_level support_end element" },
  { "value", ARG_TEXT, true, "the answer; empty takes it back" },
  { "source", ARG_TEXT, false, "where it is from" },
};
static const Command import = { "sbom.import", import_args, COUNT(import_args), "sbom.import", import_run,
                                "Stores an SBOM of a release with its original bytes" };
static const Command refuse = { "sbom.refuse", refuse_args, COUNT(refuse_args), "sbom.import", refuse_run,
                                "Notes in the log that an SBOM could not be used" };
static const Command set = { "component.set", set_args, COUNT(set_args), "component.set", answer_run,
                             "Answers what an SBOM does not say about a component" };
const Command *const supply_commands[] = { &import, &refuse, &set };
const size_t supply_ncommands = COUNT(supply_commands);

/* ---- verifying ---- */

const Fact supply_facts[2] = { { "sbom", SQL_SBOM_FACT_ROWS, SQL_SBOM_FACT_KEYS },
                               { "component", SQL_ANSWER_FACT_ROWS, SQL_ANSWER_FACT_KEYS } };

static Err current_verify(Cx *cx, Store *s, VerifyReport *report) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_VERIFY_CURRENT, NO_ARGS, &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    verify_find(cx, report, "projection", row_text(&r, 0),
                "is marked wrongly as the current SBOM of its release or not");
  }
}

static Err now_verify(Cx *cx, Store *s, VerifyReport *report) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_VERIFY_NOW, NO_ARGS, &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    verify_find(cx, report, "projection", row_text(&r, 1),
                "component_now differs from the answers in component_fact");
  }
}

static Err files_verify(Cx *cx, Store *s, VerifyReport *report) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_VERIFY_FILES, NO_ARGS, &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Str id = str_dup(cx->arena, row_text(&r, 0)), hash = str_dup(cx->arena, row_text(&r, 1)), bytes;
    ArenaMark mark = arena_mark(cx->arena);
    Err e = blob_get(cx, s, hash, &bytes);
    if (e != E_OK && e != E_NOTFOUND) return e;
    bool same = e == E_OK && str_eq(hash_hex(cx->arena, sha256(bytes)), hash);
    if (e != E_OK) cx_forgive(cx);
    arena_release(cx->arena, mark);
    if (!same)
      verify_find(cx, report, "file", id, "%s",
                  e == E_OK ? "its original bytes were changed" : "its original bytes are gone");
  }
}

/* A package is found again by the digest of what it is. */
static Err packages_verify(Cx *cx, Store *s, VerifyReport *report) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_VERIFY_KEYS, NO_ARGS, &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    ArenaMark mark = arena_mark(cx->arena);
    Str field[10];
    for (int i = 0; i < 10; i++) field[i] = row_text(&r, i + 2);
    bool same = str_eq(package_key(cx, field), row_bytes(&r, 1)) &&
                str_eq(package_identity(cx, field[0], field[5], field[6]), row_text(&r, 12));
    int64_t id = row_int(&r, 0);
    arena_release(cx->arena, mark);
    if (!same)
      verify_find(cx, report, "package", str_fmt(cx->arena, "package:%lld", (long long)id),
                  "was changed after it was stored");
  }
}

static Err derived(Cx *cx, Store *s, VerifyReport *report) {
  TRY(current_verify(cx, s, report));
  TRY(now_verify(cx, s, report));
  TRY(packages_verify(cx, s, report));
  return files_verify(cx, s, report);
}

static const char *const tables[] = { "package",         "sbom",           "sbom_component",
                                      "sbom_dependency", "component_fact", "component_now" };
const VerifyPart supply_verify_part = {
  "supply", supply_facts, COUNT(supply_facts), derived, tables, COUNT(tables), supply_schema, SCHEMA_STEPS
};
