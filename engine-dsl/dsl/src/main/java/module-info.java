// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** Definitions of tasks, typed step by step; see {@link dev.heddle.dsl}. */
@org.jspecify.annotations.NullMarked
module dev.heddle.dsl {
  requires transitive dev.heddle;
  requires static org.jspecify;

  exports dev.heddle.dsl;
}
