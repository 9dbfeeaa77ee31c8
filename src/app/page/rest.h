/* rest.h - /rest/v1: the same records and commands as JSON, for tokens.
 *
 * Answers are the contract's objects; failures are application/problem+json (RFC 9457).  A token needs the scope of the
 * route's right; no token signs, approves, or sees what its person may not. */
#pragma once
#include "app/page/web.h"

bool rest_is(const Request *req);
Err rest_who(Cx *cx, Web *web, const Request *req);
void rest_error(Cx *cx, const Request *req, Err e, Response *res);
void rest_refuse(Cx *cx, const Request *req, Response *res);   /* what serve refused, as a problem too */
Err rest_list(Cx *cx, Web *web, const Request *req, Response *res);
Err rest_get(Cx *cx, Web *web, const Request *req, Response *res);
Err rest_history(Cx *cx, Web *web, const Request *req, Response *res);
Err rest_new(Cx *cx, Web *web, const Request *req, Response *res);
Err rest_save(Cx *cx, Web *web, const Request *req, Response *res);
Err rest_step(Cx *cx, Web *web, const Request *req, Response *res);
