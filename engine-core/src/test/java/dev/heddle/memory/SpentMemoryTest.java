// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.CloseReport;
import dev.heddle.EngineProbe;
import dev.heddle.MemorySize;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.MemoryLimitException;
import dev.heddle.error.TaskFailedException;
import dev.heddle.error.TaskInterruptedException;
import dev.heddle.internal.util.TestSeam;
import dev.heddle.internal.util.TestSeam.VirtualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The budget is spent: who is refused, who waits, and what Flight Recorder hears of it. */
@Timeout(60)
class SpentMemoryTest {

  private static final long MOST = 900 << 10;
  private static final Duration LONG = Duration.ofHours(1);

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private TaskEngine start() {
    return engines.start(
        TaskEngine.builder().name("spent").workers(2).memory(MemorySize.mebibytes(1)));
  }

  @Test
  void allocate_memoryLeft_doesNotWait() {
    TaskEngine engine = start();
    try (VirtualClock clock = TestSeam.stopClock();
        OwnedSegment owned = engine.allocate(MOST, LONG)) {
      assertThat(clock).isNotNull();
      assertThat(owned.byteSize()).isEqualTo(MOST);
      assertThat(owned.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, MOST - 1)).isZero();
    }
  }

  @Test
  void allocate_othersHaveTheMemory_waitsUntilTheyClose() {
    TaskEngine engine = start();
    OwnedSegment first = engine.allocate(MOST);
    CountDownLatch waits = new CountDownLatch(1);
    TaskHandle<Long> handle =
        engine.submit(
            context -> {
              waits.countDown();
              try (OwnedSegment second = engine.allocate(MOST, LONG)) {
                return second.byteSize();
              }
            });
    awaitQuietly(waits);
    assertThat(handle.isDone()).isFalse();

    first.close();

    assertThat(handle.join()).isEqualTo(MOST);
  }

  @Test
  void allocate_smallBlocksOfOthers_comeBackToWhoWaits() {
    TaskEngine engine = start();
    OwnedSegment[] all = new OwnedSegment[8_000];
    for (int i = 0; i < all.length; i++) {
      try {
        all[i] = engine.allocate(128);
      } catch (MemoryLimitException e) {
        break;
      }
    }
    TaskHandle<Long> handle =
        engine.submit(
            context -> {
              try (OwnedSegment large = engine.allocate(MOST, LONG)) {
                return large.byteSize();
              }
            });
    for (OwnedSegment each : all) {
      if (each != null) {
        each.close();
      }
    }

    assertThat(handle.join()).isEqualTo(MOST);
  }

  @Test
  void allocate_timePasses_typedError() {
    TaskEngine engine = start();
    try (VirtualClock clock = TestSeam.stopClock();
        OwnedSegment first = engine.allocate(MOST)) {
      CountDownLatch waits = new CountDownLatch(1);
      TaskHandle<Long> handle =
          engine.submit(
              context -> {
                waits.countDown();
                try (OwnedSegment second = engine.allocate(MOST, Duration.ofSeconds(7))) {
                  return second.byteSize();
                }
              });
      awaitQuietly(waits);
      clock.advance(Duration.ofSeconds(6));
      assertThat(handle.isDone()).isFalse();
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () -> {
                clock.advance(Duration.ofSeconds(8)); // whenever the wait has begun
                return handle.isDone();
              });

      assertThatExceptionOfType(TaskFailedException.class)
          .isThrownBy(handle::join)
          .havingCause()
          .isInstanceOf(MemoryLimitException.class)
          .withMessageStartingWith("memory budget of the engine is spent: byteSize=921600, used=");
      assertThat(first.byteSize()).isEqualTo(MOST);
    }
  }

  @Test
  void allocate_moreThanThereWillEverBe_isRefusedAtOnce() {
    TaskEngine engine = start();
    assertThatExceptionOfType(MemoryLimitException.class)
        .isThrownBy(() -> engine.allocate((1 << 20) + 1, LONG));
    assertThatExceptionOfType(MemoryLimitException.class)
        .isThrownBy(() -> engine.allocate(Long.MAX_VALUE, LONG));
  }

  @Test
  void allocate_badValues_areRefused() {
    TaskEngine engine = start();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> engine.allocate(1, Duration.ofNanos(-1)))
        .withMessageStartingWith("atMost must not be negative: atMost=PT-0.000000001S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> engine.allocate(-1, LONG))
        .withMessageStartingWith("byteSize must be zero or more: byteSize=-1");
  }

  @Test
  void allocate_interruptedWhileItWaits_typedErrorAndStatus() throws Exception {
    TaskEngine engine = start();
    try (OwnedSegment first = engine.allocate(MOST)) {
      assertThat(first.byteSize()).isEqualTo(MOST);
      Thread thread = Thread.currentThread();
      Thread interrupter =
          new Thread(
              () -> {
                while (thread.getState() != Thread.State.TIMED_WAITING) {
                  Thread.onSpinWait();
                }
                thread.interrupt();
              });
      interrupter.start();
      assertThatExceptionOfType(TaskInterruptedException.class)
          .isThrownBy(() -> engine.allocate(MOST, LONG))
          .withMessage("interrupted while waiting for memory: byteSize=921600");
      assertThat(Thread.interrupted()).isTrue();
      interrupter.join();
    }
  }

  @Test
  void close_taskWaitsForMemory_isInterrupted() {
    TaskEngine engine = start();
    OwnedSegment first = engine.allocate(MOST);
    // The first event of Flight Recorder takes longer than closing gives bodies to end.
    assertThatThrownBy(() -> engine.allocate(MOST)).isInstanceOf(MemoryLimitException.class);
    CountDownLatch waits = new CountDownLatch(1);
    TaskHandle<Long> handle =
        engine.submit(
            context -> {
              waits.countDown();
              return engine.allocate(MOST, LONG).byteSize();
            });
    awaitQuietly(waits);

    CloseReport report = engine.close(Duration.ZERO);

    assertThat(handle.isCancelled()).isTrue();
    assertThat(report.stillRunning()).isEmpty();
    engine.close();
    assertThatExceptionOfType(dev.heddle.error.RejectedTaskException.class)
        .isThrownBy(() -> engine.allocate(1, LONG));
    assertThat(first.byteSize()).isEqualTo(MOST);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ---- Flight Recorder

  @Test
  void refusal_whileFlightRecorderRuns_isAnEvent(@TempDir Path folder) throws Exception {
    TaskEngine engine = start();
    List<RecordedEvent> events;
    try (Recording recording = new Recording()) {
      recording.enable("dev.heddle.MemoryExhausted").withStackTrace();
      recording.start();
      try (OwnedSegment first = engine.allocate(MOST)) {
        assertThat(first.byteSize()).isEqualTo(MOST);
        assertThatExceptionOfType(MemoryLimitException.class)
            .isThrownBy(() -> engine.allocate(500_000));
        assertThatExceptionOfType(MemoryLimitException.class)
            .isThrownBy(() -> engine.allocate(500_001, Duration.ofMillis(20)));
        engine
            .submit(
                context -> {
                  assertThatExceptionOfType(MemoryLimitException.class)
                      .isThrownBy(() -> context.arena().allocate(500_002));
                  return 1;
                })
            .join();
      }
      engine.allocate(64).close();
      recording.stop();
      Path file = folder.resolve("spent.jfr");
      recording.dump(file);
      events = RecordingFile.readAllEvents(file);
      Files.delete(file);
    }

    assertThat(events)
        .extracting(event -> event.getLong("byteSize"))
        .contains(500_001L) // once each time it has looked
        .filteredOn(bytes -> bytes != 500_001L)
        .containsExactlyInAnyOrder(500_000L, 500_002L);
    assertThat(events).allMatch(event -> event.getString("engine").equals("spent"));
    assertThat(events).allMatch(event -> event.getLong("budgetBytes") == 1 << 20);
    assertThat(events).allMatch(event -> event.getLong("reservedBytes") >= MOST);
    assertThat(events)
        .allMatch(
            event ->
                event.getStackTrace().getFrames().stream()
                    .anyMatch(
                        frame ->
                            frame.getMethod().getType().getName().contains("SpentMemoryTest")));
  }
}
