/* record.h - what a record type is, and the one way to write a record.
 *
 * Floor 4.  Includes base, format, crypto, store, serve, ledger, people.
 *
 * A type is one constant RecordType in one file of its domain (risk/threat.c: `const RecordType record_threat`),
 * named in that folder's meson.build list; forms, JSON, CSV, the data dictionary and the projection tables
 * follow from it.
 * The truth of a record is the canonical JSON body of an append-only revision (ledger.h); its state follows from the
 * entries; the tables record, link, record_product and r_TYPE are projections that `rebuild` remakes.
 *
 * Body of a revision, canonical JSON:
 *   {"fields":{"stride":"tampering",...},"id":"T-001","links":{"mitigated_by":[{"seen":"<16 hex>","self":"<16 hex>",
 *    "to":"RC-01"}]},"model":1,"owner":"U000003","products":["sorrel-p1"],"rev":3,"title":"...","type":"threat"}
 * and, when it has files, "files":[{"bytes":5,"media":"text/plain","name":"a.txt","sha256":"<64 hex>"}] after "fields".
 * Absent fields are left out; TEXT, LONG, CHOICE, PERSON are strings, DATE "2026-11-22", INT a number,
 * BOOL true or false; a MANY field is an array.  Links of one name are in the order given. */
#pragma once
#include "ledger/ledger.h"
#include "people/people.h"
#include "serve/serve.h"

/* ---- the shape of a type ------------------------------------------------------------------------------- */

typedef enum FieldKind { TEXT, LONG, CHOICE, INT, DATE, BOOL, PERSON, LINK } FieldKind;   /* eight kinds, no more */
enum { REQUIRED = 1, MANY = 2, NOTE = 4,     /* NOTE: not semantic; changing it makes no link suspect */
       MADE = 8 };                           /* written by a command of its own (record_put_made), never by an input */

typedef struct Field {
  const char *name, *label;
  FieldKind kind;
  unsigned flags;
  /* INT: range when max > min; TEXT, LONG: most bytes (0: 500 and 65,536).  LINK: min links are needed when the record
   * settles (guard.c); the most is one, or any number with MANY */
  int64_t min, max;
  const char *const *choices;     /* CHOICE: NULL-terminated words, lower_snake; shown with '_' as ' ' */
  /* LINK: type names separated by spaces, "*" for any; name must be in the vocabulary */
  const char *to;
  const char *help;
} Field;

/* The directed links of the whole product: name, the same read backwards, words both ways.  tells: it only says where
 * something came from or what happened, and does not stand against retiring what it points to. */
typedef struct LinkName { const char *name, *inverse, *label, *inverse_label; bool tells; } LinkName;
extern const LinkName link_names[];
extern const size_t nlink_names;
const LinkName *link_name(Str name, bool *inverse);     /* by either name; NULL when unknown */

enum { ST_EDIT = 1,       /* may be edited in place: each save is a revision in the same state */
       ST_ACCEPTED = 2,   /* counts as evidence: approved, effective, completed ... */
       ST_CLOSED = 4 };   /* nothing more is due */
typedef struct State { const char *name; unsigned flags; } State;

enum { STEP_SECOND = 1,   /* not by anybody who contributed since the last accepted revision */
       STEP_REASON = 2,   /* needs a reason of 10 or more characters */
       STEP_SIGN = 4 };   /* is an approval with a meaning; re-authentication is the signing ceremony's */
typedef struct Step {
  const char *name;       /* "approve" */
  const char *from, *to;  /* states; from "*" is any that is not closed */
  unsigned flags;
  Roles roles;            /* who may take it; 0: the type's editors */
  const char *label;      /* the button: "Approve" */
  const char *means;      /* what the person says by it: "I approve this record as it stands" */
} Step;

/* What must hold before a step; a row of a lifecycle or of a type, checked where every step passes (guard.c) and
 * printed with the model.  Refusals are E_CONFLICT with the words of all rows that do not hold. */
