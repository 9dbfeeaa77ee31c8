/* act.h - pages over people: one's own account, everybody's, duties; and the one handler of their forms. */
#pragma once
#include "app/page/web.h"

Err page_account(Cx *cx, Web *web, const Request *req, Response *res);
Err post_password(Cx *cx, Web *web, const Request *req, Response *res);
Err page_people(Cx *cx, Web *web, const Request *req, Response *res);
Err page_duties(Cx *cx, Web *web, const Request *req, Response *res);
Err post_act(Cx *cx, Web *web, const Request *req, Response *res);
Err page_setup(Cx *cx, Web *web, const Request *req, Response *res);
Err post_setup(Cx *cx, Web *web, const Request *req, Response *res);
