// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.io.IOException;

/** A class file that has not been read yet. May be read by any thread. */
interface ClassFile {

  /** Returns its path among the class files of its source, the package first. */
  String name();

  /** Returns where it really is, for messages. */
  String location();

  /** Returns its size in bytes as its source states it: an estimate, to plan the work by. */
  long size();

  /**
   * Reads the file anew at each call.
   *
   * @return all its bytes
   * @throws IOException if it cannot be read
   */
  byte[] read() throws IOException;
}
