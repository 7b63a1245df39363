#!/bin/sh
# Sums up what gcov (GCOV) says of the sources of the library, in the folder of its objects. Fails under 95 % of the
# lines or 85 % of the branches.
set -eu

# The kernels count twice where they have been compiled twice. Sources are not where gcov looks for them: no matter.
# shellcheck disable=SC2086
${GCOV:-gcov} -b -- *.gcno 2>gcov.txt | awk '
  /^File/ { ours = index($0, "src/") > 0 }
  /^$/ { ours = 0 } # behind the last file is a sum of all
  ours && /^Lines executed/ { split($2, part, /[:%]/); lines += part[2] / 100 * $4; allLines += $4 }
  ours && /^Taken at least once/ { split($4, part, /[:%]/); branches += part[2] / 100 * $6; allBranches += $6 }
  END {
    printf "coverage: %.1f %% of %d lines, ", 100 * lines / allLines, allLines
    printf "%.1f %% of %d branches\n", 100 * branches / allBranches, allBranches
    exit lines / allLines < 0.95 || branches / allBranches < 0.85
  }'
