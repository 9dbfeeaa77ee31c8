/* A small Markdown: headings, paragraphs, lists, quotes, code, tables, rules; strong, emphasis, code, links.
 *
 * Nothing of the text becomes markup but what is made here: a '<' is a '<'.  Links lead to http, https, mailto or
 * within this site.  What nests deeper than NEST_MOST is text.  Cost grows with the text (times the nesting),
 * whatever it holds. */
#include "inside.h"
#include <ctype.h>

enum { NEST_MOST = 16, LINK_LABEL = 1000, LINK_URL = 2000, TABLE_COLUMNS = 40 };

/* ---- inline -------------------------------------------------------------------------------------------- */

/* never: for a delimiter that has no end behind some place there is none behind a later one. */
typedef struct Inline {
  Buf *b;
  bool never[3];
  unsigned depth;
  bool in_link;
} Inline;
static void inline_text(Inline *in, Str s);

static void inline_inside(Inline *in, const char *tag, Str s) {
  Inline child = { .b = in->b, .depth = in->depth + 1, .in_link = in->in_link };
  buf_fmt(in->b, "<%s>", tag);
  inline_text(&child, s);
  buf_fmt(in->b, "</%s>", tag);
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* `code`: to the next run of as many backticks.  Returns how much it took, 0: none. */
static size_t inline_code(Inline *in, Str s) {
  size_t ticks = 0, run = 0;
  while (ticks < s.n && s.p[ticks] == '`') ticks++;
  if (in->never[0] && ticks == 1) return 0;
  for (size_t i = ticks; i <= s.n; i++) {
    if (i < s.n && s.p[i] == '`') {
      run++;
      continue;
    }
    if (run == ticks) {
      buf_z(in->b, "<code>");
      html_text(in->b, str_trim(str_slice(s, ticks, i - run)));
      buf_z(in->b, "</code>");
      return i;
    }
    run = 0;
  }
  if (ticks == 1) in->never[0] = true;
  html_text(in->b, str_slice(s, 0, ticks)); /* no end: the ticks are ticks */
  return ticks;
}

/* **strong** and *emphasis*; the text inside neither begins nor ends with a space. */
static size_t inline_star(Inline *in, Str s) {
  size_t width = s.n > 1 && s.p[1] == '*' ? 2 : 1;
  if (in->never[width] || in->depth >= NEST_MOST || s.n <= width || is_space(s.p[width])) return 0;
  for (size_t i = width + 1; i + width <= s.n; i++) {
    if (s.p[i] != '*' || is_space(s.p[i - 1]) || s.p[i - 1] == '\\') continue;
    size_t run = 1;
    while (i + run < s.n && s.p[i + run] == '*') run++;
    if (run < width || (run > width && width == 1)) {
      i += run - 1;
      continue;
    }
    i += run - width; /* of "***both***" the outer two are strong's */
    inline_inside(in, width == 2 ? "strong" : "em", str_slice(s, width, i));
    return i + width;
  }
  in->never[width] = true;
  return 0;
}

static size_t find_within(Str s, size_t from, char open, char close, size_t most) {
  size_t depth = 0;
  for (size_t i = from; i < s.n && i < from + most; i++) {
    if (s.p[i] == '\\') i++;
    else if (s.p[i] == open) depth++;
    else if (s.p[i] == close && !depth--) return i;
  }
  return SIZE_MAX;
}

/* [words](address) */
static size_t inline_link(Inline *in, Str s) {
  if (in->in_link || in->depth >= NEST_MOST) return 0;
  size_t end = find_within(s, 1, '[', ']', LINK_LABEL);
  if (end == SIZE_MAX || end + 1 >= s.n || s.p[end + 1] != '(') return 0;
  size_t stop = find_within(s, end + 2, '(', ')', LINK_URL);
  if (stop == SIZE_MAX) return 0;
  Inline child = { .b = in->b, .depth = in->depth + 1, .in_link = true };
  buf_z(in->b, "<a href=\"");
  html_link(in->b, str_trim(str_slice(s, end + 2, stop)));
  buf_z(in->b, "\">");
  inline_text(&child, str_slice(s, 1, end));
  buf_z(in->b, "</a>");
  return stop + 1;
}

static size_t inline_mark(Inline *in, Str s) {
  if (s.p[0] == '`') return inline_code(in, s);
  if (s.p[0] == '*') return inline_star(in, s);
  if (s.p[0] == '[') return inline_link(in, s);
  if (s.p[0] == '\\' && s.n > 1 && ispunct((unsigned char)s.p[1])) {
    html_text(in->b, str_slice(s, 1, 2));
    return 2;
  }
  if (s.p[0] == '\n') {
    buf_z(in->b, "\n");
    return 1;
  }
  return 0;
}

static void inline_text(Inline *in, Str s) {
  size_t from = 0, i = 0;
  while (i < s.n) {
    char c = s.p[i];
    if (c != '`' && c != '*' && c != '[' && c != '\\' && c != '\n') {
      i++;
      continue;
    }
    html_text(in->b, str_slice(s, from, i));
    if (c == '\n' && i >= from + 2 && s.p[i - 1] == ' ' && s.p[i - 2] == ' ') buf_z(in->b, "<br>");
    size_t took = inline_mark(in, str_slice(s, i, s.n));
    from = i + took;
    i = took ? from : i + 1;
  }
  html_text(in->b, str_slice(s, from, s.n));
}

static void inline_all(Buf *b, Str s) {
  Inline in = { .b = b };
  inline_text(&in, str_trim(s));
}

/* ---- lines --------------------------------------------------------------------------------------------- */

typedef struct Blocks {
  Cx *cx;
  Buf *b;
  unsigned depth;
} Blocks;
static void blocks(Blocks *k, Str text);

static size_t indent_of(Str line) {
  size_t n = 0;
  while (n < line.n && line.p[n] == ' ') n++;
  return n;
}

static bool is_blank(Str line) { return !str_trim(line).n; }

static Str next_line(Str text) { /* without taking it */
  Str line = STR_NONE;
  (void)str_line(&text, &line);
  return line;
}

/* "- item", "3. item": how wide the marker is; 0: no item. */
static size_t item_marker(Str line, bool *ordered) {
  size_t at = indent_of(line), i = at;
  if (at > 3 || at >= line.n) return 0;
  *ordered = false;
  if (line.p[i] == '-' || line.p[i] == '*' || line.p[i] == '+') i++;
  else {
    while (i < line.n && i < at + 9 && isdigit((unsigned char)line.p[i])) i++;
    if (i == at || i >= line.n || (line.p[i] != '.' && line.p[i] != ')')) return 0;
    *ordered = true;
    i++;
  }
  return i < line.n && line.p[i] == ' ' && !is_blank(str_slice(line, i, line.n)) ? i + 1 : 0;
}

static bool is_rule(Str line) {
  Str s = str_trim(line);
  if (s.n < 3 || (s.p[0] != '-' && s.p[0] != '*' && s.p[0] != '_')) return false;
  for (size_t i = 1; i < s.n; i++)
    if (s.p[i] != s.p[0] && s.p[i] != ' ') return false;
  return true;
}

static size_t heading_level(Str line) {
  Str s = str_trim(line);
  size_t n = 0;
  while (n < s.n && s.p[n] == '#') n++;
  return n && n <= 6 && n < s.n && s.p[n] == ' ' ? n : 0;
}

static bool is_fence(Str line) { return indent_of(line) < 4 && str_starts(str_trim(line), S("```")); }

static bool is_table_rule(Str line) {
  Str s = str_trim(line);
  bool dash = false;
  if (str_find_char(s, '|') == SIZE_MAX) return false;
  for (size_t i = 0; i < s.n; i++) {
    if (s.p[i] != '|' && s.p[i] != '-' && s.p[i] != ':' && s.p[i] != ' ') return false;
    dash = dash || s.p[i] == '-';
  }
  return dash;
}

static bool starts_block(Str line) {
  bool ordered;
  return heading_level(line) || is_fence(line) || is_rule(line) || str_starts(str_trim(line), S(">")) ||
         item_marker(line, &ordered);
}

/* ---- blocks -------------------------------------------------------------------------------------------- */

static void block_code(Blocks *k, Str *text) {
  Str line;
  buf_z(k->b, "<pre><code>");
  (void)str_line(text, &line);
  while (str_line(text, &line) && !is_fence(line)) {
    html_text(k->b, line);
    buf_byte(k->b, '\n');
  }
  buf_z(k->b, "</code></pre>\n");
}

static void block_heading(Blocks *k, Str *text, size_t level) {
  Str line;
  (void)str_line(text, &line);
  Str words = str_trim(str_slice(str_trim(line), level, line.n));
  while (words.n && words.p[words.n - 1] == '#') words.n--;
  unsigned deep = level < 5 ? (unsigned)level + 1 : 6; /* the page has the first level */
  buf_fmt(k->b, "<h%u>", deep);
  inline_all(k->b, words);
  buf_fmt(k->b, "</h%u>\n", deep);
}

static void block_inside(Blocks *k, const char *tag, const Buf *text) {
  Blocks child = { k->cx, k->b, k->depth + 1 };
  buf_fmt(k->b, "<%s>\n", tag);
  blocks(&child, buf_str(text));
  buf_fmt(k->b, "</%s>\n", tag);
}

static void block_quote(Blocks *k, Str *text) {
  Buf inner = buf_new(k->cx->arena, text->n + 1);
  Str line;
  while (text->n && str_starts(str_trim(next_line(*text)), S(">"))) {
    (void)str_line(text, &line);
    line = str_slice(str_trim(line), 1, line.n);
    if (line.n && line.p[0] == ' ') line = str_slice(line, 1, line.n);
    buf_add(&inner, line);
    buf_byte(&inner, '\n');
  }
  block_inside(k, "blockquote", &inner);
}

/* The lines of one item: its own, those that are indented under it, and blank ones between. */
static void item_lines(Str *text, size_t width, Buf *out) {
  Str line;
  bool ordered, blank = false;
  (void)str_line(text, &line);
  buf_add(out, str_slice(line, width, line.n));
  buf_byte(out, '\n');
  while (text->n) {
    line = next_line(*text);
    if (!is_blank(line) && indent_of(line) < width && (blank || item_marker(line, &ordered) || starts_block(line)))
      return;
    blank = is_blank(line);
    (void)str_line(text, &line);
    buf_add(out, str_slice(line, indent_of(line) < width ? indent_of(line) : width, line.n));
    buf_byte(out, '\n');
  }
}

static bool only_line(Str text) {
  Str line;
  (void)str_line(&text, &line);
  return is_blank(text);
}

static void block_list(Blocks *k, Str *text) {
  bool ordered, other;
  size_t width = item_marker(next_line(*text), &ordered);
  const char *tag = ordered ? "ol" : "ul";
  buf_fmt(k->b, "<%s>\n", tag);
  while (width) {
    Buf inner = buf_new(k->cx->arena, text->n + 2);
    item_lines(text, width, &inner);
    Str item = buf_str(&inner);
    if (only_line(item)) {
      buf_z(k->b, "<li>");
      inline_all(k->b, item);
      buf_z(k->b, "</li>\n");
    } else block_inside(k, "li", &inner);
    width = text->n ? item_marker(next_line(*text), &other) : 0;
    if (width && other != ordered) break;
  }
  buf_fmt(k->b, "</%s>\n", tag);
}

static void table_row(Blocks *k, Str line, const char *cell) {
  Str s = str_trim(line);
  if (str_starts(s, S("|"))) s = str_slice(s, 1, s.n);
  if (str_ends(s, S("|")) && !str_ends(s, S("\\|"))) s = str_slice(s, 0, s.n - 1);
  buf_z(k->b, "<tr>");
  size_t from = 0;
  for (size_t i = 0, n = 0; i <= s.n; i++) {
    if (i < s.n && s.p[i] == '\\') {
      i++;
      continue;
    }
    if ((i < s.n && s.p[i] != '|') || n == TABLE_COLUMNS) continue;
    buf_fmt(k->b, "<%s>", cell);
    inline_all(k->b, str_slice(s, from, i));
    buf_fmt(k->b, "</%.2s>", cell);
    from = i + 1;
    n++;
  }
  buf_z(k->b, "</tr>\n");
}

static void block_table(Blocks *k, Str *text) {
  Str line;
  buf_z(k->b,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table class=\"data\"><thead>\n");
  (void)str_line(text, &line);
  table_row(k, line, "th scope=\"col\"");
  (void)str_line(text, &line);
  buf_z(k->b, "</thead><tbody>\n");
  while (text->n && !is_blank(next_line(*text)) && str_find_char(next_line(*text), '|') != SIZE_MAX) {
    (void)str_line(text, &line);
    table_row(k, line, "td");
  }
  buf_z(k->b, "</tbody></table></div>\n");
}

static void block_paragraph(Blocks *k, Str *text) {
  const char *start = text->p;
  Str line;
  size_t n = 0;
  do {
    (void)str_line(text, &line);
    n = (size_t)(line.p - start) + line.n;
  } while (text->n && !is_blank(next_line(*text)) && !starts_block(next_line(*text)));
  buf_z(k->b, "<p>");
  inline_all(k->b, (Str){ start, n });
  buf_z(k->b, "</p>\n");
}

static bool is_table(Str text) {
  Str line;
  if (!str_line(&text, &line) || str_find_char(line, '|') == SIZE_MAX) return false;
  return is_table_rule(next_line(text));
}

static void block(Blocks *k, Str *text) {
  Str line = next_line(*text);
  bool ordered, deep = k->depth >= NEST_MOST;
  size_t level = heading_level(line);
  if (is_fence(line)) block_code(k, text);
  else if (level) block_heading(k, text, level);
  else if (is_rule(line)) {
    (void)str_line(text, &line);
    buf_z(k->b, "<hr>\n");
  } else if (!deep && str_starts(str_trim(line), S(">"))) block_quote(k, text);
  else if (!deep && item_marker(line, &ordered)) block_list(k, text);
  else if (is_table(*text)) block_table(k, text);
  else block_paragraph(k, text);
}

static void blocks(Blocks *k, Str text) {
  Str line;
  while (text.n) {
    if (is_blank(next_line(text))) (void)str_line(&text, &line);
    else block(k, &text);
  }
}

Err markdown_html(Cx *cx, Str text, size_t most_bytes, Html *out) {
  Buf b = buf_new(cx->arena, most_bytes);
  Blocks k = { cx, &b, 0 };
  blocks(&k, text);
  if (b.over) return fail(cx, E_TOO_LARGE, "The text is larger than %zu bytes as a page.", most_bytes);
  *out = (Html){ buf_str(&b) };
  return E_OK;
}
