/* inside.h - what the files of record/ share.
 *
 * type.c       the registry and its start-up check          lifecycle.c, link.c   the tables
 * body.c       record <-> canonical JSON                    merge.c               input -> record
 * projection.c the tables that follow from the model        read.c                records from the store
 * may.c, seat.c  who may do what                           write.c               the one way to write
 * guard.c      what must hold before a step                 follow.c              what domains write, what follows
 * command.c, load.c  the commands
 * replay.c     states from entries                          rebuild.c             rebuild and verify
 * walk.c       JSON, words, differences                     model.c               the model printed */
#pragma once
#include "record/record.h"

enum { TEXT_BYTES = 500, LONG_BYTES = 65536, TITLE_BYTES = 500, BODY_BYTES = 16 << 20, LIST_ITEMS = 1000, MODEL = 1,
       POLICY = 5 /* of manifests */, REASON_LEAST = 10, TYPES_MOST = 200, ENTRIES_MOST = 1 << 30, ID_BYTES = 40,
       PROBLEMS_MOST = 100 };

/* The type that `products` names; any record will do where no such type is registered. */
#define PRODUCT_TYPE S("product")
#define PERSON_SYSTEM S("system")
#define AUTHORED "authored" /* the kind of signature that only somebody gives who wrote in it, or whose it is */

/* ---- type.c -------------------------------------------------------------------------------------------- */

/* What is worked out once per type. */
typedef struct TypeInfo {
  const RecordType *type;
  size_t *by_name;                    /* indices of fields sorted by name: the order of the canonical body */
  Str table, ddl;                     /* "r_threat" and how it is made */
  Sql put, get, ids, clear;    /* live as long as the process: the store keeps statements by address */
} TypeInfo;
const TypeInfo *type_info(const RecordType *t);
Str type_nearest(Arena *a, Str name);
bool is_word(const char *z);          /* [a-z][a-z0-9_]*: safe as an identifier */
bool field_is_column(const Field *f); /* has a column of its own: neither MANY nor LINK */

/* ---- projection.c -------------------------------------------------------------------------------------- */

void projection_plan(Arena *a, TypeInfo *info);                  /* fills table, ddl and the statements */
Err projection_create(Cx *cx, Store *s, bool *changed);          /* changed: the model is another than before */
/* Writes what follows from the body; before: what the tables hold now, NULL when nothing. */
Err projection_put(Cx *cx, Store *s, const Record *r, const Record *before);
Err projection_clear(Cx *cx, Store *s);
/* Compares the tables with what follows from r; each difference is a finding. */
Err projection_compare(Cx *cx, Store *s, const Record *r, VerifyReport *report);


/* ---- read.c -------------------------------------------------------------------------------------------- */

/* The row of table record. */
typedef struct Head {
  Str id;
  const RecordType *type;
  int64_t rev, in_force_rev, created_us, changed_us, changed_seq;
  Str state, title, owner, hash, fingerprint, changed_by;
} Head;
Err head_find(Cx *cx, Store *s, Str id, Head *out, bool *found); /* any letter case */
Err head_get(Cx *cx, Store *s, Str id, Head *out);               /* E_NOTFOUND names the nearest */
Err head_put(Cx *cx, Store *s, const Head *h);
Err id_not_found(Cx *cx, Store *s, Str id);
Err record_get_head(Cx *cx, Store *s, const Head *h, Record *out);   /* the last revision */
Err contributed(Cx *cx, Store *s, Str id, Str person, bool *yes);

/* ---- merge.c ------------------------------------------------------------------------------------------- */

