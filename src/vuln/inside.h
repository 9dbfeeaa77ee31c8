/* inside.h - what the files of vuln/ share. */
#pragma once
#include "vuln/vuln.h"

/* ---- keys of versions ---------------------------------------------------------------------------------------------
 * A key is a byte string whose memcmp order is the order of the versions.  Bytes are written front to back; `bad` is
 * set when the text does not parse, and stays. */
#define KEY_MAX_BYTES 4096
typedef struct Key { size_t n; bool bad; uint8_t b[KEY_MAX_BYTES]; } Key;

void key_byte(Key *k, unsigned byte);
void key_bytes(Key *k, Str s);
/* A number of any length: count of its digits without leading zeros, then the digits. */
void key_number(Key *k, Str digits);
int key_cmp(Str a, Str b);
bool key_is_numbered(Str key);               /* a generic key: the version begins with a number, not with a word */

bool is_one_of(Str s, const char *const *words);                    /* words end with NULL */
static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static inline bool is_alpha(char c) { return is_lower((char)(c | 32)); }
static inline bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }
/* Takes the longest run of digits (letters) off the front; may be empty. */
Str take_digits(Str *s);
Str take_letters(Str *s);
bool all_digits(Str s);
bool all_zero(Str digits);
/* Compares two runs of digits as numbers of any length. */
int digits_cmp(Str a, Str b);

/* One function per scheme: writes the key of v, or sets bad.  v is trimmed and not empty. */
void key_semver(Key *k, Str v);
void key_golang(Key *k, Str v);
void key_nuget(Key *k, Str v);
void key_pub(Key *k, Str v);
void key_conan(Key *k, Str v);
void key_deb(Key *k, Str v);
void key_rpm(Key *k, Str v);
void key_apk(Key *k, Str v);
void key_alpm(Key *k, Str v);
void key_pypi(Key *k, Str v);
void key_gem(Key *k, Str v);
void key_cran(Key *k, Str v);
void key_hackage(Key *k, Str v);
void key_openssl(Key *k, Str v);
void key_generic(Key *k, Str v);
void key_gentoo(Key *k, Str v);
void key_datetime(Key *k, Str v);
void key_lexicographic(Key *k, Str v);
/* Schemes without a key: negative, 0, positive; false when one does not parse. */
bool maven_compare(Str a, Str b, int *order);
bool composer_compare(Str a, Str b, int *order);
/* Composer's own reading, in which 1.0 is 1.0.0 and later than 1.0.0-beta; the order of advisories has neither. */
bool composer_compare_normal(Str a, Str b, int *order);
Str composer_normal(Arena *a, Str v);
/* Whether a version is a post-release of the other. */
bool pypi_is_post_of(Str version, Str of);

/* ---- calculators ---- */

/* %41 is A; E_INVALID when it is broken, not UTF-8 or NUL.  part: what the words say. */
Err percent_decode(Cx *cx, Str s, const char *part, Str *out);
/* The one canonical writing: letters, digits and .-_~: as they are, the rest as %41. */
void percent_encode(Buf *b, Str s);
/* A constraint of a vers: range: "=", "!", "<", ">", "<=", ">=". */
typedef struct VersPart { char op[2]; Str version, raw; Scheme scheme; } VersPart;    /* raw: as it was written */
typedef VEC(VersPart) VersParts;
/* Sorted by version.  any: "*" (or all/none), then there are no parts.  E_INVALID. */
Err vers_read(Cx *cx, Str text, bool *any, Scheme *scheme, VersParts *out);
/* As version_compare(), by what the package manager itself makes of versions in ranges. */
char vers_compare(Scheme s, Str left, Str right);
/* The range in its one canonical writing.  E_INVALID: it stands otherwise than a strict reader takes it: constraints
 * that do not ascend, spaces, empty constraints, other percent signs. */
Err vers_canonical(Cx *cx, Str range, Str *out);
/* No parts: "*". */
Str vers_write(Arena *a, Str scheme, const VersParts *parts);
/* Whether a vers: range holds a version.  E_INVALID: the range or the version cannot be read. */
Err vers_holds(Cx *cx, Str range, Str version, bool *holds);

enum {
  CPE_PART,
  CPE_VENDOR,
  CPE_PRODUCT,
  CPE_VERSION,
  CPE_UPDATE,
  CPE_EDITION,
  CPE_LANGUAGE,
  CPE_SW_EDITION,
  CPE_TARGET_SW,
  CPE_TARGET_HW,
  CPE_OTHER,
  CPE_ATTRIBUTES
};
/* Values as in a formatted string: lower case, escaped; "*" any, "-" none. */
typedef struct Cpe { Str value[CPE_ATTRIBUTES]; } Cpe;
Err cpe_read(Cx *cx, Str text, Cpe *out);          /* a 2.3 formatted string or a 2.2 URI; E_INVALID */
Str cpe_text(Arena *a, const Cpe *c);              /* as a formatted string */
extern const char *const cpe_attributes[CPE_ATTRIBUTES];
/* NISTIR 7696: how the source (a criterion) relates to the target (a component). */
typedef enum CpeRelation { CPE_EQUAL, CPE_SUPERSET, CPE_SUBSET, CPE_DISJOINT, CPE_UNDEFINED } CpeRelation;
CpeRelation cpe_relation(Str source, Str target);                    /* of one value */
CpeRelation cpe_name_relation(const Cpe *source, const Cpe *target); /* of whole names */
const char *cpe_relation_name(CpeRelation r);
bool cpe_is_literal(Str value);                    /* neither any, nor none, nor a pattern */
Str cpe_plain(Arena *a, Str value);                /* without backslashes */
