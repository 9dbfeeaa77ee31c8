/* people.h - people, roles, duties, sessions: who may do what, in one function.
 *
 * Floor 3.  Includes base, format, crypto, store, serve, ledger.
 * Fact: person, person_grant, credential, totp, recovery_code (one fact "user" per person); duty (each a fact).
 * Passing: session, setup_code, login_delay, totp_step.
 * One human has one account, which is never deleted and never given to another (21 CFR 11.100(a), 11.300(a)). */
#pragma once
#include "ledger/ledger.h"
#include "serve/serve.h"

/* ---- roles -------------------------------------------------------------------------------------------- */

/* constant, word in commands and tables, title on pages, what it is for */
#define ROLES(X)                                                                                                    \
  X(VIEWER,               "viewer",               "Viewer",               "reads the records of its products")      \
  X(ENGINEER,             "engineer",             "Engineer",             "writes designs, threats, tests")         \
  X(SECURITY_LEAD,        "security_lead",        "Security lead",        "leads threat models and triage (PSIRT)") \
  X(RISK_MANAGER,         "risk_manager",         "Risk manager",         "keeps the risk file")                    \
  X(CLINICAL_SAFETY,      "clinical_safety",      "Clinical safety",      "judges harm to patients")                \
  X(REGULATORY,           "regulatory",           "Regulatory affairs",   "reports and submissions")                \
  X(REVIEWER,             "reviewer",             "Reviewer",             "signs as reviewed")                      \
  X(APPROVER,             "approver",             "Approver",             "signs as approved")                      \
  X(DOCUMENT_CONTROL,     "document_control",     "Document control",     "keeps controlled documents")             \
  X(SUPPLIER_MANAGER,     "supplier_manager",     "Supplier manager",     "keeps suppliers and agreements")         \
  X(TRAINING_COORDINATOR, "training_coordinator", "Training coordinator", "keeps training records")                 \
  X(QA_MANAGER,           "qa_manager",           "QA manager",           "keeps the quality system")               \
  X(AUDITOR,              "auditor",              "Auditor",              "reads everything and the log")           \
  X(ADMINISTRATOR,        "administrator",        "Administrator",        "keeps accounts; sees no record")

typedef uint32_t Roles;                            /* a set of roles */
enum {
#define X(id, word, title, help) ROLE_AT_##id,
  ROLES(X)
#undef X
  ROLE_COUNT
};
#define X(id, word, title, help) static const Roles ROLE_##id __attribute__((unused)) = 1u << ROLE_AT_##id;
ROLES(X)
#undef X
/* The same as constants for tables: ROLE(ENGINEER) | ROLE(QA_MANAGER). */
#define ROLE(id) (1u << ROLE_AT_##id)
#define ROLE_SYSTEM (1u << 31)                     /* our own jobs; never granted to a person */
#define ROLES_NONE 0u
#define ROLES_ALL ((1u << ROLE_COUNT) - 1)         /* every role of people */
#define ROLES_READ (ROLES_ALL & ~ROLE(ADMINISTRATOR))  /* may read records */

typedef struct RoleRow { const char *word, *title, *help; } RoleRow;
extern const RoleRow people_roles[ROLE_COUNT];
Roles role_find(Str word);                         /* one bit, or ROLES_NONE */
Str roles_text(Arena *a, Roles r);                 /* "Reviewer, Approver" */

/* Duties, the role keys of the responsibility rule (ISO 13485 5.5.1, IEC 81001-5-1 4.1.2). */
#define DUTIES(X)                                                                     \
  X("threat_model_owner", "Threat model owner")                                       \
  X("mitigation_authoriser", "Mitigation authoriser")                                 \
  X("security_risk_acceptor", "Security risk acceptor")                               \
  X("safety_risk_owner", "Safety risk owner")                                         \
  X("regulator_contact", "Regulator contact")                                         \
  X("customer_contact", "Customer contact")                                           \
  X("psirt_lead", "PSIRT lead")                                                       \
  X("incident_commander", "Incident commander")                                       \
  X("release_authoriser", "Release authoriser")                                       \
  X("supplier_security_owner", "Supplier security owner")                             \
  X("clinical_assessor", "Clinical assessor")
typedef struct DutyRow { const char *word, *title; } DutyRow;
extern const DutyRow people_duties[];
extern const size_t people_nduties;
const DutyRow *duty_find(Str word);                /* NULL when unknown */

/* ---- who ---------------------------------------------------------------------------------------------- */

typedef struct Grant { Roles roles; Str product; } Grant;   /* product "": all */
typedef struct Who {
  Str id, login, name, email, title;
  bool active;
  Grant *grant; size_t ngrant;       /* one row per product */
  Str ask;                           /* name of an administrator, for the words of a denial */
  Str session;                       /* hex of the session's hash; STR_NONE when not from a session */
  int64_t seen_us;                   /* when the session was last kept awake */
  Hash csrf;                         /* what its CSRF tokens mask */
  Str token, scopes, types;          /* of an API token: its id, what it may do, on which record types ("": all) */
} Who;

