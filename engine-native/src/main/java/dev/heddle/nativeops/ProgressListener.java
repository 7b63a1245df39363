// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

/**
 * Hears how far a long operation is, on the thread that runs it, after each millisecond of work at
 * the latest.
 */
@FunctionalInterface
public interface ProgressListener {

  /**
   * Says how far the operation is.
   *
   * @param done how much is done, 0 to {@code total}; never less than before
   * @param total of how much
   * @throws Exception anything stops the operation, which then throws a {@link
   *     NativeCallbackException}
   */
  void progress(long done, long total) throws Exception;
}