struct Record;
typedef enum GuardKind {
  GUARD_FIELD,     /* the field `name` is set; `is`: to one of these words */
  GUARD_LINK,      /* one of the links `name` (words, either end's name) to or from a record that counts;
                    * is: words: "accepted" (was once), and the types of which it must be one */
  GUARD_UNUSED,    /* nothing that is not closed links here */
  GUARD_ASK,       /* the function says why not; "" when it holds */
  GUARD_GATE       /* the function of record_gate_set() says it */
} GuardKind;
typedef Err RecordGate(Cx *cx, Store *s, const struct Record *r, Str *why_not);
typedef struct Guard {
  const char *step;       /* names of steps, with spaces between */
  GuardKind kind;
  const char *name, *is;
  const char *words;      /* a sentence that says what must hold */
  const char *when;       /* only when "field=value value" or "field!=value value"; NULL: always */
  RecordGate *ask;
} Guard;
/* What floors above this one have to say to a release or a submission (their rules); NULL: nothing. */
void record_gate_set(RecordGate *ask);

typedef struct Lifecycle {
  const char *name;
  const State *states; size_t nstates;
  const Step *steps; size_t nsteps;
  const Guard *guards; size_t nguards;
} Lifecycle;

/* regulatory.md 9.2.  The first state is where a record starts; editing in a state without ST_EDIT starts a new
 * revision in the first state (a draft), while the accepted revision stays in force. */
extern const Lifecycle life_document, life_item, life_case, life_execution, life_release, life_supplier,
    life_submission, life_report, life_external, life_vex, life_risk, life_capa, life_person;

/* A seat at a step of one type (NULL: of every type with the lifecycle `life`): the roles that fill it (0: the step's
 * own), the duty that it asks for (NULL: none) and the field with the residual level that the duty's holder may accept.
 * Several seats: several signatures.  kind, means: what a signature from this seat says where that is not what the step
 * says; such seats are filled in their order, one by each signature.  The kind "authored" is for whoever wrote in the
 * record or owns it, and its roles are the type's editors; every other seat of a step with STEP_SECOND is for people
 * who did not write in it.  policy: manifests before this one did not know the seat. */
typedef struct Seat {
  const char *type, *step;
  Roles roles;
  const char *duty, *level, *life, *kind, *means;
  int policy;
} Seat;
extern const Seat record_seats[];
extern const size_t record_nseats;
struct RecordType;
bool seat_is_of(const Seat *seat, const struct RecordType *t, const Step *step);

struct ComputedFact;              /* trace.h */
typedef struct RecordType {
  const char *name, *title, *plural, *prefix;   /* "threat", "Threat", "Threats", "THR" */
  const char *area;               /* the folder that owns it: "risk" */
  const Lifecycle *life;
  Roles editors;                  /* who may create and edit */
  const Field *fields; size_t nfields;
  Err (*check)(Cx *cx, const struct Record *r);   /* adds problem()s; may be NULL */
  const struct ComputedFact *facts; size_t nfacts;
  const char *help;               /* one sentence: what it is for */
  const Guard *guards; size_t nguards;
  /* After a step, in its transaction: what follows for other records (record_step_by); may be NULL. */
  Err (*entered)(Cx *cx, Call *call, const struct Record *r, const Step *step);
} RecordType;
#define ROWS(array) (array), COUNT(array)

/* Set once at start, before anything else here.  Checks the tables (names unique, links in the vocabulary, targets
 * exist) and fails with E_BUG naming the row. */
Err record_types_set(Cx *cx, const RecordType *const *types, size_t n);
const RecordType *record_type(Str name);                 /* by name or plural; NULL when unknown */
Err record_type_need(Cx *cx, Str name, const RecordType **out);   /* E_NOTFOUND names the nearest */
const RecordType *record_type_at(size_t i);              /* NULL past the end */
size_t record_type_index(const RecordType *t);
const Field *record_field(const RecordType *t, Str name, size_t *index);
const State *life_state(const Lifecycle *l, Str name);
const Step *life_step(const Lifecycle *l, Str name, Str from);
Roles step_roles(const RecordType *t, const Step *step);   /* who may take it, by role */
/* What its signatures say, by kind (21 CFR 11.50(a)(3)): one word, or several with ", " between where one person says
 * both.  The kinds of its seats in their order, else the one of the step; NULL past the last. */
