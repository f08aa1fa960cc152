#!/bin/bash
# PROTOCOL.keeper is what the keeper does.
exec python3 "$(dirname "$0")/protocol.py"
