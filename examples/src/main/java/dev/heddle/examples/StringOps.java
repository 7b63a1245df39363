// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.dsl.TaskSet;

/** What can be made of texts: {@code StringTask} and {@code StringTasks}. */
@TaskSet
interface StringOps {

  /** Reverses a text by code points, so that a character beyond 16 bits stays whole. */
  String reverse(String text);

  String uppercase(String text);

  /** Returns the 64 bits of xxHash of a text in UTF-8. */
  long hash(String text);
}
