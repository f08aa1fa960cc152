#!/bin/bash
# Capability cards fit their JSON Schema (Debian's python3-jsonschema).
exec /usr/bin/python3 "$(dirname "$0")/cards.py"