/* By id; "system" is our own jobs (ROLE_SYSTEM).  Also for disabled people: look at `active`.  E_NOTFOUND. */
Err people_who(Cx *cx, Store *s, Str person_id, Who *out);
Err people_who_login(Cx *cx, Store *s, Str login, Who *out);       /* E_NOTFOUND */

#define PRODUCT_ANY S("*")           /* "on any product at all": for pages that span products */
/* Roles on a product: those granted for it or for all.  "" (company-wide things): only those granted for all. */
Roles who_roles(const Who *who, Str product);

/* Rows for pages and rules, ordered by id.  product/duty STR_NONE: all. */
typedef struct Person { Str id, login, name, email, title; bool active, has_password; int64_t created_us; } Person;
typedef VEC(Person) Persons;
Err people_list(Cx *cx, Store *s, Persons *out);
Str people_name(Cx *cx, Store *s, Str person_id);                  /* printed name; the id itself when unknown */
/* kind: holder, deputy (of a holder), delegate (of a holder, who made it).  A deputy's or delegate's duty ends with the
 * holder's.  upto: highest level of residual risk that may be accepted, "" without limit.  active: the account is. */
typedef struct Duty {
  Str id, person, name, product, duty, kind, deputy_of, upto, made_by;
  int32_t from_day, to_day;
  int64_t made_us, ended_us;                       /* ended_us 0: not ended before its last day */
  bool active;
} Duty;
typedef VEC(Duty) Duties;
enum { DUTY_FOREVER = 2932896 };                   /* 9999-12-31 */
/* In force at cx->now_us. */
Err people_duties_of(Cx *cx, Store *s, Str product, Str duty, Duties *out);
Err people_duties_ever(Cx *cx, Store *s, Duties *out);
typedef struct Session { Str hash, person, address; int64_t created_us, seen_us, expires_us; } Session;
typedef VEC(Session) Sessions;
Err people_sessions(Cx *cx, Store *s, Str person, Sessions *out);

/* ---- authorise ---------------------------------------------------------------------------------------- */

/* words: "importing an SBOM"; whole: asks for the role on all products, as what it shows spans them. */
typedef struct Right { const char *name; Roles roles; const char *words; bool whole; } Right;
extern const Right people_rights[];
extern const size_t people_nrights;
const Right *right_find(Str name);                                 /* NULL when unknown */

/* E_OK or E_DENIED: "Importing an SBOM needs the role Engineer or Security lead. Ask Lukas Haas (administrator)."
 * E_UNAUTHENTIC for a disabled person.  The right "none" is everybody's, signed in or not (who may be NULL). */
Err authorise(Cx *cx, const Who *who, const char *right, Str product);
/* The same decision with the roles given by a record type or a step; what: "approving RISK-0042". */
Err authorise_roles(Cx *cx, const Who *who, Roles any_of, Str product, const char *what);

/* What a duty permits on one product at a time.  what: "Accepting SRK-01"; level, levels: of the residual risk, and all
 * words of it from the lowest on; NULL where no level matters. */
typedef struct DutyAsk {
  Str duty, product, level;
  const char *const *levels;
  const char *what;
  int64_t now_us;
} DutyAsk;
/* by: how this person comes to it, in their own name or for somebody else.  E_DENIED names who holds it. */
Err authorise_duty(Cx *cx, Store *s, const Who *who, const DutyAsk *ask, Duties *by);

/* What a record that assigns a duty does (role_assignment): person, duty, product, deputy_of ("": a holder), upto,
 * days of *d; an entry for each row; one that was there ends.  E_DENIED: to the actor themselves (SOD-4). */
Err people_duty_set(Cx *cx, Call *call, Duty *d);
Err people_duty_end(Cx *cx, Call *call, const Duty *d);            /* E_OK also where there is none */

/* ---- sessions and passwords, for pages and the command line ------------------------------------------- */

typedef struct SignIn { Str login, password, address, request; bool secure; Str code; } SignIn;
/* Checks the password here (never in the writer), then has the session written.
 * *set_cookie is a whole Set-Cookie value.
 * E_UNAUTHENTIC: one text whether the account exists or not.  E_SLOW_DOWN: after five failures.  From the fifth on
 * cx->words name the wait before the next try and *wait_s gives it (0 otherwise). */
Err people_sign_in(Cx *cx, Store *s, Writer *w, const Settings *set, const SignIn *in, Who *who, Str *set_cookie,
                   int *wait_s);
Err people_sign_out(Cx *cx, Writer *w, const Who *who, Str request, bool secure, Str *set_cookie);
/* The person behind a request's cookie, read afresh each time.  E_UNAUTHENTIC: no session, over, or disabled. */
Err people_session(Cx *cx, Store *s, const Settings *set, const Request *req, Who *out);
/* Keeps the session awake; asks the writer at most once a minute. */
Err people_touch(Cx *cx, Writer *w, const Who *who, Str request);

/* For re-authentication at signatures: E_UNAUTHENTIC "Password not correct. ...", E_SLOW_DOWN; counted as a failure. */
Err people_password_ok(Cx *cx, Store *s, Writer *w, const Settings *set, const Who *who, Str password, Str address,
                       Str request);
