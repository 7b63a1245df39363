// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.error.ResourceException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.Resource;
import dev.heddle.resource.ResourcePool;
import dev.heddle.resource.Uses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tasks without workers: acquisitions that are started, granted, withdrawn and released by several
 * threads at once, beside threads that park, time out and are interrupted.
 */
@Timeout(60)
class AcquisitionStressTest {

  private static final int THREADS = 4;
  private static final int ROUNDS = 20_000; // of each thread

  private final Limit a = Limit.of("a", 2);
  private final Limit b = Limit.of("b", 3);
  private final ResourcePool<AtomicInteger> c =
      ResourcePool.of("c", List.of(new AtomicInteger(), new AtomicInteger()));
  private final AtomicInteger outOfA = new AtomicInteger();
  private final AtomicInteger outOfB = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> wrong = new AtomicReference<>();

  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger heldOnes = new AtomicInteger();
  private final AtomicInteger withdrawnOnes = new AtomicInteger();
  private final Queue<Job> ready = new ConcurrentLinkedQueue<>();
  private final AtomicReferenceArray<@Nullable Job> targets = new AtomicReferenceArray<>(64);

  /** A task that has not started. */
  private final class Job {
    final HeldLeases held = new HeldLeases();
    final AtomicInteger ends = new AtomicInteger();
    final int ofA;
    final int ofB;
    final boolean ofC;
    final Acquisition acquisition;

    Job(SplittableRandom random) {
      ofA = random.nextInt(3);
      ofB = random.nextInt(4);
      ofC = random.nextInt(3) == 0;
      Uses uses = ofC ? Uses.none().and(c) : Uses.none();
      uses = ofB == 0 ? uses : uses.and(b, ofB);
      uses = ofA == 0 ? uses : uses.and(a, ofA);
      acquisition = new Acquisition(uses, held, () -> ready.add(this));
    }

    void start() {
      made.incrementAndGet();
      if (acquisition.start()) {
        ready.add(this);
      }
    }

    void withdraw() {
      if (acquisition.withdraw()) {
        check(ends.incrementAndGet() == 1, "withdrawn after its end");
        withdrawnOnes.incrementAndGet();
      }
    }

    void run() {
      check(ends.incrementAndGet() == 1, "held after its end");
      enter(outOfA, ofA, 2);
      enter(outOfB, ofB, 3);
      if (ofC) {
        check(held.lease(c).value().incrementAndGet() == 1, "an item is lent twice");
        held.lease(c).value().decrementAndGet();
      }
      outOfA.addAndGet(-ofA);
      outOfB.addAndGet(-ofB);
      check(held.releaseAll() == 0, "the body has left nothing open");
      heldOnes.incrementAndGet();
    }
  }

  private void check(boolean right, String what) {
    if (!right) {
      wrong.compareAndSet(null, new AssertionError(what));
    }
  }

  private void enter(AtomicInteger out, int permits, int capacity) {
    check(out.addAndGet(permits) <= capacity, "more permits out than there are");
  }

  /** Runs jobs that are ready. */
  private void work() {
    for (Job job; (job = ready.poll()) != null; ) {
      job.run();
    }
  }

  private void tasks(SplittableRandom random) {
    for (int i = 0; i < ROUNDS; i++) {
      Job job = new Job(random);
      int at = random.nextInt(targets.length());
      targets.set(at, job); // from here on others withdraw it, also while it starts
      job.start();
      Job target = targets.get(random.nextInt(targets.length()));
      if (target != null && random.nextInt(3) == 0) {
        target.withdraw();
      }
      if (random.nextInt(4) != 0) {
        work();
      }
    }
  }

  private void outside(SplittableRandom random) {
    for (int i = 0; i < ROUNDS / 10; i++) {
      int permits = 1 + random.nextInt(2);
      if (random.nextInt(10) == 0) {
        Thread.currentThread().interrupt();
      }
      try (Lease<@Nullable Void> lease =
          a.acquire(permits, Duration.ofNanos(random.nextInt(100_000)))) {
        enter(outOfA, permits, 2);
        outOfA.addAndGet(-permits);
      } catch (ResourceException | TaskInterruptedException e) { // nothing is held then
      }
      Thread.interrupted();
    }
  }

