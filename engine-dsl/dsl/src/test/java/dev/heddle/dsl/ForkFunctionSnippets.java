// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import dev.heddle.fork.ForkScope;

/** The fork function that the documentation of this package shows. */
final class ForkFunctionSnippets {

  private ForkFunctionSnippets() {}

  // @start region="simpson"
  @ForkFunction
  interface Simpson {
    double integrate(ForkScope scope, double from, double to, double whole, double error);
  }
  // @end
}
