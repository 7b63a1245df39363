// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** There and back: {@link TaskException#toJdk} and {@link TaskException#of}. */
class JdkExceptionsTest {

  private final IOException error = new IOException("disk is gone");

  private static final FailureContext STORY =
      new FailureContext(
          "orders",
          17,
          "parse",
          1,
          "orders-3",
          Optional.of(new StackTraceElement("com.acme.Feed", "load", "Feed.java", 42)),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          "");

  // ---- to the JDK

  /** An exception of ours and what it is for the JDK. */
  record Pair(TaskException ours, Class<? extends Exception> theirs) {}

  static Stream<Pair> kindsWithOursAsCause() {
    return Stream.of(
        new Pair(RejectedTaskException.queueFull("orders", 7), RejectedExecutionException.class),
        new Pair(new TaskCancelledException("message"), CancellationException.class),
        new Pair(new TaskTimeoutException("message"), TimeoutException.class),
        new Pair(new TaskTimedOutException("message", STORY), TimeoutException.class),
        new Pair(
            new TaskInterruptedException("message", new InterruptedException()),
            InterruptedException.class),
        new Pair(new DeadlockException("message"), ExecutionException.class),
        new Pair(new MemoryLimitException("message"), ExecutionException.class));
  }

  @ParameterizedTest
  @MethodSource("kindsWithOursAsCause")
  void toJdk_kindWithOursAsCause_isTheJdksAndComesBack(Pair pair) {
    TaskException ours = pair.ours();
    ours.addSuppressed(new Exception("later"));

    Exception theirs = ours.toJdk();

    assertThat(theirs).isExactlyInstanceOf(pair.theirs()).hasMessage(ours.getMessage());
    assertThat(theirs.getCause()).isSameAs(ours);
    assertThat(ours.getSuppressed()).hasSize(1);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(TaskException.of(theirs)).isSameAs(ours);
    assertThat(TaskException.of(new CompletionException(theirs))).isSameAs(ours);
    assertThat(Thread.interrupted()).isEqualTo(theirs instanceof InterruptedException);
  }

  @Test
  void toJdk_failed_hasTheBodysExceptionAsCauseAndComesBack() {
    TaskFailedException ours = new TaskFailedException("message", error, STORY);
    Exception later = new Exception("later");
    ours.addSuppressed(later);

    ExecutionException theirs = ours.toJdk();

    assertThat(theirs).hasMessage("message");
    assertThat(theirs.getCause()).isSameAs(error);
    assertThat(theirs.getSuppressed()).containsExactly(later);
    assertThat(theirs.getStackTrace()).containsExactly(ours.getStackTrace());
    assertThat(theirs).hasToString("java.util.concurrent.ExecutionException: message\n  " + told());
    assertThat(TaskException.of(theirs)).isSameAs(ours);
    assertThat(TaskException.of(new CompletionException(theirs))).isSameAs(ours);
  }

  private static String told() {
    return STORY.toString().replace("\n", "\n  ");
  }

  @Test
  void printStackTrace_failedForTheJdk_readsAsOne() {
    StringWriter text = new StringWriter();

    new TaskFailedException("message", error, STORY).toJdk().printStackTrace(new PrintWriter(text));

    String printed = text.toString().replace("\r\n", "\n");
    assertThat(printed)
        .startsWith(
            "java.util.concurrent.ExecutionException: message\n  "
                + told()
                + "\n\tat dev.heddle.error.JdkExceptionsTest.")
        .contains(
            "\tat dev.heddle.task.submittedAt(parse)\n\tat com.acme.Feed.load(Feed.java:42)\n"
                + "Caused by: java.io.IOException: disk is gone\n\tat ")
        .doesNotContain("CIRCULAR");
  }

  // ---- from the JDK

  @Test
  void of_ours_isItself() {
    TaskException ours = new LaneException("message");

    assertThat(TaskException.of(ours)).isSameAs(ours);
  }

  @Test
  void of_wrappedFailure_isAFailureWithTheInnermostAsCause() {
    TaskException ours =
        TaskException.of(new ExecutionException("outer", new CompletionException(error)));

    assertThat(ours)
        .isInstanceOf(TaskFailedException.class)
        .hasMessage("task failed: error=java.io.IOException: disk is gone (look at the cause)");
    assertThat(ours.getCause()).isSameAs(error);
    assertThat(ours.context()).isEmpty();
  }

  @Test
  void of_anythingElse_isAFailureWithItAsCause() {
    Error fatal = new AssertionError("a\nb");

    assertThat(TaskException.of(fatal))
        .isInstanceOf(TaskFailedException.class)
        .hasMessage("task failed: error=java.lang.AssertionError: a\\u000ab (look at the cause)");
    assertThat(TaskException.of(fatal).getCause()).isSameAs(fatal);
  }

