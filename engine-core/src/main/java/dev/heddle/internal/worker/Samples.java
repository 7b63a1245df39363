// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import dev.heddle.internal.record.BodyKinds;
import dev.heddle.internal.record.BodyKinds.Kind;
import dev.heddle.internal.util.Seam;
import dev.heddle.internal.worker.Contexts.Carried;
import dev.heddle.spi.ContextPropagation.Captured;
import dev.heddle.spi.SubmitsForCaller;
import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import org.jspecify.annotations.Nullable;

/**
 * What is looked at for some submissions only, because looking costs more than submitting: the time
 * (21 ns), and the place in the program that submits (half a microsecond and more).
 */
/*
 * Roles.        counts: a counter for each of some groups of threads, incremented without care for others: a lost
 *               count shifts a sample by one. Places are kept with the kind of the body.
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

  private final BodyKinds kinds;

  Samples(boolean exact, BodyKinds kinds) {
    this.exact = exact;
    this.kinds = kinds;
  }

  boolean areExact() {
    return exact;
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
    Kind kind = kindOf(body);
    if (!exact && ((count & LATER_SITES_MASK) == 0 || kind.looks() < FIRST_SITES)) {
      kind.saw(walk());
    }
    return exact || (count & (TIMED_ONE_IN - 1)) == 0 ? Seam.nanoTime() | 1 : 0;
  }

  /**
   * What a handle keeps: the body; with its site if every submission is looked up, and with what it
   * takes along, if anything.
   */
  Object toKeep(Object body, Captured captured) {
    if (!exact) {
      return captured == Captured.nothing() ? body : new Carried(body, null, captured);
    }
    StackTraceElement site = walk();
    kindOf(body).saw(site);
    return new Carried(body, site, captured);
  }

  /** Where it was submitted, or where bodies of its class were when that was last looked up. */
  @Nullable StackTraceElement siteOf(Object kept) {
    return exact && kept instanceof Carried carried
        ? carried.site()
        : kindOf(Contexts.bodyOf(kept)).site();
  }

  private Kind kindOf(Object body) {
    return kinds.kind(kinds.numberOf(classOf(body)));
  }

  /** The class of what the program wrote: tasks that are made of a body are known by its class. */
  @SuppressWarnings("IfChainToSwitch") // which is a call of a method handle, on the hot path
  static Class<?> classOf(Object body) {
    Object inner = body;
    while (true) {
      if (inner instanceof AppliedTask<?, ?> task) {
        inner = task.function();
      } else if (inner instanceof ActionTask task) {
        inner = task.body();
      } else if (inner instanceof BlockingTask<?> task) {
        inner = task.body();
      } else if (inner instanceof FallbackTask<?> task) {
        inner = task.body();
      } else if (inner instanceof ExecutorView.Entry entry) {
        inner = entry.body;
      } else {
        return inner.getClass();
      }
    }
  }

  private static @Nullable StackTraceElement walk() {
    return StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE)
        .walk(
            frames ->
                frames
                    .filter(frame -> !submitsForOthers(frame.getDeclaringClass()))
                    .findFirst()
                    .map(StackFrame::toStackTraceElement)
                    .orElse(null));
  }

  private static boolean submitsForOthers(Class<?> type) {
    return type.getName().startsWith(OWN_CODE) || type.isAnnotationPresent(SubmitsForCaller.class);
  }
}
