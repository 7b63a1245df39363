// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.TaskEngine;
import dev.heddle.error.ThreadStartException;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.junit.jupiter.api.Test;

/** What the exit of a JVM does to an engine, seen in JVMs of their own. */
class CloseOnExitTest {

  /** Exits while a task runs and another is queued behind it. */
  static final class ExitsWithWork {
    public static void main(String[] args) throws InterruptedException {
      TaskEngine engine =
          TaskEngine.builder().workers(1).closeOnExit(Duration.ofMinutes(1)).build();
      CountDownLatch runs = new CountDownLatch(1);
      CountDownLatch exiting = new CountDownLatch(1);
      engine.execute(
          () -> {
            runs.countDown();
            awaitUninterruptibly(exiting);
            System.out.println("first");
          });
      engine.execute(() -> System.out.println("second"));
      runs.await();
      Runtime.getRuntime().addShutdownHook(new Thread(exiting::countDown));
      System.exit(0);
    }
  }

  /** Exits with a task that never ends, and a limit. */
  static final class ExitsWithDeafTask {
    public static void main(String[] args) throws InterruptedException {
      TaskEngine engine = TaskEngine.builder().workers(1).closeOnExit(Duration.ZERO).build();
      CountDownLatch runs = new CountDownLatch(1);
      engine.execute(
          () -> {
            runs.countDown();
            for (; ; ) {
              Thread.onSpinWait();
            }
          });
      runs.await();
      System.out.println("exiting");
      System.exit(0);
    }
  }

  /**
   * Returns from main with an engine open: its workers keep the JVM alive until the task is done.
   */
  static final class ReturnsFromMain {
    public static void main(String[] args) {
      TaskEngine engine = TaskEngine.builder().workers(1).build();
      Thread main = Thread.currentThread();
      engine.execute(
          () -> {
            try {
              main.join();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            System.out.println("alive after main");
            engine.close(); // from a task: begins and returns
          });
    }
  }

  /** Starts an engine while the JVM exits: with closeOnExit, and without. */
  static final class StartsWhileExiting {
    public static void main(String[] args) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    try {
                      TaskEngine.builder().workers(1).closeOnExit(Duration.ZERO).build();
                    } catch (ThreadStartException e) {
                      System.out.println(e.getMessage());
                    }
                    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
                      System.out.println(engine.submit(() -> "works").join());
                    }
                    System.out.println(
                        Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().startsWith("heddle-"))
                            .toList());
                  }));
    }
  }

  @Test
  void exit_engineStarted_refusedWithCloseOnExitAndLeavesNoThread() throws Exception {
    assertThat(outputOf(StartsWhileExiting.class))
        .containsExactly(
            "engine must not be started while the JVM exits, since closeOnExit is set:"
                + " engine=default",
            "works",
            "[]");
  }

  @Test
  void exit_closeOnExit_acceptedTasksRunFirst() throws Exception {
    assertThat(outputOf(ExitsWithWork.class)).containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void exit_closeOnExitWithLimit_doesNotHang() throws Exception {
    assertThat(outputOf(ExitsWithDeafTask.class)).containsExactly("exiting");
  }

  @Test
  void mainReturns_engineOpen_workersKeepTheJvmAlive() throws Exception {
    assertThat(outputOf(ReturnsFromMain.class)).containsExactly("alive after main");
  }

  private static List<String> outputOf(Class<?> program) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(java, "-cp", classPath(), program.getName())
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
      return output.lines().toList();
    } finally {
      process.destroyForcibly();
    }
  }

  /** The folders and jars of the classes that the programs use, however the tests were started. */
  private static String classPath() {
    return Stream.of(
            CloseOnExitTest.class,
            TaskEngine.class,
            MpmcVarHandleArrayQueue.class,
            MessagePassingQueue.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
        .map(location -> Path.of(URI.create(location.toString())).toString())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