const char *step_kind(const RecordType *t, const Step *step, size_t i);

/* ---- a record ------------------------------------------------------------------------------------------ */

typedef struct Link { Str to, seen, self; } Link;        /* fingerprints when it was accepted; "" when none was known */
typedef struct Value {
  bool set;
  int64_t i;                      /* INT, BOOL; DATE as days */
  Str s;                          /* TEXT, LONG, CHOICE, PERSON; DATE as text */
  VEC(Str) list;                  /* MANY of TEXT, CHOICE, PERSON */
  VEC(Link) links;                /* LINK */
} Value;
typedef struct FileRef { Str name, sha256, media; int64_t bytes; } FileRef;   /* name: data, whatever it looks like */
typedef struct Record {
  const RecordType *type;
  Str id, title, owner;
  VEC(Str) products;              /* ids of product records; empty: the company's */
  VEC(FileRef) files;             /* the bytes are blobs by their hash; a signature over the revision covers them */
  int64_t rev;
  Value *values;                  /* type->nfields of them */
  /* filled when read from the store: */
  Str state;
  Hash hash;
  int64_t in_force_rev;           /* last accepted revision, 0 when none */
  int64_t created_us, changed_us;
  Str changed_by;
  bool is_last;
} Record;

Err record_parse(Cx *cx, Str body, Record *out);                             /* a stored body */
Err record_body(Cx *cx, const Record *r, Str *canonical);
/* Semantic fingerprint: 16 hex digits over title and all fields without NOTE; links excluded. */
Str record_fingerprint(Cx *cx, const Record *r);
/* rev 0: the last.  id may have any letter case.  E_NOTFOUND names the nearest id. */
Err record_get(Cx *cx, Store *s, Str id, int64_t rev, Record *out);
/* The past: records as they stood when the log had `size` entries (ledger_size_at).  E_NOTFOUND: not there yet. */
Err record_get_at(Cx *cx, Store *s, Str id, int64_t size, Record *out);
typedef Err RecordEach(Cx *cx, void *env, const Record *r);        /* r is valid until it returns */
Err record_each_at(Cx *cx, Store *s, int64_t size, RecordEach *each, void *env);
/* Merges an input object (a form or JSON: "title", "owner", "products", fields, links as arrays of ids; null clears)
 * into r.  Every fault becomes a problem: unknown field (nearest named), bad choice (choices listed), bad date, too
 * long, wrong kind, link to a wrong type.  Ends with problems_fail(). */
Err record_merge(Cx *cx, Store *s, JVal *input, Record *r);
/* Somebody wrote it or moved it on since it was last accepted, so that a judgement is waited for. */
Err record_unjudged(Cx *cx, Store *s, Str id, bool *yes);
/* What a person may do with it now: steps of its state with whether `who` may take each and, if not, why. */
typedef struct StepChoice { const Step *step; bool allowed; Str why_not; Err refusal; } StepChoice;
Err record_choices(Cx *cx, Store *s, const Who *who, const Record *r, StepChoice **out, size_t *n, bool *may_edit);

/* For commands of the domains, which have a right of their own and decide by it: a new record (id: the next number),
 * a new revision of one, a step, as the actor of the call, with its reason.  Guards, links and fields are checked as
 * ever; roles and separation of duties are the command's.  *r is then as stored.  Steps that are signatures:
 * E_DENIED. */
Err record_new_by(Cx *cx, Call *call, Record *r);
Err record_save_by(Cx *cx, Call *call, Record *r);
Err record_step_by(Cx *cx, Call *call, const char *step, Record *r);
Record record_blank(Arena *a, const RecordType *t);
Record record_copy(Arena *a, const Record *r);                   /* values can be replaced without touching r's */
Value *record_value(const Record *r, const char *field);         /* NULL: the type has no such field */

/* ---- commands ------------------------------------------------------------------------------------------ */

