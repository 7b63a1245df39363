// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.queue;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Races of the overflow queue: a slot between its producer and its consumer, the order of elements,
 * the step from one segment to the next, and what the wake-up protocol asks of {@code isEmpty}.
 *
 * <p>Elements are numbers from 1; 0 stands for an empty queue.
 */
public final class OverflowQueueStressTest {

  private OverflowQueueStressTest() {}

  /** Pauses of a slow producer, more than a consumer waits for a slot that it owns. */
  private static final int PAUSES = 48;

  private static int poll(OverflowQueue<Integer> queue) {
    Integer element = queue.poll();
    return element == null ? 0 : element;
  }

  /** A queue of which this many elements have been put in and taken out. */
  private static OverflowQueue<Integer> usedQueue(int slots) {
    OverflowQueue<Integer> queue = new OverflowQueue<>();
    for (int i = 0; i < slots; i++) {
      queue.offer(-1);
      queue.poll();
    }
    return queue;
  }

  private static void pause() {
    for (int i = 0; i < PAUSES; i++) {
      Thread.onSpinWait();
    }
  }

  /** Pauses between claiming a slot and filling it, as a suspended producer does. */
  private static final class SlowQueue extends OverflowQueue<Integer> {
    @Override
    boolean fill(@Nullable Object[] slots, int slot, Integer element) {
      pause();
      return super.fill(slots, slot, element);
    }
  }

  /** The control: fills the slot by a plain write, so that it does not notice a consumer. */
  private static final class PlainFillQueue extends OverflowQueue<Integer> {
    @Override
    boolean fill(@Nullable Object[] slots, int slot, Integer element) {
      pause();
      slots[slot] = element;
      return true;
    }
  }

