/* shape.h - between x.shape, the tables of what a format allows (compiled by tools/shape.py), shape.c, which holds a
 * document against one, and the rules that no table says. */
#pragma once
#include "supply/xml.h"

typedef struct Word { Str word; unsigned from; } Word;             /* from: the first version, 5 is 1.5; 0: all */
typedef struct Words {
  const char *what;
  const Word *word;
  size_t n;
  bool has_default;                    /* which an empty element of XML stands for */
} Words;

typedef enum ShapeOf {
  SHAPE_ANY, SHAPE_OBJECT, SHAPE_PART, SHAPE_LIST, SHAPE_EITHER, SHAPE_TEXT, SHAPE_WORD, SHAPE_INT, SHAPE_NUM,
  SHAPE_BOOL, SHAPE_TIME, SHAPE_DATE, SHAPE_LICENCE, SHAPE_SERIAL, SHAPE_CPE, SHAPE_PATTERN
} ShapeOf;
enum { SHAPE_FREE = INT32_MIN };       /* no bound */
typedef struct ShapeKind {
  ShapeOf of;
  uint16_t at;                         /* PART, WORD: its index; LIST: the kind of an item; EITHER: the first */
  uint16_t n;                          /* EITHER: how many */
  bool unique, some;                   /* LIST: no two alike; not empty */
  const char *text;                    /* LIST: what XML calls an item; PATTERN: itself */
  int32_t low, high;                   /* TEXT: characters; INT, NUM: from and to */
} ShapeKind;
typedef struct ShapeRow {
  Str name;
  uint16_t kind;
  uint8_t from, until;                 /* versions */
  char occurs;                         /* 1 ? * + */
  bool attribute, text, in_xml, in_json, choice_must;
  uint8_t choice, branch;              /* rows of one choice exclude those of its other branches; 0: no choice */
  uint8_t place;                       /* in the order that XML demands */
} ShapeRow;

/* A value of one of the two encodings: the other is NULL. */
typedef struct Value { JVal *json; const XmlNode *xml; } Value;
typedef struct Path { const struct Path *up; const char *key; uint32_t index; } Path;   /* key NULL: an index */
typedef struct Judge Judge;
typedef void ShapeRule(Judge *j, Value part, const Path *at);
typedef struct ShapePart {
  const char *what;                    /* "a component" */
  const ShapeRow *row;                 /* by name */
  size_t n;
  bool list;                           /* its elements are items */
  bool open_xml, open_json;            /* to attributes, members of one's own */
  ShapeRule *rule;                     /* what no table says; NULL: nothing */
} ShapePart;
typedef struct ShapeTable { const ShapePart *part; const ShapeKind *kind; const uint16_t *either; const Words *words; }
    ShapeTable;
extern const ShapeTable cyclonedx_shape, spdx_shape;

struct Judge {
  Reading *r;
  const ShapeTable *t;
  unsigned version;
  bool untyped;                        /* tag-value and the like: all is text, and none is the same as empty */
  bool own_names;                      /* a table: not even the names of members are its own */
  bool names_warn;                     /* a member that the specification lacks is a warning */
  bool trying;                         /* says nothing, counts `failed` */
  uint32_t failed;
  Map refs;                            /* XML: bom-ref -> 2, of a component; 1, of anything else */
};

/* Holds a whole document against the first part of the table. */
void shape_judge(Judge *j, Value document);
bool word_known(const Words *w, Str s, unsigned version);
/* The words of this name in the table: of what a message calls one of them. */
const Words *words_of(const ShapeTable *t, const char *what);
Str part_text(Value part, const char *name);          /* a member that is text; STR_NONE */
bool part_has(Value part, const char *name);
void judge_error(Judge *j, const Path *at, const char *key, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void judge_warn(Judge *j, const Path *at, const char *key, Str words);
/* shape_value.c: a value that has no parts; name: of the member. */
void plain_judge(Judge *j, const ShapeKind *k, Value v, const char *name, const Path *at);
