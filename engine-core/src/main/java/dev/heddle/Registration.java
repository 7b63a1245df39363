// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

/** Something that was registered and can be taken back. Safe for use by any thread. */
public interface Registration extends AutoCloseable {

  /** Takes it back. What runs already goes on; a second call does nothing. */
  @Override
  void close();
}
