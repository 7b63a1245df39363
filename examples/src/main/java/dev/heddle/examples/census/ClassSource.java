// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.io.IOException;
import java.util.List;

/** Where class files come from. Closing it makes its class files unreadable. */
interface ClassSource extends AutoCloseable {

  /** Returns what this is, in words. */
  String description();

  /**
   * Lists the class files; reads none of them.
   *
   * @return the packages, at least one
   * @throws InputException if there is none or the source is damaged
   */
  List<ClassPackage> packages() throws InputException;

  @Override
  void close() throws IOException;
}
