// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.internal.util.Seam;
import java.lang.StackWalker.StackFrame;
import java.util.concurrent.atomic.AtomicStampedReference;
import org.jspecify.annotations.Nullable;

/**
 * What is looked at for some submissions only, because looking costs more than submitting: the time
 * (21 ns), and the place in the program that submits (half a microsecond and more).
 */
/*
 * Roles.        counts: a counter for each of some groups of threads, incremented without care for others: a lost
 *               count shifts a sample by one. sites: by the class of the body, since each lambda expression
 *               has its own.
 * Class loaders. The JVM keeps the values of a ClassValue with the class of the body, which may outlive the
 *               engine's own class loader: so a value consists of classes of the JDK only.
 * Evidence.     SamplesTest, LifeCycleTest (class loaders).
 */
final class Samples {

  /** One submission in so many has its times taken. */
  static final int TIMED_ONE_IN = 64;

  /** Of a class, the first so many submissions are looked up, and then one in a thousand. */
  private static final int FIRST_SITES = 8;

  private static final int LATER_SITES_MASK = 1023;

  private static final int GROUPS = 16;
  private static final int PAD = 32; // ints; two cache lines

  private static final String OWN_CODE = "dev.heddle.internal.";

  private final boolean exact;
  private final int[] counts = new int[(GROUPS + 1) * PAD];

  /** The last site that was seen, stamped with the number of looks up to {@link #FIRST_SITES}. */
  private final ClassValue<AtomicStampedReference<@Nullable String>> sites =
      new ClassValue<>() {
        @Override
        protected AtomicStampedReference<@Nullable String> computeValue(Class<?> type) {
          return new AtomicStampedReference<>(null, 0);
        }
      };

  Samples(boolean exact) {
    this.exact = exact;
  }

  int timedOneIn() {
    return exact ? 1 : TIMED_ONE_IN;
  }

  /**
   * Looks at a submission of the calling thread: returns the time, or 0 if it is not the turn of
   * this one, and notes where it comes from when it is its turn for that.
   */
  long submission(Object body) {
    int group = PAD * (1 + ((int) Thread.currentThread().threadId() & (GROUPS - 1)));
    int count = counts[group]++;
    AtomicStampedReference<@Nullable String> site = sites.get(body.getClass());
    if (exact || (count & LATER_SITES_MASK) == 0 || site.getStamp() < FIRST_SITES) {
      site.set(walk(), Math.min(FIRST_SITES, site.getStamp() + 1));
    }
    return exact || (count & (TIMED_ONE_IN - 1)) == 0 ? Seam.nanoTime() | 1 : 0;
  }

  /** A body, and where just this one was submitted. */
  private record Sited(Object body, @Nullable String site) {}

  /** What a handle keeps: the body, with its site if every submission is looked up. */
  Object withSite(Object body) {
    return exact ? new Sited(body, sites.get(body.getClass()).getReference()) : body;
  }

  /** The body, out of what a handle keeps. */
  static Object bodyOf(Object kept) {
    return kept instanceof Sited sited ? sited.body() : kept;
  }

  /** Where it was submitted, or where bodies of its class were when that was last looked up. */
  @Nullable String siteOf(Object kept) {
    return kept instanceof Sited sited ? sited.site() : sites.get(kept.getClass()).getReference();
  }

  private static @Nullable String walk() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> !frame.getClassName().startsWith(OWN_CODE))
                    .findFirst()
                    .map(StackFrame::toString)
                    .orElse(null));
  }
}
