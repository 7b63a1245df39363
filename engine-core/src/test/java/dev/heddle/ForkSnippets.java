// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import dev.heddle.fork.ForkLong;

/** The snippets of the javadoc of forks. */
final class ForkSnippets {

  private ForkSnippets() {}

  // @start region="fib"
  static final ForkLong FIB =
      (scope, n) -> n < 2 ? n : scope.joinLong(ForkSnippets.FIB, n - 1, n - 2, Long::sum);

  static long fib(TaskEngine engine, long n) {
    return engine.computeLong(FIB, n);
  }
  // @end
}
