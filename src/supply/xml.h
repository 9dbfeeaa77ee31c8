/* xml.h - between xml.c, which reads, and xml_shape.c, which writes the same as JSON. */
#pragma once
#include "supply/inside.h"

typedef struct XmlNode {
  Str name, text;
  bool attribute, extension;     /* extension: an element of the graph name space */
  bool done;                     /* already written, with an earlier one of its name */
  struct XmlNode *first, *last, *next;
} XmlNode;
typedef struct XmlRoot { XmlNode *bom; Str space, spec; } XmlRoot;

/* The elements of CycloneDX's namespace.  E_FORMAT: not CycloneDX.  E_UNREADABLE: with line and place. */
Err xml_tree(Cx *cx, Str bytes, XmlRoot *out);
/* The same as JSON. */
Err xml_put(Cx *cx, const XmlRoot *root, Buf *json);
