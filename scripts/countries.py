#!/usr/bin/env python3
"""ISO 3166 codes and names of tzdata's iso3166.tab as a C table."""

import sys

print("/* countries.c - made by scripts/countries.py; do not edit */")
print('#include "x509/countries.h"\n')
print("const struct country countries[] = {")
with open(sys.argv[1], encoding="utf-8") as f:
    for line in f:
        if not line.startswith("#") and line.strip():
            code, name = line.rstrip("\n").split("\t")
            print('\t{ "%s", "%s" },' % (code, name.replace('"', '\\"')))
print("\t{ NULL, NULL }\n};")
