#!/bin/bash
# The planner is told of each index.
exec python3 "$(dirname "$0")/statistics.py"
