/* xml.c - CycloneDX XML, read by a streaming parser into a light tree, which xml_shape.c writes as CycloneDX JSON.
 *
 * No network, no files, no DTD, none of the parser's limits lifted: what an SBOM does not need is refused in words. */
#include "supply/xml.h"
#include <libxml/xmlreader.h>
#include <string.h>

enum { XML_DEPTH = 64, XML_ATTRIBUTES = 256, TEXT_MOST = 1 << 20 };

typedef struct XmlScan {
  Cx *cx;
  xmlTextReaderPtr in;
  Str message;                   /* of the parser's first error */
  int line;
  XmlNode *open[XML_DEPTH + 1];  /* NULL: an element of another namespace and what is in it */
  Buf text[XML_DEPTH];           /* of the open elements: comments may cut a text into many pieces */
} XmlScan;

typedef xmlTextReaderPtr TextReader;
static void TextReader_drop(TextReader *r) { if (*r) xmlFreeTextReader(*r); }

static Str words_of(const xmlChar *z) { return str_of((const char *)z); }

static void on_error(void *env, xmlErrorPtr e) {
  XmlScan *s = env;
  if (s->message.p || !e || e->level < XML_ERR_ERROR) return;
  Str m = str_of(e->message);
  s->message = m.p && str_is_utf8(m) ? str_dup(s->cx->arena, str_trim(str_head(m, 200))) : S("it is not well-formed");
  s->line = e->line;
}

/* "inside bom/components/component": an open element at a time. */
static Str inside(const XmlScan *s) {
  Buf b = buf_new(s->cx->arena, 8192);
  for (size_t i = 0; i <= XML_DEPTH && s->open[i]; i++) {
    if (i) buf_byte(&b, '/');
    buf_add(&b, str_head(s->open[i]->name, 60));
  }
  return b.n ? buf_str(&b) : S("the document");
}

static Err broken(XmlScan *s, Str why) {
  Str place = inside(s);
  return fail(s->cx, E_UNREADABLE,
              "The XML cannot be read: %.*s at line %d, inside %.*s. Nothing was stored. Have the SBOM made anew and "
              "try again.",
              STR(why), s->line ? s->line : xmlTextReaderGetParserLineNumber(s->in), STR(place));
}

static XmlNode *child_add(Arena *a, XmlNode *parent, Str name) {
  XmlNode *n = NEW(a, XmlNode);
  n->name = name;
  if (!parent) return n;
  if (parent->last) parent->last->next = n;
  else parent->first = n;
  parent->last = n;
  return n;
}

static Err attributes_take(XmlScan *s, XmlNode *n) {
  if (xmlTextReaderAttributeCount(s->in) > XML_ATTRIBUTES) return broken(s, S("more than 256 attributes"));
  Arena *a = s->cx->arena;
  while (xmlTextReaderMoveToNextAttribute(s->in) == 1) {
    if (xmlTextReaderIsNamespaceDecl(s->in) == 1 || xmlTextReaderConstPrefix(s->in)) continue;
    XmlNode *at = child_add(a, n, str_dup(a, words_of(xmlTextReaderConstLocalName(s->in))));
    at->attribute = true;
    at->text = str_dup(a, words_of(xmlTextReaderConstValue(s->in)));
  }
  (void)xmlTextReaderMoveToElement(s->in);
  return E_OK;
}

static Err root_take(XmlScan *s, XmlRoot *out) {
  static const Str start = { "http://cyclonedx.org/schema/bom/", 32 };
  Str uri = words_of(xmlTextReaderConstNamespaceUri(s->in));
  Str name = words_of(xmlTextReaderConstLocalName(s->in));
  if (!str_starts(uri, start) || !str_eq(name, S("bom"))) {
    Str shown = str_head(name, 60);
    return fail(s->cx, E_FORMAT, "This is XML whose outermost element is <%.*s>, not CycloneDX. Nothing was stored.",
                STR(shown));
  }
  out->space = str_dup(s->cx->arena, uri);
  out->spec = str_slice(out->space, start.n, uri.n);
  return E_OK;
}

