/* device.h - what the pages of one device share. */
#pragma once
#include "app/page/web.h"

/* Breadcrumb, name, facts, tabs.  current: "overview" "trace" "sbom" "gaps".  actions: buttons, may be empty. */
Html device_head(Cx *cx, Web *web, Node device, const char *current, Html actions);

/* Gaps as table rows, shared by cockpit and gap page. */
typedef struct GapRow {
  Str rule, severity, tone, message, fix, object, url, owner, age, action, action_url, closed;
} GapRow;
GapRow gap_row(Cx *cx, Web *web, const Gap *g);