/* Answers "what is this id?" for links and products: the rows being loaded first, then the store. */
typedef struct Known { Str id; const RecordType *type; Str fingerprint; } Known;
typedef struct Look {
  Store *store;
  const Map *batch;                   /* lower-case id -> index of known; may be NULL */
  const Known *known;
  Str self;                           /* id of the record that is written; "" while it has none */
  Arena *keep;                        /* of `people`: it outlives one record of a load */
  Map people; VEC(Str) person;        /* PERSON values seen, so that a load asks once for each */
  bool links;                         /* false: pass one of a load, links and products are not looked at */
} Look;
Err look_up(Cx *cx, const Look *look, Str id, Known *out, bool *found);
Err merge_input(Cx *cx, Look *look, JVal *input, Record *r);     /* without required, check() and problems_fail() */
void merge_required(Cx *cx, const Record *r);
/* A link to `to` with its fingerprint; a fault is a problem and gives no link. */
Err link_new(Cx *cx, const Look *look, const Field *f, Str to, Link *out, bool *ok);
Look look_new(Cx *cx, Store *s, const Record *r);

/* ---- may.c --------------------------------------------------------------------------------------------- */

Err edit_allowed(Cx *cx, const Who *who, const Record *r);
/* How a person comes to take a step: roles and duties that permit it, the seat with words of its own (NULL: the
 * step's), and what is open after them. */
typedef VEC(Duty) Standings;
typedef struct Standing { Roles roles; Standings duties; const Seat *as; bool completes; Str open; } Standing;
Err step_allowed(Cx *cx, Store *s, const Who *who, const Record *r, const Step *step, Standing *out);
/* Separation of duties: a step with STEP_SECOND is not for a contributor (SOD-1). */
Err not_contributor(Cx *cx, Store *s, const Who *who, const Record *r, const Step *step);
/* Whether the state lets anybody edit: what ended without being accepted stays as it is. */
bool state_editable(const RecordType *t, Str state);
Err may_see(Cx *cx, Store *s, const Who *who, const Record *r);    /* else as if it did not exist */
Err reason_given(Cx *cx, Str reason);
/* What a step does to the list of those who contributed: a second person's acceptance ends it; moving one's own work on
 * adds to it, also where that work then counts without a judgement (a completed test run); judging does neither. */
typedef enum Contribution { CONTRIBUTORS_STAY, CONTRIBUTORS_ADD, CONTRIBUTORS_CLEAR } Contribution;
Contribution step_contribution(const Lifecycle *l, const Step *step, Str from);

/* ---- guard.c ------------------------------------------------------------------------------------------- */

bool step_settles(const Lifecycle *l, const Step *step, Str from);  /* least numbers of links must be there now */
bool guard_at(const Guard *g, const Step *step);
Err guards_hold(Cx *cx, Store *s, const Record *r, const Step *step);   /* E_CONFLICT */
Err step_entered(Cx *cx, Call *call, Str id, const Step *step);          /* what follows from it */

/* ---- seat.c -------------------------------------------------------------------------------------------- */

Err seat_take(Cx *cx, Store *s, const Who *who, const Record *r, const Step *step, Standing *out);
size_t seats_of(const RecordType *t, const Step *step);
Roles seat_roles(const Seat *seat, const RecordType *t, const Step *step);
bool seat_authored(const Seat *seat);
/* From this state a step leads on for which its author signs first: that makes the signer a contributor. */
bool author_signs(const RecordType *t, Str state);
/* The seat of that kind; NULL: none. */
const Seat *seat_of_kind(const RecordType *t, const Step *step, Str kind);
/* For verify: a signature that led on, and those before it since the last step, fill every seat. */
Err seats_filled(Cx *cx, Store *s, const Signature *g, const RecordType *t, const Step *step, bool *out);

/* ---- write.c ------------------------------------------------------------------------------------------- */

typedef struct Write {
  Call *call;
  const char *act;                    /* of the entry */
  Who who;                            /* the actor */
  bool keeps_state;                   /* a confirmation: content is the same, so is what was said about it */
  Hash signed_hash;                   /* of the revision that a signature covers */
} Write;
Err write_open(Cx *cx, Call *call, const char *act, Write *out);
/* A new revision of r; head and before: as it stands (NULL: a new record).  Revision and entry, projections, then the
 * revision is read back and hashed again. */