/* After the writer found the code of this signature wrong, and said so in cx: counts it like a wrong password and adds
 * how many tries are left.  E_UNAUTHENTIC, E_SLOW_DOWN. */
Err people_code_wrong(Cx *cx, Store *s, Writer *w, const Settings *set, const Who *who, Str address, Str request);
/* Policy (15 to 256 bytes, not a common one, not the login) and hash: the PHC text for user.add and user.set_password.
 * E_INVALID with a problem on field "password". */
Err people_password_new(Cx *cx, const Settings *set, Str login, Str password, Str *phc);

/* ---- the second factor -------------------------------------------------------------------------------- */

/* Codes of an authenticator app (RFC 6238) or, each once, one of ten recovery codes.  The secret is sealed with the key
 * in folder/secret.key, which no backup of the store holds.  Made at init; the writer makes it where it is missing. */
Err people_secret_make(Cx *cx, const char *folder);
/* First start: a one-time code for user.first, good for 15 minutes; the folder keeps its hash.  Show it on the console
 * alone. */
Err people_first_code(Cx *cx, const char *folder, Str *code);
extern const char people_first_roles[];            /* words, with spaces between */
Err people_enrolled(Cx *cx, Store *s, Str person, bool *out);
Err people_recovery_left(Cx *cx, Store *s, Str person, int64_t *out);   /* recovery codes not used yet */
Str people_totp_uri(Arena *a, Str company, Str login, Str secret);  /* otpauth://, as apps read it */
/* In the writer: E_OK when this person has no second factor or the code is right, which then is used up, and
 * c->auth says "password+code".  E_UNAUTHENTIC names what is wrong.  Failures counted so far are forgotten. */
Err people_factor(Cx *cx, Call *c, const Who *who, Str code);
/* What a page was given out for, so that nothing else comes back: HMAC over `what` by the same key, 64 hex digits. */
Err people_ticket(Cx *cx, Store *s, Str what, Str *out);
/* Whether this session (Who.session) is alive and of this person, as the writer sees it. */
Err people_session_live(Cx *cx, Store *s, Str session, Str person, int64_t now_us, bool *out);

/* ---- tokens, alerts, what needs two ------------------------------------------------------------------- */

/* The scopes of API tokens.  No token signs, approves, or touches accounts. */
typedef struct ScopeRow { const char *word, *help; } ScopeRow;
extern const ScopeRow people_scopes[];
extern const size_t people_nscopes;
typedef struct Token {
  Str id, person, name, scopes, product, types;
  int64_t made_us, expires_us, ended_us, used_us;   /* ended_us 0: not revoked; used_us 0: never */
} Token;
typedef VEC(Token) Tokens;
Err people_tokens(Cx *cx, Store *s, Str person, Tokens *out);      /* person STR_NONE: everybody's */
/* The person behind `Authorization: Bearer` or `X-Api-Key`, cut down to what the token may do.  E_UNAUTHENTIC. */
Err people_token(Cx *cx, Store *s, const Request *req, Who *out);
/* The actor of a command: the same person with the same limits, read afresh by the writer (auth "token:TOK-000001"). */
Err people_call_who(Cx *cx, const Call *call, Who *out);
bool who_type_ok(const Who *who, const char *type);                 /* a token may be for some record types only */

typedef struct Alert { Str id, kind, person, words, seen_by, note; int64_t at_us, seen_us; } Alert;
typedef VEC(Alert) Alerts;
Err people_alerts(Cx *cx, Store *s, bool all, Alerts *out);       /* the newest first; !all: those nobody has closed */
/* What one person may not do alone.  *waits: the first of two asked; the second has to give the same command within a
 * week.  Nobody else who could: it is done at once, and the entry says so in `to`.  beneficiary: whom it is about. */
Err second_person(Cx *cx, Call *call, Str beneficiary, Str words, bool *waits, Str *to);
typedef struct Second { Str words, asked_by; int64_t asked_us; } Second;
typedef VEC(Second) Seconds;
Err people_seconds(Cx *cx, Store *s, Seconds *out);                 /* asked by one person, waiting for another */

Str csrf_token(Cx *cx, const Who *who);                            /* another text on each call (BREACH) */
bool csrf_ok(Cx *cx, const Who *who, Str token);

/* ---- what the app wires ------------------------------------------------------------------------------- */

/* user.first user.add user.set_password user.setup_code user.use_code user.disable user.enable user.grant user.revoke
 * user.totp_enrol user.totp_confirm user.totp_drop duty.set duty.drop duty.delegate
 * token.create token.revoke token.used alert.seen user.recovery
 * session.open session.failed session.close session.touch */
extern const Command *const people_commands[];
extern const size_t people_ncommands;
extern const Migration people_schema[];
extern const size_t people_nschema;
extern const VerifyPart people_verify_part;
/* WriterHooks.authorise: the actor must exist, be active, and hold the command's right.  A command whose right depends
 * on the product names it in its argument "product". */
Err people_authorise_command(Cx *cx, Call *call);
