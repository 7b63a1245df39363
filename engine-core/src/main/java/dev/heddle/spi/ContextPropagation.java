// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

import static java.util.Objects.requireNonNull;

import dev.heddle.error.ConfigurationException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes what belongs to a thread along with the tasks that the thread submits: an identity, a
 * trace, the values of a log line.
 *
 * <p>What is captured when a task is submitted is restored on the thread that runs it, around its
 * body, and what that thread had before is put back; likewise for callbacks, from their
 * registration on. A periodic task has for all its runs what was there when it was scheduled, a
 * group what was there when it was submitted. A computation or a loop has it where it was called;
 * branches that other workers take have what their worker has: hand them what they need.
 *
 * {@snippet class="dev.heddle.ContextPropagationTest" region="own-propagation"}
 *
 * <p><b>Cost.</b> Without a propagation nothing is done and nothing is allocated. With one, each
 * submission costs what {@link #capture} costs and 24 bytes, each run what {@link Captured#restore}
 * and {@link Restored#close} cost.
 *
 * <p><b>Errors.</b> What {@link #capture} throws is thrown by the submission, which has done
 * nothing then. If {@link Captured#restore} throws, the body does not run, and the task fails with
 * that; a body or callback without a handle goes to the engine's uncaught handler. What {@link
 * Restored#close} throws goes to the uncaught handler, and the outcome of the task stays.
 */
@FunctionalInterface
public interface ContextPropagation {

  /** What a thread had when it submitted. Immutable. */
  @FunctionalInterface
  interface Captured {
    /**
     * Gives it to the calling thread, which may be the one that has submitted. Called for each run,
     * by several threads at once if a task has several runs; runs inside each other end in reverse
     * order.
     *
     * @return what puts back what the thread had before
     */
    Restored restore();

    /**
     * For {@link #capture} where there is nothing to take along: the body sees what its thread has.
     *
     * @return always the same
     */
    static Captured nothing() {
      return NoContext.INSTANCE;
    }
  }

  /** What a thread had before. */
  @FunctionalInterface
  interface Restored extends AutoCloseable {
    /** Puts it back. Called once, by the thread that has restored. */
    @Override
    void close();
  }

  /**
   * Looks at what the calling thread has. Called by each submission; must be quick.
   *
   * @return what is to be restored, or {@link Captured#nothing()}
   */
  Captured capture();

  /**
   * The default: takes nothing along.
   *
   * @return always the same
   */
  static ContextPropagation none() {
    return NoContext.INSTANCE;
  }

  /**
   * Takes the diagnostic context of SLF4J along, {@code org.slf4j.MDC}: a copy for each submission
   * unless it is empty. A body finds what its submitter had and nothing else.
   *
   * @return the propagation
   * @throws ConfigurationException if {@code org.slf4j:slf4j-api} is not there, or cannot be used;
   *     the cause says why
   */
  static ContextPropagation mdc() {
    return Libraries.MDC.make();
  }

  /**
   * Takes along what is registered with Micrometer's {@code ContextRegistry}. Of what is
   * registered, a body finds what its submitter had and nothing else.
   *
   * @return the propagation
   * @throws ConfigurationException if {@code io.micrometer:context-propagation} is not there, or
   *     cannot be used; the cause says why
   */
  static ContextPropagation micrometer() {
    return Libraries.MICROMETER.make();
  }

  /**
   * Takes OpenTelemetry's current {@code Context} along.
   *
   * @return the propagation
   * @throws ConfigurationException if {@code io.opentelemetry:opentelemetry-context} is not there,
   *     or cannot be used; the cause says why
   */
  static ContextPropagation openTelemetry() {
    return Libraries.OPEN_TELEMETRY.make();
  }

  /**
   * Those of {@link #mdc}, {@link #micrometer} and {@link #openTelemetry} whose library is there
   * and can be used; the others are left out without a word.
   *
   * @return all of them, or {@link #none()}
   */
  static ContextPropagation present() {
    List<ContextPropagation> found = new ArrayList<>();
    for (Libraries library : Libraries.values()) {
      library.find().ifPresent(found::add);
    }
    return AllOf.of(found);
  }

  /**
   * Several together: captured and restored in the order given, put back in reverse. If one cannot
   * be restored, those before it are put back; each is put back, whether others could be or not.
   *
   * @param propagations what to take along
   * @return all of them
   */
  static ContextPropagation of(ContextPropagation... propagations) {
    List<ContextPropagation> parts = new ArrayList<>();
    for (ContextPropagation each : requireNonNull(propagations, "propagations")) {
      parts.add(requireNonNull(each, "propagation"));
    }
    return AllOf.of(parts);
  }
}