static Err element_take(XmlScan *s, XmlRoot *out) {
  int depth = xmlTextReaderDepth(s->in);
  if (depth < 0 || depth >= XML_DEPTH) return broken(s, S("it is nested deeper than 64"));
  if (depth == 0) TRY(root_take(s, out));
  XmlNode *parent = depth ? s->open[depth - 1] : NULL;
  bool ours = str_eq(words_of(xmlTextReaderConstNamespaceUri(s->in)), out->space) && (!depth || parent);
  s->open[depth] = NULL;
  s->open[depth + 1] = NULL;
  if (!ours) return E_OK;
  XmlNode *n = child_add(s->cx->arena, parent, str_dup(s->cx->arena, words_of(xmlTextReaderConstLocalName(s->in))));
  s->open[depth] = n;
  if (!s->text[depth].arena) s->text[depth] = buf_new(s->cx->arena, TEXT_MOST);
  buf_clear(&s->text[depth]);
  if (!depth) out->bom = n;
  return attributes_take(s, n);
}

static Err text_take(XmlScan *s) {
  int depth = xmlTextReaderDepth(s->in) - 1;
  if (depth < 0 || depth >= XML_DEPTH || !s->open[depth]) return E_OK;
  buf_add(&s->text[depth], words_of(xmlTextReaderConstValue(s->in)));
  return s->text[depth].over ? broken(s, S("a text of more than 1 MiB")) : E_OK;
}

static void element_end(XmlScan *s) {
  int depth = xmlTextReaderDepth(s->in);
  if (depth < 0 || depth >= XML_DEPTH || !s->open[depth]) return;
  s->open[depth]->text = str_dup(s->cx->arena, buf_str(&s->text[depth]));
  s->open[depth] = NULL;
}

static Err refuse_dtd(Cx *cx) {
  return fail(cx, E_UNREADABLE,
              "The XML has a DOCTYPE: a DTD is not accepted, since entities can reach other files or grow without end. "
              "Nothing was stored. Have the SBOM made without one and try again.");
}

/* Before the parser sees a byte of it: what stands before the outermost element. */
static bool has_doctype(Str text) {
  for (;;) {
    text = str_trim(text);
    Str end = str_starts(text, S("<?")) ? S("?>") : S("-->");
    if (str_starts(text, S("<!DOCTYPE"))) return true;
    if (!str_starts(text, S("<?")) && !str_starts(text, S("<!--"))) return false;
    size_t at = str_find(text, end);
    if (at == SIZE_MAX) return false;
    text = str_slice(text, at + end.n, text.n);
  }
}

static Err node_take(XmlScan *s, XmlRoot *out) {
  int kind = xmlTextReaderNodeType(s->in);
  if (kind == XML_READER_TYPE_DOCUMENT_TYPE) return refuse_dtd(s->cx);
  if (kind == XML_READER_TYPE_ENTITY_REFERENCE) return broken(s, S("an entity that is not one of XML's own"));
  if (kind == XML_READER_TYPE_ELEMENT) return element_take(s, out);
  if (kind == XML_READER_TYPE_TEXT || kind == XML_READER_TYPE_CDATA) return text_take(s);
  if (kind == XML_READER_TYPE_END_ELEMENT) element_end(s);
  return E_OK;
}

Err xml_tree(Cx *cx, Str bytes, XmlRoot *out) {
  XmlRoot root = { 0 };
  XmlScan s = { .cx = cx };
  if (has_doctype(bytes)) return refuse_dtd(cx);
  AUTO(TextReader) in = xmlReaderForMemory(bytes.p, (int)bytes.n, NULL, NULL, XML_PARSE_NONET);
  if (!in) return fail(cx, E_UNREADABLE, "The XML cannot be read: its encoding is not known. Nothing was stored.");
  s.in = in;
  xmlTextReaderSetStructuredErrorHandler(in, on_error, &s);
  for (;;) {
    int got = xmlTextReaderRead(in);
    if (got < 0 || s.message.p) return broken(&s, s.message.p ? s.message : S("it is not well-formed"));
    if (got == 0) break;
    TRY(node_take(&s, &root));
  }
  if (!root.bom) return fail(cx, E_UNREADABLE, "The XML holds no element. Nothing was stored.");
  *out = root;
  return E_OK;
}