  @Test
  void of_kindWithACounterpart_saysWhatToDo() {
    assertThat(TaskException.of(new CancellationException("no")))
        .hasMessage(
            "task was cancelled: error=java.util.concurrent.CancellationException: no"
                + " (submit it again if its result is wanted)");
    assertThat(TaskException.of(new TimeoutException("no")))
        .hasMessage(
            "task has not ended in time: error=java.util.concurrent.TimeoutException: no"
                + " (wait longer, or cancel it)");
    assertThat(TaskException.of(new RejectedExecutionException("no")))
        .hasMessage(
            "executor does not accept tasks: error=java.util.concurrent.RejectedExecutionException:"
                + " no (submit later if it is full, and before it is shut down)");
    assertThat(TaskException.of(new InterruptedException("no")))
        .hasMessage(
            "interrupted while waiting: error=java.lang.InterruptedException: no"
                + " (the thread's interrupt status is set)");
    assertThat(Thread.interrupted()).isTrue();
  }

  static Stream<Pair> counterparts() {
    return Stream.of(
        new Pair(new TaskCancelledException("task was cancelled"), CancellationException.class),
        new Pair(new TaskTimeoutException("task has not ended in time"), TimeoutException.class),
        new Pair(
            RejectedTaskException.byExecutor("", new RejectedExecutionException()),
            RejectedExecutionException.class));
  }

  @ParameterizedTest
  @MethodSource("counterparts")
  void of_kindWithACounterpart_isThatAlsoWhenWrapped(Pair pair) throws Exception {
    Exception theirs = pair.theirs().getConstructor(String.class).newInstance("no");

    for (Throwable thrown : List.of(theirs, new CompletionException(theirs))) {
      TaskException ours = TaskException.of(thrown);
      assertThat(ours).isExactlyInstanceOf(pair.ours().getClass());
      assertThat(ours.code()).isEqualTo(pair.ours().code());
      assertThat(ours.getMessage()).contains(": error=" + pair.theirs().getName() + ": no (");
      assertThat(ours.getCause()).isSameAs(theirs);
    }
  }

  @Test
  void of_timeOutOfAFuture_isATimeOut() {
    CompletableFuture<Integer> future = new CompletableFuture<>();
    future.completeExceptionally(new TimeoutException());

    assertThat(TaskException.of(caught(future)).code()).isEqualTo(ErrorCode.WAIT_TIMED_OUT);
  }

  private static Throwable caught(CompletableFuture<Integer> future) {
    try {
      return new AssertionError("no failure: " + future.join());
    } catch (CompletionException e) {
      return e;
    }
  }

  @Test
  void of_interrupt_setsTheStatusOfTheThreadThatWaited() {
    InterruptedException interrupt = new InterruptedException();

    TaskException ours = TaskException.of(interrupt);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(ours).isInstanceOf(TaskInterruptedException.class).hasCause(interrupt);
  }

  @Test
  void of_interruptOfABody_isAFailure() {
    InterruptedException interrupt = new InterruptedException();

    TaskException ours = TaskException.of(new ExecutionException(interrupt));

    assertThat(Thread.interrupted()).isFalse();
    assertThat(ours).isInstanceOf(TaskFailedException.class).hasCause(interrupt);
  }

  @Test
  void of_oursBelowABodysException_isTheBodysFailure() {
    Exception body = new IllegalStateException("own", new TaskCancelledException("of another"));

    TaskException ours = TaskException.of(new ExecutionException(body));

    assertThat(ours).isInstanceOf(TaskFailedException.class);
    assertThat(ours.getCause()).isSameAs(body);
  }

  @Test
  void of_suppressedInWrappers_isKept() {
    Exception first = new Exception("first");
    Exception second = new Exception("second");
    CompletionException inner = new CompletionException(error);
    inner.addSuppressed(second);
    ExecutionException outer = new ExecutionException(inner);
    outer.addSuppressed(first);

    assertThat(TaskException.of(outer).getSuppressed()).containsExactly(first, second);
  }

  @Test
  void of_wrappersInARing_isAFailureWithTheRingAsCause() {
    Wrapper one = new Wrapper(null);
    Wrapper two = new Wrapper(one);
    one.next = two;

    TaskException ours = TaskException.of(one);

    assertThat(ours).isInstanceOf(TaskFailedException.class);
    assertThat(ours.getCause()).isSameAs(one);
  }

  @Test
  void of_wrapperOfNothing_isAFailureWithItAsCause() {
    Wrapper empty = new Wrapper(null);

    assertThat(TaskException.of(empty).getCause()).isSameAs(empty);
  }

  private static final class Wrapper extends ExecutionException {
    private static final long serialVersionUID = 1L;

    private @Nullable Throwable next;

    Wrapper(@Nullable Throwable next) {
      this.next = next;
    }

    @Override
    public synchronized @Nullable Throwable getCause() {
      return next;
    }
  }
}
