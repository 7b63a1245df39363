// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.fork.ForkLong2;
import dev.heddle.internal.fork.ForkStack;
import dev.heddle.internal.fork.Forks;
import dev.heddle.internal.fork.Offer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;

/**
 * Frames are offered, taken back, taken and used again as quickly as can be: two thieves ask for
 * branches all the time, without the pauses of workers. Each leaf counts once, by a sum of hashes.
 */
public final class OfferReuse {

  private static final int THIEVES = 2;
  private static final int MOST_LEAVES = 2_000;

  private static volatile boolean over;

  private OfferReuse() {}

  private static final ForkLong2 SUM =
      (scope, from, to) ->
          to - from == 1
              ? Soak.hash(from)
              : scope.joinLong(
                  OfferReuse.SUM, from, (from + to) >>> 1, (from + to) >>> 1, to, Long::sum);

  /**
   * Runs.
   *
   * @param args seed, number of leaves
   */
  public static void main(String[] args) throws InterruptedException {
    long seed = Soak.seed(args);
    long leaves = Soak.count(args, 1_000_000_000);
    SplittableRandom random = new SplittableRandom(seed);
    Forks forks = new Forks(1 + THIEVES, worker -> {});
    CountDownLatch attached = new CountDownLatch(THIEVES);
    long[] thefts = new long[THIEVES];
    List<Thread> thieves = new ArrayList<>();
    for (int t = 0; t < THIEVES; t++) {
      int index = t;
      thieves.add(
          Thread.ofPlatform()
              .daemon()
              .start(() -> thefts[index] = steal(forks.attach(1 + index, () -> true), attached)));
    }
    ForkStack owner = forks.attach(0, () -> true);
    attached.await();
    long done = 0;
    while (done < leaves) {
      long from = random.nextLong() >>> 2;
      long to = from + 1 + random.nextInt(MOST_LEAVES);
      long expected = 0;
      for (long i = from; i < to; i++) {
        expected += Soak.hash(i);
      }
      long actual = owner.computeLong(SUM, from, to, null);
      owner.forget();
      if (actual != expected) {
        Soak.finish("OfferReuse", false, "from=%d, to=%d, seed=%d", from, to, seed);
      }
      done += to - from;
    }
    over = true;
    long all = 0;
    for (int t = 0; t < THIEVES; t++) {
      thieves.get(t).join();
      all += thefts[t];
    }
    Soak.finish("OfferReuse", all > 0, "leaves=%d, thefts=%d, seed=%d", done, all, seed);
  }

  private static long steal(ForkStack stack, CountDownLatch attached) {
    attached.countDown();
    long thefts = 0;
    while (!over) {
      Offer branch = stack.steal();
      if (branch == null) {
        stack.raiseNeedOfOthers();
      } else {
        stack.run(branch);
        stack.forget();
        thefts++;
      }
    }
    return thefts;
  }
}