/* record.new     {type, id?, input{}}             -> {id, rev, hash, state}; id only if free and well-formed
 * record.save    {id, base, input{}}              -> the same; base: revision that was edited, E_STALE when it
 *                                                    is not the last (the words name who saved what); nothing
 *                                                    changed: E_OK
 * record.step    {id, base, step}                 -> {id, rev, state}
 * record.link    {id, base?, link, to}, record.unlink {id, base?, link, to} (a reason), record.confirm {id, link, to}
 * record.load    {rows[]}                         many new records at once: id, type, input; all or nothing; rows
 *                                                    may link to later rows; a large list comes as payload;
 *                                                    -> {count, ids[]}
 * record.link and unlink take either name of a link and change the record that holds it.  record.confirm keeps
 * the state; when the revision was in force, the confirmed one is.  A record that ended without being
 * accepted cannot be edited.
 * Each writes its entry; obj is "T-001@3". */
/* record.attach  {id, base?, name} and the bytes as payload -> the same and sha256; record.detach {id, base?, sha256}
 * with a reason.  A file of the same content replaces its name. */
enum { FILE_MOST = 64 << 20 };
/* The kind of a file by its name's ending and its content.  E_INVALID (name), E_FORMAT, E_TOO_LARGE. */
Err file_kind(Cx *cx, Str name, Str bytes, Str *media);
/* For commands of floors above: new values of MADE fields in a new revision, with the checks of record.save. */
typedef struct MadeValue { const char *field; Value value; } MadeValue;
Err record_put_made(Cx *cx, Call *call, Str id, const MadeValue *made, size_t n);
const FileRef *record_file(const Record *r, Str sha256_hex);             /* NULL when it has none of that hash */
Str files_text(Cx *cx, const Record *r);                                 /* names and hashes, for people */
extern const Command record_commands[];
extern const size_t nrecord_commands;

/* record.sign    {step?, ids[], nonce, shown, ticket, session, code?} -> {signed, id, rev, state, signature}: below
 * A step with STEP_SIGN is refused by record.step, but for the sample company's replay (auth and source "demo"), whose
 * signatures say "sample". */

/* ---- signatures ---------------------------------------------------------------------------------------- */

enum { SIGN_MOST = 50, SIGN_TRIES = 5, SIGN_MINUTES = 10 };
/* What is to be signed: one step on 1 to 50 records, or with step "" on each the one signature that its state and
 * content lead to (E_INVALID: they lead to several).  nonce, shown_us, ticket: empty to open a ceremony; those of the
 * page to go on with it. */
typedef struct SignWhat {
  Str step, session;
  const Str *id;
  size_t n;
  Str nonce, ticket;
  int64_t shown_us;
} SignWhat;
/* manifest: canonical JSON of record, revision and its hash, meaning, signer, roles, what it rests on, earlier
 * signatures, method, nonce and time; hash: its SHA-256. */
/* waits: who else signs before the step is taken, "" when this signature takes it; acts: in whose name and duty. */
typedef struct SignItem {
  Record record;
  const Step *step;
  const char *means, *kind;                         /* what the signature says */
  Str manifest; Hash hash; Str waits, acts;
} SignItem;
typedef struct Ceremony {
  Str step, session, nonce, ticket;
  const char *method;             /* "password", "password+code" when the signer has a second factor */
  int64_t shown_us;
  SignItem *item;
  size_t n;
} Ceremony;
/* Checks state, rights and separation of duties and makes what would be signed.  Going on with one: E_STALE when that
 * is not, to the byte, what the page showed to this session.  E_CONFLICT, E_DENIED, E_NOTFOUND, E_INVALID. */
Err sign_open(Cx *cx, Store *s, const Who *who, const SignWhat *what, Ceremony *out);
/* What else keeps a person from signing, asked at every ceremony: overdue training (21 CFR 11.10(i)).  *why is "" when
 * nothing does.  NULL: nothing is asked.  And whether a signature on the password alone is refused. */
typedef Err SignerGap(Cx *cx, Store *s, Str person, int64_t now_us, Str *why);
void record_signing_set(SignerGap *gap, bool factor_required);
/* Arguments of record.sign.  Whoever asks has checked the password just before and says so: auth "password". */
Str sign_args(Cx *cx, const Ceremony *c, Str code);

