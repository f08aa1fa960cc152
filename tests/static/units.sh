#!/bin/bash
# Each module has unit tests.
exec python3 "$(dirname "$0")/units.py"
