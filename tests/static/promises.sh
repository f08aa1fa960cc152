#!/bin/bash
# Each test that docs/promises.md names exists.
exec python3 "$(dirname "$0")/promises.py"
