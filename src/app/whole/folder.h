/* folder.h - what files a folder holds, whoever filled it. */
#pragma once
#include "app/app.h"

typedef VEC(Str) FolderFiles;
/* Regular files by path, bytewise, to a depth of 4; ".git" and what begins with a dot is left out.  E_INVALID: a link
 * or a device stands among them. */
Err folder_files(Cx *cx, const char *folder, FolderFiles *out);
