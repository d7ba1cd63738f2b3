#!/usr/bin/env bash
# usage: second_arithmetic.sh PROGRAM   plan, verdict and metrics of a real case, worked out again by a script.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
here=$(dirname "$support")
data=$here/../../../shared/data/case_rescue_real_ct
[[ -f $data/case.toml ]] || { skipped "no case on a real CT beside the repository"; exit 0; }
"$(python_with_h5py)" "$here/../validation/second_arithmetic.py" "$program" "$data" || fail "the numbers differ"