  /** One element, offered while another thread polls. */
  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = FORBIDDEN,
      desc = "lost: the consumer gave the slot up, the producer filled it all the same")
  @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "twice: taken again by the next poll")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "offer, then poll")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "poll, then offer; or the slot was given up")
  @State
  public static class OfferPoll {
    private final OverflowQueue<Integer> queue = new OverflowQueue<>();

    /** Offers. */
    @Actor
    public void producer() {
      queue.offer(1);
    }

    /** Polls. */
    @Actor
    public void consumer(II_Result r) {
      r.r1 = poll(queue);
    }

    /** Polls what is left. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = poll(queue);
    }
  }

  /** The same with a producer that is slow between claiming its slot and filling it. */
  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = FORBIDDEN,
      desc = "lost: the consumer gave the slot up, the producer filled it all the same")
  @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "twice: taken again by the next poll")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "offer, then poll")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the slot was given up, the next one taken")
  @State
  public static class SlowOfferPoll {
    private final OverflowQueue<Integer> queue = new SlowQueue();

    /** Offers, slowly. */
    @Actor
    public void producer() {
      queue.offer(1);
    }

    /** Waits about as long as the producer needs to claim, then polls until it owned a slot. */
    @Actor
    public void consumer(II_Result r) {
      for (int i = 0; i < PAUSES && queue.isEmpty(); i++) {
        Thread.onSpinWait();
      }
      r.r1 = poll(queue);
    }

    /** Polls what is left. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = poll(queue);
    }
  }

  /** The control of {@link SlowOfferPoll}: a plain write instead of the CAS. */
  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = ACCEPTABLE_INTERESTING,
      desc = "control: lost, as the slot was filled after it had been given up")
  @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "twice: taken again by the next poll")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "offer, then poll")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "poll, then offer")
  @State
  public static class SlowOfferPollControl {
    private final OverflowQueue<Integer> queue = new PlainFillQueue();

    /** Offers, slowly and without looking. */
    @Actor
    public void producer() {
      queue.offer(1);
    }

    /** As in {@link SlowOfferPoll}. */
    @Actor
    public void consumer(II_Result r) {
      for (int i = 0; i < PAUSES && queue.isEmpty(); i++) {
        Thread.onSpinWait();
      }
      r.r1 = poll(queue);
    }

    /** Polls what is left. */
    @Arbiter
    public void after(II_Result r) {
      r.r2 = poll(queue);
    }
  }

  /** Two producers at once. */
  @JCStressTest
  @Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "1 claimed its slot first")
  @Outcome(id = "2, 1, 0", expect = ACCEPTABLE, desc = "2 claimed its slot first")
  @Outcome(
      expect = FORBIDDEN,
      desc = "lost or twice: both producers own one slot, or a poll passes a filled one")
  @State
  public static class OfferOffer {
    private final OverflowQueue<Integer> queue = new OverflowQueue<>();

    /** Offers 1. */
    @Actor
    public void first() {
      queue.offer(1);
    }

    /** Offers 2. */
    @Actor
    public void second() {
      queue.offer(2);
    }

    /** Polls three times. */
    @Arbiter
    public void after(III_Result r) {
      r.r1 = poll(queue);
      r.r2 = poll(queue);
      r.r3 = poll(queue);
    }
  }

  /** Two consumers, one element: one of them may own a slot that nobody will fill. */
  @JCStressTest
  @Outcome(id = "1, 1, .*", expect = FORBIDDEN, desc = "twice: both consumers own the slot")
  @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "lost: the slot was owned and not emptied")
  @Outcome(
      id = ".*, 0",
      expect = FORBIDDEN,
      desc = "the next element is lost in a slot that a consumer gave up")
  @Outcome(id = "1, 0, 2", expect = ACCEPTABLE, desc = "the first consumer had it")
  @Outcome(id = "0, 1, 2", expect = ACCEPTABLE, desc = "the second consumer had it")
  @State
  public static class PollPoll {
    private final OverflowQueue<Integer> queue = new OverflowQueue<>();

    /** Puts one element in. */
    public PollPoll() {
      queue.offer(1);
    }

    /** Polls. */
    @Actor
    public void first(III_Result r) {
      r.r1 = poll(queue);
    }

    /** Polls. */
    @Actor
    public void second(III_Result r) {
      r.r2 = poll(queue);
    }

    /** Offers the next element and polls it. */
    @Arbiter
    public void after(III_Result r) {
      queue.offer(2);
      r.r3 = poll(queue);
    }
  }

  /** One producer of two elements, one consumer: their order holds. */
  @JCStressTest
  @Outcome(id = "1, 2, 0, 0", expect = ACCEPTABLE, desc = "both polled at once")
  @Outcome(id = "1, 0, 2, 0", expect = ACCEPTABLE, desc = "one polled at once, one left")
  @Outcome(id = "0, 1, 2, 0", expect = ACCEPTABLE, desc = "too early, then one polled")
  @Outcome(id = "0, 0, 1, 2", expect = ACCEPTABLE, desc = "both polls were too early")
  @Outcome(
      expect = FORBIDDEN,
      desc = "lost, twice or out of order: a poll passes a slot whose producer still fills it")
  @State
  public static class OffersPolls {
    private final OverflowQueue<Integer> queue = new OverflowQueue<>();

    /** Offers 1 and 2. */
    @Actor
    public void producer() {
      queue.offer(1);
      queue.offer(2);
    }

    /** Polls twice. */
    @Actor
    public void consumer(IIII_Result r) {
      r.r1 = poll(queue);
      r.r2 = poll(queue);
    }

    /** Polls what is left. */
    @Arbiter
    public void after(IIII_Result r) {
      r.r3 = poll(queue);
      r.r4 = poll(queue);
    }
  }

  /** The same where the second element is the first of a new segment. */
  @JCStressTest
  @Outcome(id = "1, 2, 0, 0", expect = ACCEPTABLE, desc = "both polled at once")
  @Outcome(id = "1, 0, 2, 0", expect = ACCEPTABLE, desc = "one polled at once, one left")
  @Outcome(id = "0, 1, 2, 0", expect = ACCEPTABLE, desc = "too early, then one polled")
  @Outcome(id = "0, 0, 1, 2", expect = ACCEPTABLE, desc = "both polls were too early")
  @Outcome(
      expect = FORBIDDEN,
      desc = "lost, twice or out of order: head left a segment that was not drained")
  @State
  public static class OffersPollsAtBoundary {
    private final OverflowQueue<Integer> queue = usedQueue(OverflowQueue.SEGMENT_SIZE - 1);

    /** Offers 1 and 2. */
    @Actor
    public void producer() {
      queue.offer(1);
      queue.offer(2);
    }

    /** Polls twice. */
    @Actor
    public void consumer(IIII_Result r) {
      r.r1 = poll(queue);
      r.r2 = poll(queue);
    }

    /** Polls what is left. */
    @Arbiter
    public void after(IIII_Result r) {
      r.r3 = poll(queue);
      r.r4 = poll(queue);
    }
  }

  /** Two producers find the segment full: one of them adds the next. */
  @JCStressTest
  @Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "1 added the segment")
  @Outcome(id = "2, 1, 0", expect = ACCEPTABLE, desc = "2 added the segment")
  @Outcome(
      expect = FORBIDDEN,
      desc = "lost: both added a segment and one of these is not reachable; or twice")
  @State
  public static class OfferOfferAtBoundary {
    private final OverflowQueue<Integer> queue = usedQueue(OverflowQueue.SEGMENT_SIZE);

    /** Offers 1. */
    @Actor
    public void first() {
      queue.offer(1);
    }

    /** Offers 2. */
    @Actor
    public void second() {
      queue.offer(2);
    }

    /** Polls three times. */
    @Arbiter
    public void after(III_Result r) {
      r.r1 = poll(queue);
      r.r2 = poll(queue);
      r.r3 = poll(queue);
    }
  }

  /**
   * What the wake-up protocol rests on: an offer, and an announcement followed by {@code isEmpty},
   * see each other.
   */
  @JCStressTest
  @Outcome(
      id = "0, 1",
      expect = FORBIDDEN,
      desc = "stranded: isEmpty misses the offer, whose thread misses the announcement")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "offer, then announcement")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "isEmpty, then offer")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "they see each other")
  @State
  public static class OfferIsEmpty {
    private final OverflowQueue<Integer> queue = new OverflowQueue<>();
    private volatile int announced;

    /** Offers, then looks for an announcement. */
    @Actor
    public void producer(II_Result r) {
      queue.offer(1);
      r.r1 = announced;
    }

    /** Announces itself, then looks at the queue. */
    @Actor
    public void consumer(II_Result r) {
      announced = 1;
      r.r2 = queue.isEmpty() ? 1 : 0;
    }
  }

  /** The same where the offer adds a segment: it must be seen in its index or in its link. */
  @JCStressTest
  @Outcome(
      id = "0, 1",
      expect = FORBIDDEN,
      desc = "stranded: isEmpty misses the new segment, whose thread misses the announcement")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "offer, then announcement")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "isEmpty, then offer")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "they see each other")
  @State
  public static class OfferIsEmptyAtBoundary {
    private final OverflowQueue<Integer> queue = usedQueue(OverflowQueue.SEGMENT_SIZE);
    private volatile int announced;

    /** Offers, then looks for an announcement. */
    @Actor
    public void producer(II_Result r) {
      queue.offer(1);
      r.r1 = announced;
    }

    /** Announces itself, then looks at the queue. */
    @Actor
    public void consumer(II_Result r) {
      announced = 1;
      r.r2 = queue.isEmpty() ? 1 : 0;
    }
  }

  /** The count of what came in is exact once the offer has returned, given-up slots or not. */
  @JCStressTest
  @Outcome(id = "1, .*", expect = ACCEPTABLE, desc = "one came in")
  @Outcome(
      expect = FORBIDDEN,
      desc = "miscounted: a slot that was given up is counted, or is taken off twice")
  @State
  public static class SlowOfferCount {
    private final OverflowQueue<Integer> queue = new SlowQueue();

    /** Offers, slowly. */
    @Actor
    public void producer() {
      queue.offer(1);
    }

    /** Polls. */
    @Actor
    public void consumer(II_Result r) {
      for (int i = 0; i < PAUSES && queue.isEmpty(); i++) {
        Thread.onSpinWait();
      }
      r.r2 = poll(queue);
    }

    /** Reads the count. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = (int) queue.enqueued();
    }
  }
}
