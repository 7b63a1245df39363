// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.internal.util.Seam;
import dev.heddle.internal.util.TestSeam;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OverflowQueueTest {

  @Test
  void poll_empty_null() {
    OverflowQueue<String> queue = new OverflowQueue<>();

    assertThat(queue.poll()).isNull();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.enqueued()).isZero();
  }

  @Test
  void poll_acrossManySegments_fifo() {
    OverflowQueue<Integer> queue = new OverflowQueue<>();
    int elements = 5 * OverflowQueue.SEGMENT_SIZE + 7;
    for (int i = 0; i < elements; i++) {
      queue.offer(i);
    }

    assertThat(queue.enqueued()).isEqualTo(elements);
    for (int i = 0; i < elements; i++) {
      assertThat(queue.isEmpty()).isFalse();
      assertThat(queue.poll()).isEqualTo(i);
    }
    assertThat(queue.poll()).isNull();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.enqueued()).isEqualTo(elements);
  }

  @Property
  void anySequence_sameAsSequentialQueue(
      @ForAll @Size(max = 2000) List<Boolean> offers, @ForAll boolean prefilled) {
    OverflowQueue<Integer> queue = new OverflowQueue<>();
    Queue<Integer> model = new ArrayDeque<>();
    int next = 0;
    for (; prefilled && next < OverflowQueue.SEGMENT_SIZE - 3; next++) {
      queue.offer(next);
      model.add(next);
    }
    for (boolean offer : offers) {
      if (offer) {
        queue.offer(next);
        model.add(next++);
      } else {
        assertThat(queue.poll()).isEqualTo(model.poll());
      }
      assertThat(queue.isEmpty()).isEqualTo(model.isEmpty());
      assertThat(queue.enqueued()).isEqualTo(next);
    }
  }

  /**
   * A producer that is suspended with a slot of its own hides nothing, and its element is not lost.
   */
  @Test
  void poll_producerSuspendedInItsSlot_laterElementsComeOut() throws InterruptedException {
    OverflowQueue<String> queue = new OverflowQueue<>();
    CountDownLatch suspended = new CountDownLatch(1);
    CountDownLatch resume = new CountDownLatch(1);
    Thread slow = new Thread(() -> queue.offer("slow"));
    try (TestSeam.Change change =
        TestSeam.atPoints(
            point -> {
              if (point == Seam.Point.OVERFLOW_SLOT_CLAIMED && Thread.currentThread() == slow) {
                suspended.countDown();
                awaitUninterruptibly(resume);
              }
            })) {
      slow.start();
      suspended.await();

      assertThat(queue.isEmpty()).as("a claimed slot is not empty").isFalse();
      queue.offer("quick");
      assertThat(queue.poll()).isEqualTo("quick");
      assertThat(queue.poll()).isNull();

      resume.countDown();
      slow.join();
      assertThat(queue.poll()).isEqualTo("slow");
      assertThat(queue.enqueued()).isEqualTo(2);
    }
  }

  @Test
  void offerAndPoll_twoProducersTwoConsumers_eachElementOnceInProducerOrder()
      throws InterruptedException {
    Tally tally = run(new OverflowQueue<>(), 2, 2, 300_000);

    assertThat(tally.missing()).isZero();
    assertThat(tally.outOfOrder.get()).isZero();
  }

  /**
   * The control: without the CAS into the slot, an element put into a slot that was given up is
   * lost.
   */
  @Test
  void offer_withoutCompareAndSet_elementLost() throws InterruptedException {
    OverflowQueue<Long> weakened =
        new OverflowQueue<>() {
          @Override
          boolean fill(@Nullable Object[] slots, int slot, Long element) {
            slots[slot] = element;
            return true;
          }
        };
    CountDownLatch suspended = new CountDownLatch(1);
    CountDownLatch resume = new CountDownLatch(1);
    Thread slow = new Thread(() -> weakened.offer(1L));
    try (TestSeam.Change change =
        TestSeam.atPoints(
            point -> {
              if (point == Seam.Point.OVERFLOW_SLOT_CLAIMED && Thread.currentThread() == slow) {
                suspended.countDown();
                awaitUninterruptibly(resume);
              }
            })) {
      slow.start();
      suspended.await();
      assertThat(weakened.poll()).isNull(); // gives the slot up
      resume.countDown();
      slow.join();

      assertThat(weakened.poll()).as("the control loses the element").isNull();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What the consumers saw of elements {@code producer << 32 | sequence}. */
  private static final class Tally {
    private final List<BitSet> seen = new ArrayList<>();
    private final AtomicInteger outOfOrder = new AtomicInteger();
    private final int perProducer;

    Tally(int producers, int perProducer) {
      this.perProducer = perProducer;
      for (int i = 0; i < producers; i++) {
        seen.add(new BitSet(perProducer));
      }
    }

    synchronized void add(List<Long> taken) {
      long[] last = new long[seen.size()];
      for (long element : taken) {
        int producer = (int) (element >>> 32);
        int sequence = (int) element;
        if (seen.get(producer).get(sequence)) {
          throw new AssertionError("taken twice: " + producer + "/" + sequence);
        }
        seen.get(producer).set(sequence);
        if (sequence + 1 <= last[producer]) {
          outOfOrder.incrementAndGet();
        }
        last[producer] = sequence + 1L;
      }
    }

    int missing() {
      return seen.stream().mapToInt(bits -> perProducer - bits.cardinality()).sum();
    }
  }

  private static Tally run(OverflowQueue<Long> queue, int producers, int consumers, int perProducer)
      throws InterruptedException {
    Tally tally = new Tally(producers, perProducer);
    List<Thread> threads = new ArrayList<>();
    AtomicInteger producing = new AtomicInteger(producers);
    for (int p = 0; p < producers; p++) {
      long producer = p;
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < perProducer; i++) {
                  queue.offer(producer << 32 | i);
                }
                producing.decrementAndGet();
              }));
    }
    for (int c = 0; c < consumers; c++) {
      threads.add(
          new Thread(
              () -> {
                List<Long> taken = new ArrayList<>();
                for (boolean last = false; ; ) {
                  Long element = queue.poll();
                  if (element != null) {
                    taken.add(element);
                  } else if (last) {
                    break;
                  } else {
                    last = producing.get() == 0; // what came before is visible to one more poll
                    Thread.onSpinWait();
                  }
                }
                tally.add(taken);
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    return tally;
  }
}
