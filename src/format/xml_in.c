/* XML as a stream of elements, by libxml2's reader: no network, no files, no DTD, none of its limits lifted. */
#include "format/inside.h"
#include "format/late.h"

enum { XML_DEPTH = 64, TEXT_MOST = 1 << 20 };

typedef xmlTextReaderPtr TextReader;
static void TextReader_drop(TextReader *r) {
  if (*r) late.xmlFreeTextReader(*r);
}

typedef struct XmlScan {
  Cx *cx;
  xmlTextReaderPtr in;
  Str message; /* of the parser's first error */
  int line;
  Buf text[XML_DEPTH + 1]; /* of the open elements */
  Buf path;                /* "bom/components/component" */
  size_t path_end[XML_DEPTH + 2]; /* where it ends above the element of this depth */
} XmlScan;

static Str words_of(const xmlChar *z) { return str_of((const char *)z); }

static void on_error(void *env, xmlErrorPtr e) {
  XmlScan *s = env;
  if (s->message.p || !e || e->level < XML_ERR_ERROR) return;
  Str m = str_of(e->message);
  s->message = m.p && str_is_utf8(m) ? str_dup(s->cx->arena, str_trim(str_head(m, 200))) : S("it is not well-formed");
  s->line = e->line;
}

static Err broken(const XmlScan *s, Str why) {
  Str inside = s->path.n ? buf_str(&s->path) : S("the document");
  return fail(s->cx, E_UNREADABLE, "The XML cannot be read: %.*s at line %d, inside %.*s", STR(why),
              s->line ? s->line : late.xmlTextReaderGetParserLineNumber(s->in), STR(inside));
}

static Err refuse_dtd(Cx *cx) {
  return fail(cx, E_UNREADABLE,
              "The XML has a DOCTYPE: a DTD is not accepted, since entities can reach other files or "
              "grow without end");
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

bool xml_attribute_next(const XmlItem *item, XmlAttribute *out) {
  xmlTextReaderPtr in = item->reader;
  while (late.xmlTextReaderMoveToNextAttribute(in) == 1) {
    if (late.xmlTextReaderIsNamespaceDecl(in) == 1) continue;
    *out = (XmlAttribute){ words_of(late.xmlTextReaderConstLocalName(in)), words_of(late.xmlTextReaderConstValue(in)),
                           late.xmlTextReaderConstPrefix(in) != NULL };
    return true;
  }
  (void)late.xmlTextReaderMoveToElement(in);
  return false;
}

Str xml_attribute(Cx *cx, const XmlItem *item, const char *name) {
  XmlAttribute a;
  Str found = STR_NONE;
  while (xml_attribute_next(item, &a))
    if (!found.p && str_eq(a.name, str_of(name))) found = str_dup(cx->arena, a.value);
  return found;
}

static void path_open(XmlScan *s, size_t depth, Str name) {
  s->path.n = s->path_end[depth];
  if (depth) buf_byte(&s->path, '/');
  buf_add(&s->path, str_head(name, 60));
  s->path_end[depth + 1] = s->path.n;
}

static Err closed(XmlScan *s, XmlItem *item, XmlEach *each, void *env) {
  item->closed = true;
  item->text = buf_str(&s->text[item->depth]);
  s->path.n = s->path_end[item->depth];
  return each(s->cx, env, item);
}

static Err node_take(XmlScan *s, XmlEach *each, void *env) {
  int kind = late.xmlTextReaderNodeType(s->in), depth = late.xmlTextReaderDepth(s->in);
  if (kind == XML_READER_TYPE_DOCUMENT_TYPE) return refuse_dtd(s->cx);
  if (kind == XML_READER_TYPE_ENTITY_REFERENCE) return broken(s, S("an entity that is not one of XML's own"));
  if (depth < 0 || depth > XML_DEPTH) return broken(s, S("it is nested deeper than 64"));
  bool is_text = kind == XML_READER_TYPE_TEXT || kind == XML_READER_TYPE_CDATA ||
                 kind == XML_READER_TYPE_SIGNIFICANT_WHITESPACE || kind == XML_READER_TYPE_WHITESPACE;
  if (is_text && depth) {
    Buf *b = &s->text[depth - 1];
    buf_add(b, words_of(late.xmlTextReaderConstValue(s->in)));
    return b->over ? broken(s, S("a text of more than 1 MiB")) : E_OK;
  }
  XmlItem item = { .name = words_of(late.xmlTextReaderConstLocalName(s->in)),
                   .space = words_of(late.xmlTextReaderConstNamespaceUri(s->in)),
                   .depth = (size_t)depth,
                   .reader = s->in };
  if (kind == XML_READER_TYPE_END_ELEMENT) return closed(s, &item, each, env);
  if (kind != XML_READER_TYPE_ELEMENT) return E_OK;
  if (!s->text[depth].arena) s->text[depth] = buf_new(s->cx->arena, TEXT_MOST);
  buf_clear(&s->text[depth]);
  path_open(s, item.depth, item.name);
  bool empty = late.xmlTextReaderIsEmptyElement(s->in) == 1;
  TRY(each(s->cx, env, &item));
  return empty ? closed(s, &item, each, env) : E_OK;
}

Err xml_walk(Cx *cx, Str bytes, XmlEach *each, void *env) {
  XmlScan s = { .cx = cx, .path = buf_new(cx->arena, 8192) };
  if (has_doctype(bytes)) return refuse_dtd(cx);
  if (bytes.n > INT32_MAX) return fail(cx, E_TOO_LARGE, "The XML has more than 2 GiB");
  TRY(late_load(cx, LATE_XML));
  AUTO(TextReader) in = late.xmlReaderForMemory(bytes.p, (int)bytes.n, NULL, NULL, XML_PARSE_NONET);
  if (!in) return fail(cx, E_UNREADABLE, "The XML cannot be read: its encoding is not known");
  s.in = in;
  late.xmlTextReaderSetStructuredErrorHandler(in, on_error, &s);
  for (;;) {
    int got = late.xmlTextReaderRead(in);
    if (got < 0 || s.message.p) return broken(&s, s.message.p ? s.message : S("it is not well-formed"));
    if (got == 0) return E_OK;
    TRY(node_take(&s, each, env));
  }
}
