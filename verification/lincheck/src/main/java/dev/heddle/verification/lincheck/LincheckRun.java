// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.lincheck;

import dev.heddle.internal.fork.BranchOfferLincheckTest;
import dev.heddle.internal.queue.MpmcQueueLincheckTest;
import dev.heddle.internal.queue.OverflowQueueLincheckTest;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * Runs all Lincheck tests and prints one line each; fails the process if one is wrong, or if a
 * weakened control is not seen to fail.
 */
public final class LincheckRun {

  private static final int INVOCATIONS_MODEL = 1_000;
  private static final int INVOCATIONS_STRESS = 10_000;

  private final int models;
  private final int stresses;
  private int wrong;

  private LincheckRun(int models, int stresses) {
    this.models = models;
    this.stresses = stresses;
  }

  /**
   * Runs.
   *
   * @param args how many scenarios a test, by model checking and by stress; 100 by default
   */
  public static void main(String[] args) {
    int models = args.length > 0 ? Integer.parseInt(args[0]) : 100;
    int stresses = args.length > 1 ? Integer.parseInt(args[1]) : models;
    LincheckRun run = new LincheckRun(models, stresses);
    run.check("control", OverflowQueueLincheckTest.PlainFill.class, Fifo.class, true);
    run.check("queue", OverflowQueueLincheckTest.Fresh.class, Fifo.class, false);
    run.check("queue", OverflowQueueLincheckTest.AtBoundary.class, Fifo.class, false);
    run.check("queue", MpmcQueueLincheckTest.Strict.class, BoundedFifo.class, false);
    run.check("queue", MpmcQueueLincheckTest.RelaxedPoll.class, BoundedFifo.class, false);
    run.check(
        "offer",
        BranchOfferLincheckTest.Reused.class,
        BranchOfferLincheckTest.Sequential.class,
        false);
    System.out.printf(
        "lincheck: models=%d, stresses=%d, wrong=%d%n", run.models, run.stresses, run.wrong);
    System.exit(run.wrong == 0 ? 0 : 1);
  }

  private void check(String kind, Class<?> test, Class<?> specification, boolean mustFail) {
    run(
        kind + ", model checking " + models + " x " + INVOCATIONS_MODEL,
        test,
        mustFail,
        () ->
            new ModelCheckingOptions()
                .iterations(models)
                .invocationsPerIteration(INVOCATIONS_MODEL)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(2)
                .minimizeFailedScenario(false)
                .sequentialSpecification(specification)
                .check(test));
    if (mustFail) {
      return; // the fault needs a producer that stops inside offer: the model checker's strength
    }
    run(
        kind + ", stress " + stresses + " x " + INVOCATIONS_STRESS,
        test,
        false,
        () ->
            new StressOptions()
                .iterations(stresses)
                .invocationsPerIteration(INVOCATIONS_STRESS)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(2)
                .minimizeFailedScenario(false)
                .sequentialSpecification(specification)
                .check(test));
  }

  private void run(String what, Class<?> test, boolean mustFail, Runnable check) {
    long start = System.nanoTime();
    String failure = null;
    try {
      check.run();
    } catch (LincheckAssertionError e) {
      failure = e.getMessage();
    }
    boolean ok = mustFail == (failure != null);
    if (!ok) {
      wrong++;
    }
    System.out.printf(
        "%-5s %-35s %s, %.1f s%s%n",
        ok ? "ok" : "WRONG",
        test.getName().substring(test.getName().lastIndexOf('.') + 1),
        what,
        (System.nanoTime() - start) / 1e9,
        mustFail && ok ? ", seen to fail: " + firstLine(failure) : "");
    if (failure != null && !mustFail) {
      System.out.println(failure);
    }
  }

  private static String firstLine(String text) {
    return text.strip().lines().findFirst().orElse("");
  }
}
