/* QR codes (ISO/IEC 18004): the matrix is the library's, the drawing ours. */
#include "format/format.h"
#include <errno.h>
#include <qrencode.h>

enum { QUIET = 4 };   /* modules of white on each side, without which readers do not find the code */

static void code_end(QRcode **code) { QRcode_free(*code); }

Err qr_make(Cx *cx, Str text, Qr *out) {
  if (!text.n) return fail(cx, E_INVALID, "A QR code needs a text.");
  if (text.n > QR_MOST_BYTES)
    return fail(cx, E_TOO_LARGE, "A QR code holds at most %d bytes; this text has %zu.", QR_MOST_BYTES, text.n);
  /* Level M reads with 15 % of it dirty, which paper in a binder needs. */
  __attribute__((cleanup(code_end))) QRcode *code =
      QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);
  if (!code) return fail(cx, errno == ERANGE ? E_TOO_LARGE : E_BUG, "This text does not fit into a QR code.");
  size_t side = (size_t)code->width;
  bool *dark = arena_alloc(cx->arena, side * side);
  for (size_t i = 0; i < side * side; i++) dark[i] = (code->data[i] & 1) != 0;
  *out = (Qr){ side, dark };
  return E_OK;
}

/* One path; neighbours in a row are one rectangle. */
static void put_rows(Buf *b, const Qr *qr) {
  for (size_t y = 0; y < qr->side; y++)
    for (size_t x = 0, run; x < qr->side; x += run) {
      const bool *row = qr->dark + y * qr->side;
      for (run = 1; x + run < qr->side && row[x + run] == row[x]; run++) { }
      if (row[x]) buf_fmt(b, "M%zu %zuh%zuv1h-%zuz", x + QUIET, y + QUIET, run, run);
    }
}

Err qr_svg(Cx *cx, Str text, Str label, Html *out) {
  Qr qr;
  TRY(qr_make(cx, text, &qr));
  size_t side = qr.side + 2 * QUIET;
  Buf b = buf_new(cx->arena, 1u << 20);
  buf_fmt(&b, "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %zu %zu\" role=\"img\" "
              "shape-rendering=\"crispEdges\" aria-label=\"", side, side);
  html_text(&b, label);
  /* White and black whatever the page's colours are: half the readers want dark on light. */
  buf_fmt(&b, "\"><path fill=\"#fff\" d=\"M0 0h%zuv%zuh-%zuz\"/><path fill=\"#000\" d=\"", side, side, side);
  put_rows(&b, &qr);
  buf_z(&b, "\"/></svg>");
  *out = (Html){ buf_str(&b) };
  return E_OK;
}
