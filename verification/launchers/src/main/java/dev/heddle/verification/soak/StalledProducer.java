// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import dev.heddle.TaskEngine;
import dev.heddle.internal.queue.OverflowQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;

/**
 * A producer that is suspended between claiming its slot and filling it stops nobody else, does not
 * make workers burn a core, and its task runs soon after it goes on.
 *
 * <p>In an inbox (of JCTools) the claim is made by hand, by reflection; in an overflow queue the
 * thread is suspended at the seam.
 */
public final class StalledProducer {

  private static final long RESUME_LIMIT_NANOS = 100_000_000L;
  private static final double CPU_LIMIT = 0.05;
  private static final long CPU_TIME_NANOS = 2_000_000_000L;
  private static final int OTHERS = 50;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final List<Thread> workerThreads = new ArrayList<>();
  private final String setting;
  private long slowestResumeNanos;
  private long slowestOthersNanos;

  private StalledProducer(long seed) {
    this.setting = "seed=" + seed;
  }

  /**
   * Runs.
   *
   * @param args seed, number of rounds
   */
  public static void main(String[] args) throws Exception {
    long seed = Soak.seed(args);
    new StalledProducer(seed).run(new SplittableRandom(seed), Soak.count(args, 1_000));
  }

  private void run(SplittableRandom random, long rounds) throws Exception {
    TaskEngine engine =
        TaskEngine.builder()
            .workers(2)
            .threadFactory(
                body -> {
                  Thread thread = new Thread(body);
                  workerThreads.add(thread);
                  return thread;
                })
            .build();
    for (long round = 0; round < rounds; round++) {
      Claim claim = new Claim(inboxOf(engine, random.nextInt(2)));
      othersRun(engine, claim.queue);
      resumes(claim);
    }
    Claim claim = new Claim(inboxOf(engine, 0));
    double idleCpu = cpuOfWorkers();
    resumes(claim);
    double restCpu = cpuOfWorkers();
    for (long round = 0; round < rounds; round++) {
      overflow();
    }
    engine.close();
    Soak.finish(
        "StalledProducer",
        idleCpu < CPU_LIMIT && slowestResumeNanos < RESUME_LIMIT_NANOS,
        "rounds=%d, slowest resume=%.1f ms, slowest others=%.1f ms, CPU of a worker while"
            + " stalled=%.2f %%, at rest=%.2f %%, %s",
        rounds,
        slowestResumeNanos / 1e6,
        slowestOthersNanos / 1e6,
        idleCpu * 100,
        restCpu * 100,
        setting);
  }

  /** Tasks that go to other inboxes run meanwhile; threads pick an inbox by their number. */
  private void othersRun(TaskEngine engine, MpmcVarHandleArrayQueue<Object> stalled)
      throws InterruptedException, ReflectiveOperationException {
    CountDownLatch others = new CountDownLatch(OTHERS);
    long start = System.nanoTime();
    int left = OTHERS;
    while (left > 0) {
      Thread submitter = new Thread(() -> engine.execute(others::countDown));
      boolean hits = pickedBy(submitter, engine) == indexOf(engine, stalled);
      if (!hits) {
        submitter.start();
        submitter.join();
        left--;
      }
    }
    if (!others.await(10, TimeUnit.SECONDS)) {
      Soak.stalled(
          "StalledProducer", "others do not run: left=" + others.getCount() + ", " + setting);
    }
    slowestOthersNanos = Math.max(slowestOthersNanos, System.nanoTime() - start);
  }

  private void resumes(Claim claim) throws InterruptedException {
    CountDownLatch ran = new CountDownLatch(1);
    long start = System.nanoTime();
    claim.fill((Runnable) ran::countDown);
    if (!ran.await(10, TimeUnit.SECONDS)) {
      Soak.stalled("StalledProducer", "task of the suspended producer does not run, " + setting);
    }
    slowestResumeNanos = Math.max(slowestResumeNanos, System.nanoTime() - start);
  }

  /** The share of a core that the busiest worker uses. */
  private double cpuOfWorkers() throws InterruptedException {
    long[] before = workerThreads.stream().mapToLong(this::cpuNanos).toArray();
    Thread.sleep(TimeUnit.NANOSECONDS.toMillis(CPU_TIME_NANOS));
    long most = 0;
    for (int i = 0; i < before.length; i++) {
      most = Math.max(most, cpuNanos(workerThreads.get(i)) - before[i]);
    }
    return (double) most / CPU_TIME_NANOS;
  }

  private long cpuNanos(Thread thread) {
    return threads.getThreadCpuTime(thread.threadId());
  }

  /** A producer of an overflow queue is suspended: a second one is not, and its element comes. */
  private void overflow() throws InterruptedException {
    OverflowQueue<Integer> queue = new OverflowQueue<>();
    CountDownLatch until = new CountDownLatch(1);
    Thread suspended =
        Thread.ofPlatform()
            .start(
                () -> {
                  StallingSeam.SUSPEND.set(until);
                  queue.offer(1);
                });
    while (queue.isEmpty()) {
      Thread.onSpinWait();
    }
    queue.offer(2);
    Integer second = queue.poll();
    until.countDown();
    suspended.join();
    Integer first = queue.poll();
    if (second == null || second != 2 || first == null || first != 1 || queue.poll() != null) {
      Soak.finish(
          "StalledProducer", false, "overflow queue gave %s, %s, %s", second, first, setting);
    }
  }

  // ---- a look into the engine

  private static Object field(Object object, String name) {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      try {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(object);
      } catch (NoSuchFieldException inSuperclass) {
        // look there
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
    throw new AssertionError("no field: " + name);
  }

  @SuppressWarnings("unchecked") // that is its type
  private static MpmcVarHandleArrayQueue<Object> inboxOf(TaskEngine engine, int worker) {
    return (MpmcVarHandleArrayQueue<Object>)
        field(Array.get(field(engine, "workers"), worker), "inbox");
  }

  /** Which inbox of two a thread submits to. */
  private static int pickedBy(Thread submitter, TaskEngine engine)
      throws ReflectiveOperationException {
    Method pick = engine.getClass().getDeclaredMethod("inboxOf", Thread.class, int.class);
    pick.setAccessible(true);
    return (int) pick.invoke(null, submitter, 2);
  }

  private static int indexOf(TaskEngine engine, MpmcVarHandleArrayQueue<Object> inbox) {
    return inboxOf(engine, 0) == inbox ? 0 : 1;
  }

  /**
   * What a producer of an inbox has done when it is suspended: one step of the producer's index.
   */
  private static final class Claim {
    private static final VarHandle SEQUENCE = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    final MpmcVarHandleArrayQueue<Object> queue;
    private final long index;

    Claim(MpmcVarHandleArrayQueue<Object> queue) throws ReflectiveOperationException {
      this.queue = queue;
      Class<?> owner = queue.getClass();
      while (!owner.getSimpleName().endsWith("ProducerIndexField")) {
        owner = owner.getSuperclass();
      }
      VarHandle producerIndex =
          MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
              .findVarHandle(owner, "producerIndex", long.class);
      this.index = (long) producerIndex.getAndAdd(queue, 1L);
    }

    /** The rest of the offer. */
    void fill(Object element) {
      int slot = (int) (index & (long) field(queue, "mask"));
      SLOT.setRelease((Object[]) field(queue, "buffer"), slot, element);
      SEQUENCE.setVolatile((long[]) field(queue, "sequenceBuffer"), slot, index + 1);
    }
  }
}