  private void onThread(List<Thread> threads, Runnable body) {
    Thread thread =
        new Thread(
            () -> {
              try {
                body.run();
              } catch (Throwable e) {
                wrong.compareAndSet(null, e);
              }
            });
    thread.start();
    threads.add(thread);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void manyThreads_anyOrder_nothingIsLostAndNothingTwice(long seed) throws InterruptedException {
    SplittableRandom random = new SplittableRandom(seed);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom own = random.split();
      onThread(threads, () -> tasks(own));
    }
    SplittableRandom ofOutside = random.split();
    onThread(threads, () -> outside(ofOutside));
    for (Thread thread : threads) {
      thread.join();
    }
    work(); // each gives back to those who wait, and queues them here

    assertThat(wrong.get()).as("seed %d", seed).isNull();
    assertThat(heldOnes.get() + withdrawnOnes.get()).isEqualTo(made.get());
    assertThat(heldOnes.get()).isPositive();
    assertThat(withdrawnOnes.get()).isPositive();
    for (Resource<?> resource : List.of(a, b, c)) {
      assertThat(resource.available()).as("%s", resource).isEqualTo(resource.capacity());
      assertThat(resource.waiting()).as("%s", resource).isZero();
    }
  }

  /** One withdraws while another one gives back, many times. */
  @Test
  void withdraw_againstAGrant_hasOneWinner() throws InterruptedException {
    int rounds = 20_000;
    Limit one = Limit.of("one", 1);
    AtomicIntegerArray ends = new AtomicIntegerArray(rounds);
    AtomicInteger round = new AtomicInteger(-1);
    AtomicInteger left = new AtomicInteger();
    AtomicReference<@Nullable Acquisition> current = new AtomicReference<>();
    Thread other =
        new Thread(
            () -> {
              for (int i = 0; i < rounds; i++) {
                while (round.get() < i) {
                  Thread.onSpinWait();
                }
                Acquisition mine = current.get();
                if (mine != null && mine.withdraw()) {
                  ends.incrementAndGet(i);
                }
                left.incrementAndGet();
              }
            });
    other.start();
    for (int i = 0; i < rounds; i++) {
      int number = i;
      Lease<@Nullable Void> lease = one.tryAcquire().orElseThrow();
      HeldLeases held = new HeldLeases();
      Acquisition waiting =
          new Acquisition(Uses.none().and(one), held, () -> ends.incrementAndGet(number));
      assertThat(waiting.start()).isFalse();
      current.set(waiting);
      round.set(i);
      lease.close();
      while (left.get() <= i) {
        Thread.onSpinWait();
      }
      assertThat(ends.get(i)).as("ends of round %d", i).isEqualTo(1);
      held.releaseAll();
      assertThat(one.available()).as("after round %d", i).isEqualTo(1);
    }
    other.join();
  }

  // ---- control: a withdrawal that looks and then writes

  /** Lets something happen between the look and the write of a withdrawal. */
  private static final class LooksThenWrites extends Permits {
    private Runnable between = () -> {};

    LooksThenWrites(int capacity) {
      super(capacity);
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // that is what is wrong with it
    @Nullable LeaseImpl<?> leave(LeaseImpl<?> lease, LeaseImpl.State to) {
      if (to != LeaseImpl.State.WITHDRAWN || lease.state != LeaseImpl.State.WAITING) {
        return super.leave(lease, to);
      }
      Runnable once = between;
      between = () -> {};
      once.run();
      if (lease.state == LeaseImpl.State.WAITING) {
        return super.leave(lease, to);
      }
      lease.state = LeaseImpl.State.WITHDRAWN; // what it would write without looking again
      return null;
    }
  }

  @Test
  void control_withdrawThatLooksThenWrites_losesAPermit() {
    LooksThenWrites permits = new LooksThenWrites(1);
    LimitImpl weak = new LimitImpl("weak", permits);
    Lease<@Nullable Void> lease = weak.tryAcquire().orElseThrow();
    HeldLeases held = new HeldLeases();
    Acquisition waiting = new Acquisition(UsesImpl.NONE.and(weak), held, () -> {});
    assertThat(waiting.start()).isFalse();
    permits.between = lease::close;

    waiting.withdraw();
    held.releaseAll();

    assertThat(weak.available())
        .as("the permit is lost, and the tests above would say so")
        .isZero();
  }
}
