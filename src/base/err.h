/* err.h - one list of everything that can go wrong.
 *
 * A row is: name, exit code of the command line (ux 7.4), HTTP status, problem type (RFC 9457), title.
 * Exit code, status and words stand in one row so that they cannot drift apart. */
#pragma once

#define ERRORS(X)                                                                                        \
  X(E_OK,           0, 200, "ok",                    "Done")                                             \
  X(E_GATE,         1, 200, "gate-failed",           "The gate failed")                                  \
  X(E_USAGE,        2, 400, "usage",                 "Wrong usage")                                      \
  X(E_METHOD,       2, 405, "method",                "This address does not take that method")           \
  X(E_INVALID,      3, 422, "validation",            "Some fields cannot be used as they are")           \
  X(E_UNREADABLE,   3, 422, "unreadable",            "The input could not be read")                      \
  X(E_TOO_LARGE,    3, 413, "too-large",             "The input is larger than allowed")                 \
  X(E_FORMAT,       3, 415, "unsupported-format",    "The format is not supported")                      \
  X(E_UNAUTHENTIC,  4, 401, "unauthenticated",       "Sign in first")                                    \
  X(E_DENIED,       4, 403, "forbidden",             "You may not do this")                              \
  X(E_SLOW_DOWN,    4, 429, "rate-limited",          "Too many tries")                                   \
  X(E_NOTFOUND,     5, 404, "not-found",             "There is no such thing")                           \
  X(E_GONE,         5, 410, "gone",                  "It is no longer here")                             \
  X(E_CONFLICT,     6, 409, "state-conflict",        "The state does not allow this")                    \
  X(E_STALE,        6, 412, "stale",                 "It was changed meanwhile")                         \
  X(E_PRECONDITION, 6, 428, "precondition-required", "Say which revision you changed")                   \
  X(E_FEED,         7, 502, "feed",                  "A feed or server could not be reached")            \
  X(E_BUSY,         7, 503, "unavailable",           "The server is busy")                               \
  X(E_FULL,         7, 507, "disk-full",             "The disk is full; nothing was stored")             \
  X(E_INTEGRITY,    8, 500, "integrity",             "The stored data does not verify")                  \
  X(E_CONFIG,      78, 500, "configuration",         "The configuration cannot be used")                 \
  X(E_IO,          70, 500, "io",                    "Reading or writing failed")                        \
  X(E_LIMIT,       70, 500, "limit",                 "An internal limit was reached")                    \
  X(E_BUG,         70, 500, "internal",              "This is a defect in Proofline")

typedef enum Err {
#define X(name, exit_code, status, slug, title) name,
  ERRORS(X)
#undef X
  ERR_COUNT
} Err;

int err_exit(Err e);            /* exit code of the command line */
int err_status(Err e);          /* HTTP status */
const char *err_slug(Err e);    /* last part of the problem type, e.g. "stale" */
const char *err_title(Err e);   /* a short sentence without a full stop */
const char *err_name(Err e);    /* "E_STALE" */
Err err_from_slug(const char *slug, unsigned long n); /* E_BUG when unknown */
