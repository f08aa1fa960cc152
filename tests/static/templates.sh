#!/bin/bash
# Templates and static files keep the portal's rules.
exec python3 "$(dirname "$0")/templates.py"
