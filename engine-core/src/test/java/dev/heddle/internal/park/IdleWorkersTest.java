// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.park;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.internal.util.Seam;
import dev.heddle.internal.util.TestSeam;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IdleWorkersTest {

  private final AtomicBoolean published = new AtomicBoolean();
  private IdleWorkers idle = new IdleWorkers(2, worker -> published.get());

  @AfterEach
  void wakeEverybody() {
    idle.sealIfParked(0);
  }

  @Test
  void park_workThere_returnsAtOnce() {
    published.set(true);

    assertThat(idle.park(0, false)).isEqualTo(IdleWorkers.Woken.AT_ONCE);
    assertThat(idle.word()).isZero();
  }

  @Test
  void park_sealed_returnsAtOnce() {
    idle.sealIfParked(0);

    assertThat(idle.park(0, false)).isEqualTo(IdleWorkers.Woken.AT_ONCE);
    assertThat(idle.parked()).isZero();
  }

  @Test
  void sealIfParked_oneAwake_doesNotSeal() throws InterruptedException {
    Parked worker = new Parked(0);

    assertThat(idle.sealIfParked(2)).isFalse();
    assertThat(idle.isSealed()).isFalse();
    idle.wake(0);
    worker.woken();
  }

  @Test
  void sealIfParked_allParked_sealsAndWakesThem() throws InterruptedException {
    Parked first = new Parked(0);
    Parked second = new Parked(1);

    assertThat(idle.sealIfParked(2)).isTrue();
    assertThat(idle.isSealed()).isTrue();
    first.woken();
    second.woken();
    assertThat(idle.parked()).isZero();
  }

  @Test
  void sealIfParked_oneWokenSinceTheLook_doesNotSeal() throws InterruptedException {
    Parked first = new Parked(0);
    Parked second = new Parked(1);

    idle.wake(1);
    assertThat(idle.sealIfParked(2)).as("it may have taken a task").isFalse();

    second.woken();
    idle.wake(0);
    first.woken();
  }

  @Test
  void wakeOne_oneParked_wakesItAsSpinner() throws InterruptedException {
    Parked worker = new Parked(0);

    idle.wakeOne(0);

    assertThat(worker.woken()).isEqualTo(IdleWorkers.Woken.AS_SPINNER);
    assertThat(idle.parked()).isZero();
  }

  @Test
  void wakeOne_whileOneSpins_wakesNobody() throws InterruptedException {
    Parked worker = new Parked(0);
    assertThat(idle.trySpin()).isTrue();
    assertThat(idle.trySpin()).as("there is one spinner").isFalse();

    idle.wakeOne(0);
    assertThat(idle.parked()).isEqualTo(1);

    published.set(true);
    idle.stopSpinning(1, true); // it found a task, and there is more
    assertThat(worker.woken()).isEqualTo(IdleWorkers.Woken.AS_SPINNER);
  }

  @Test
  void stopSpinning_nothingElseThere_wakesNobody() throws InterruptedException {
    Parked worker = new Parked(0);
    assertThat(idle.trySpin()).isTrue();

    idle.stopSpinning(1, true);

    assertThat(idle.parked()).isEqualTo(1);
    idle.wake(0);
    assertThat(worker.woken()).isEqualTo(IdleWorkers.Woken.WOKEN);
  }

  @Test
  void recover_afterAnErrorWhileParking_isNoSleeperAnyMore() {
    try (TestSeam.Change change =
        TestSeam.atPoints(
            point -> {
              throw new OutOfMemoryError("simulated");
            })) {
      assertThatThrownBy(() -> idle.park(0, false)).isInstanceOf(OutOfMemoryError.class);
    }
    assertThat(idle.parked()).isEqualTo(1);

    assertThat(idle.recover(0)).isFalse();

    assertThat(idle.word()).isZero();
    idle.wakeOne(0);
    assertThat(idle.word()).as("nobody was there to become the spinner").isZero();
  }

  @Test
  void recover_alreadyWoken_handsTheSpinnerRoleBack() {
    try (TestSeam.Change change =
        TestSeam.atPoints(
            point -> {
              throw new OutOfMemoryError("simulated");
            })) {
      assertThatThrownBy(() -> idle.park(0, false)).isInstanceOf(OutOfMemoryError.class);
    }
    idle.wakeOne(0);

    assertThat(idle.recover(0)).isTrue();
    idle.stopSpinning(0, false);
    assertThat(idle.word()).isZero();
  }

  @Test
  void wakeOne_whileOneWatches_wakesNobodyUntilTheWatchEnds() throws InterruptedException {
    idle = new IdleWorkers(3, worker -> published.get());
    Parked worker = new Parked(0);
    assertThat(idle.tryWatch()).isTrue();
    assertThat(idle.tryWatch()).as("there is one watcher").isFalse();

    idle.wakeOne(0);
    assertThat(idle.parked()).isEqualTo(1);

    idle.watch(1);
    idle.wakeOne(0);
    assertThat(worker.woken()).isEqualTo(IdleWorkers.Woken.AS_SPINNER);
  }

  @Test
  void tryWatch_allOthersParked_isRefused() throws InterruptedException {
    Parked worker = new Parked(0);

    assertThat(idle.tryWatch()).isFalse();

    idle.wake(0);
    assertThat(worker.woken()).isEqualTo(IdleWorkers.Woken.WOKEN);
  }

  @Test
  void park_whileOneWatches_takesTheRoleFromIt() throws InterruptedException {
    assertThat(idle.tryWatch()).isTrue();
    Parked worker = new Parked(0); // the last one that was awake

    idle.wakeOne(0); // a submitter, while the watcher naps on

    assertThat(worker.woken()).isEqualTo(IdleWorkers.Woken.AS_SPINNER);
  }

  @Test
  void park_oneWatchesAndAnotherIsAwake_leavesTheWatchAlone() throws InterruptedException {
    idle = new IdleWorkers(3, worker -> published.get());
    published.set(true);
    assertThat(idle.tryWatch()).isTrue();
    Parked worker = new Parked(0, true);

    idle.wakeOne(0);
    assertThat(idle.parked()).as("relies on the watcher").isEqualTo(1);

    idle.watch(1);
    idle.wakeIfThereIsWork(1); // it took a task, and there is more
    assertThat(worker.woken()).isEqualTo(IdleWorkers.Woken.AS_SPINNER);
  }

  @Test
  void park_workThereAndASpinner_reliesOnItsLastLook() throws InterruptedException {
    published.set(true);
    assertThat(idle.trySpin()).isTrue();
    Parked worker = new Parked(0, true);
    assertThat(idle.parked()).isEqualTo(1);

    idle.stopSpinning(1, true); // it took a task, and there is more

    assertThat(worker.woken()).isEqualTo(IdleWorkers.Woken.AS_SPINNER);
  }

  @Test
  void park_interrupted_staysParked() throws InterruptedException {
    Parked worker = new Parked(0);

    worker.thread.interrupt();
    await().until(() -> !worker.thread.isInterrupted());
    assertThat(idle.parked()).isEqualTo(1);

    idle.wake(0);
    assertThat(worker.woken()).isEqualTo(IdleWorkers.Woken.WOKEN);
  }

  @Test
  void close_severalParked_wakesAll() throws InterruptedException {
    Parked first = new Parked(0);
    Parked second = new Parked(1);

    idle.close();

    assertThat(first.woken()).isEqualTo(IdleWorkers.Woken.WOKEN);
    assertThat(second.woken()).isEqualTo(IdleWorkers.Woken.WOKEN);
    assertThat(idle.parked()).isZero();
  }

  /**
   * The decisive interleaving: the task comes between the worker's last scan and its announcement.
   */
  @Test
  void park_publishedBeforeAnnouncement_seenByRecheck() throws InterruptedException {
    assertThat(parkWhilePublishing()).isEqualTo(IdleWorkers.Woken.AT_ONCE);
  }

  /** The control: without the look at the indices, the same interleaving strands the task. */
  @Test
  void park_withoutRecheck_strandsTheTask() throws InterruptedException {
    idle = new IdleWorkers(2, worker -> false);

    assertThat(parkWhilePublishing()).as("only the end of the test wakes it").isNull();
  }

  /** Publishes and looks for parked workers just before the worker announces itself. */
  private IdleWorkers.@org.jspecify.annotations.Nullable Woken parkWhilePublishing()
      throws InterruptedException {
    published.set(true);
    if (idle.word() != 0) { // the submitter's look: nobody is parked yet
      idle.wakeOne(0);
    }
    CountDownLatch announced = new CountDownLatch(1);
    AtomicReference<IdleWorkers.Woken> woken = new AtomicReference<>();
    Thread worker = new Thread(() -> woken.set(idle.park(0, false)));
    try (TestSeam.Change change =
        TestSeam.atPoints(
            point -> {
              if (point == Seam.Point.PARK_ANNOUNCED) {
                announced.countDown();
              }
            })) {
      worker.start();
      announced.await();
    }
    await().until(() -> !worker.isAlive() || worker.getState() == Thread.State.WAITING);
    return woken.get();
  }

  private final class Parked {
    private final AtomicReference<IdleWorkers.Woken> woken = new AtomicReference<>();
    private final Thread thread;

    Parked(int worker) {
      this(worker, false);
    }

    Parked(int worker, boolean reliesOnOthers) {
      thread = new Thread(() -> woken.set(idle.park(worker, reliesOnOthers)));
      thread.start();
      await().until(() -> thread.getState() == Thread.State.WAITING);
    }

    IdleWorkers.Woken woken() throws InterruptedException {
      thread.join();
      return woken.get();
    }
  }
}
