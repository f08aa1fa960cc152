#!/bin/bash
# Manual pages and programs name the same.
exec python3 "$(dirname "$0")/manuals.py"
