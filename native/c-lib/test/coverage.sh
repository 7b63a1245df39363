#!/bin/sh
# Sums up what gcov says of the sources of the library, in the folder of its objects. Fails under 95 % of the lines or 85 %
# of the branches.
set -eu

gcov -b library.gcno math.gcno long.gcno text.gcno kernels.gcno kernels-avx2.gcno 2>/dev/null | awk '
  /^File/ { ours = index($0, "src/") > 0 }
  ours && /^Lines executed/ { split($2, part, /[:%]/); lines += part[2] / 100 * $4; allLines += $4 }
  ours && /^Taken at least once/ { split($4, part, /[:%]/); branches += part[2] / 100 * $6; allBranches += $6 }
  END {
    printf "coverage: %.1f %% of %d lines, %.1f %% of %d branches\n", 100 * lines / allLines, allLines, 100 * branches / allBranches, allBranches
    exit lines / allLines < 0.95 || branches / allBranches < 0.85
  }'