typedef struct Signature {
  Str hash, record, manifest;     /* hash: of the manifest */
  int64_t rev, seq, signed_us;
  Str signer, name, title, kind, meaning, method, body_hash, to, rule;
  Str acts;                       /* "Security risk acceptor, deputy of Lena Brandt"; "" */
  Str about; int64_t about_rev;   /* what the manifest itself says */
} Signature;
typedef VEC(Signature) Signatures;
Err record_signatures(Cx *cx, Store *s, Str id, Signatures *out);          /* of all revisions, the oldest first */
/* The kind of signature that a step of the last revision waits for next; "" where its seats have no kinds. */
Err record_next_kind(Cx *cx, Store *s, const Record *r, const Step *step, Str *kind);
Str signature_covers(Cx *cx, const Signature *s, int64_t rev);             /* "covers revision 3, not revision 4" */
Str signature_kind(Arena *a, Str kind);                                        /* "reviewed and approved" */
Str signature_method(const Signature *s);                                  /* "password and code" */
void signatures_json(Cx *cx, JsonOut *o, const Signatures *all);           /* an array */

extern const Migration record_schema[];                     /* run by record_create_tables() */
extern const size_t record_nschema;

/* Outside a transaction; also projection tables of every type.  A model that changed makes all of them anew. */
Err record_create_tables(Cx *cx, Store *s);
/* Remakes every projection from revisions and entries, in a transaction of its own.  count: records. */
Err record_rebuild(Cx *cx, Store *s, int64_t *count);
extern const VerifyPart record_verify_part;                 /* compares projections with what they follow from */

/* ---- walkers ------------------------------------------------------------------------------------------- */

/* id type revision state title hash owner products fields links; signatures unless NULL */
void record_json(Cx *cx, JsonOut *o, const Record *r, const Signatures *signatures);
/* Human text of one value: choices with spaces, dates, "yes"/"no", lists with commas, link ids. */
Str value_text(Cx *cx, const Field *f, const Value *v);
Str choice_words(Arena *a, Str choice); /* "denial_of_service" -> "Denial of service", "pms_plan" -> "PMS plan" */
/* Fields that differ between two revisions of one type. */
typedef struct FieldChange { const char *name, *label; Str before, after; } FieldChange;
Err record_diff(Cx *cx, const Record *a, const Record *b, FieldChange **out, size_t *n);
/* The model as JSON of contract.md. */
void model_json(JsonOut *o);
/* The same as tables: types, fields (the data dictionary), steps (with who may take them), links, states, guards.
 * cells: row after row.  E_USAGE: no such table. */
typedef struct ModelTable { const char *name, *title, *help; VEC(Str) columns, cells; } ModelTable;
extern const char *const model_tables[];                     /* ended by NULL */
Err model_table(Cx *cx, Str name, ModelTable *out);
void model_table_markdown(const ModelTable *t, Buf *b);
Err model_markdown(Cx *cx, Buf *out);                        /* all of them */
bool model_life_first(size_t at);                            /* type `at` is the first with its lifecycle */
Str model_life_types(Cx *cx, const Lifecycle *l);            /* "Document, Risk plan" */

/* ---- for tests (dep_record_life) ----------------------------------------------------------------------- */

/* Runs one command as the writer would, in a savepoint of the open transaction.  result: its JSON object. */
Err record_try(Cx *cx, Store *s, const char *command, Str actor, Str reason, Str args_json, JVal **result);
/* The same with what the actor proved and where it came from; record_try() plays a sample. */
Err record_try_as(Cx *cx, Store *s, const char *command, Str actor, Str auth, Str source, Str reason, Str args_json,
                  JVal **result);
/* People for tests: one with each single role, and three with every role that may read and every duty. */
typedef struct LifeCast { Str only[ROLE_COUNT], author, second, third; } LifeCast;
Err record_life_cast(Cx *cx, Store *s, LifeCast *out);       /* inside a transaction */
/* What a generated value would not satisfy: the JSON to use instead for a field of a type; NULL leaves it out. */
typedef struct LifeSample { const char *type, *field, *json; } LifeSample;
/* Walks every registered type through its whole life in an empty, open store.  Ends at the first fault with E_BUG and
 * words that name type and field or step. */
Err record_life_test(Cx *cx, Store *s, const LifeCast *cast, const LifeSample *samples, size_t n, int64_t *checks);