Err write_revision(Cx *cx, const Write *w, Record *r, const Head *head, const Record *before, Head *out);
Err write_step(Cx *cx, const Write *w, const Step *step, Head *head);
Err write_part(Cx *cx, const Write *w, const Head *head, int64_t *seq);   /* a signature that others still join */

/* Numbers of generated ids, read and kept once per command. */
typedef struct Numbers { int64_t *last; bool *moved; } Numbers;    /* by index of the type; -1: not read yet */
Numbers numbers_new(Arena *a);
/* A free id: the wanted one, or the next number.  A fault is a problem; *out is then empty. */
Err id_new(Cx *cx, Store *s, Numbers *n, const RecordType *t, Str wanted, Str *out);
Err numbers_keep(Cx *cx, Store *s, const Numbers *n);
int64_t id_number(const RecordType *t, Str id);                  /* of THR-0012: 12; 0 for other shapes */

/* ---- manifest.c, sign.c, signature.c ------------------------------------------------------------------- */

Err manifest_make(Cx *cx, Store *s, const Who *who, const Ceremony *c, const Standing *standing, SignItem *item);
Str duties_words(Cx *cx, Store *s, JVal *duties);
/* Whether a manifest lists exactly the files of the revision. */
bool attachments_are(JVal *manifest, const Record *r);
Err run_sign(Cx *cx, Call *call);
Err run_sign_failed(Cx *cx, Call *call);
Err sign_sample(Cx *cx, Write *w, const Record *r, const Step *step);
Err signature_write(Cx *cx, Write *w, SignItem *item);
const char *kind_of(const Lifecycle *l, const Step *step);         /* where its seat has no kind of its own */
extern const Fact signature_fact;
/* The step of that name from the state of h; E_CONFLICT, E_INVALID. */
Err step_find(Cx *cx, const Head *h, Str name, const Step **out);

/* ---- load.c -------------------------------------------------------------------------------------------- */

Err record_load(Cx *cx, Call *call);

/* ---- command.c, file.c --------------------------------------------------------------------------------- */

/* A record that the actor may see and, for edits, change. */
typedef struct Target { Head head; Record record; } Target;
Err edit_open(Cx *cx, const Write *w, Str id, bool base_needed, Target *out);
/* Writes r unless it is what stands already, and puts the command's result. */
Err edit_close(Cx *cx, const Write *w, const Target *t, Record *r);
Err run_attach(Cx *cx, Call *call);
Err run_detach(Cx *cx, Call *call);
bool made_untouched(const Field *f, const Value *before, JVal *j);
void files_write(JsonOut *o, const Record *r);
void files_read(Arena *a, JVal *body, Record *r);
/* Every file that a revision names is there and has its hash; else a finding. */
Err files_verify(Cx *cx, Store *s, const Record *r, VerifyReport *report);

/* ---- replay.c ------------------------------------------------------------------------------------------ */

/* What the entries alone say of a record. */
typedef struct Life {
  Head head;                          /* title, owner, hash and fingerprint come from the body */
  VEC(Str) contributors;
} Life;
/* signed_at: the entries of signatures; own: those of them by somebody who had contributed. */
typedef struct Replay { VEC(Life) life; Map by_id; VerifyReport *report; VEC(int64_t) signed_at, own; } Replay;
Err signatures_verify(Cx *cx, Store *s, const Replay *replay, VerifyReport *report);
/* size: only the first so many entries.  report NULL: faults are E_INTEGRITY. */
Err replay_all(Cx *cx, Store *s, int64_t size, VerifyReport *report, Replay *out);
Err replay_one(Cx *cx, Store *s, Str id, int64_t size, Replay *out);   /* life.n 0: not there yet */
Err replay_state_at(Cx *cx, Store *s, const Record *r, int64_t rev, Str *state);
/* Rows of no record. */
Err projection_extra(Cx *cx, Store *s, const Replay *replay, VerifyReport *report);

/* ---- rebuild.c ----------------------------------------------------------------------------------------- */

void verify_tables_set(size_t i, const char *name);   /* the table of type i, for record_verify_part */
