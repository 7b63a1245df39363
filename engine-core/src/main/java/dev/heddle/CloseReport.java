// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What closing an engine left behind. Immutable.
 *
 * @param terminated whether every worker thread has ended
 * @param completed tasks whose body returned, over the life of the engine
 * @param failed tasks whose body threw, or whose timeout was over, over the life of the engine
 * @param cancelled tasks that were cancelled, over the life of the engine, those of {@code
 *     neverStarted} included
 * @param neverStarted accepted tasks that this close cancelled before they started
 * @param stillRunning tasks whose body had not returned when the close gave up waiting, each as
 *     {@link dev.heddle.observe.EngineDump.Run} describes it, and its worker
 */
public record CloseReport(
    boolean terminated,
    long completed,
    long failed,
    long cancelled,
    long neverStarted,
    List<String> stillRunning) {

  /** Copies the list. */
  public CloseReport {
    stillRunning = List.copyOf(requireNonNull(stillRunning, "stillRunning"));
  }
}
