#!/usr/bin/env python3
"""Names of libraries as the loader looks for them: tools/soname.py xml2 ... prints -DSONAME_xml2="libxml2.so.2" ..."""
import os
import re
import subprocess
import sys

cc = os.environ.get("CC", "cc").split()[-1]
for name in sys.argv[1:]:
    path = subprocess.check_output([cc, f"-print-file-name=lib{name}.so"], text=True).strip()
    told = re.search(r"Library soname: \[([^]]+)\]", subprocess.check_output(["readelf", "-dW", path], text=True))
    if not told:
        sys.exit(f"soname: {path} does not say its name")
    print(f'-DSONAME_{name}="{told.group(1)}"')
