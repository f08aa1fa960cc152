#!/usr/bin/env python3
"""sql/NNNN_name.sql -> one C table, in order: embed_sql.py OUT FILE..."""

import os
import re
import sys

out, files = sys.argv[1], sorted(sys.argv[2:], key=os.path.basename)
with open(out, "w") as f:
    f.write('#include "store/migrations.h"\n\nconst struct migration migrations[] = {\n')
    for path in files:
        version = int(re.match(r"(\d{4})_", os.path.basename(path)).group(1))
        with open(path) as sql:
            text = sql.read().replace("\\", "\\\\").replace('"', '\\"').replace("\n", '\\n"\n\t  "')
        f.write('\t{ %d, "%s" },\n' % (version, text))
    f.write("};\nconst size_t migration_count = sizeof(migrations) / sizeof(migrations[0]);\n")
