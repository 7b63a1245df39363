// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.heddle.error.RejectedTaskException;
import dev.heddle.error.TaskCancelledException;
import dev.heddle.error.TaskFailedException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  private final IOException error = new IOException("disk is gone");
  private final Outcome<Integer> success = new Outcome.Success<>(42);
  private final Outcome<Integer> failure = new Outcome.Failure<>(error);
  private final RejectedTaskException full = RejectedTaskException.queueFull("orders", 1);
  private final Outcome<Integer> rejected = new Outcome.Rejected<>(full);
  private final Outcome<Integer> cancelled = new Outcome.Cancelled<>("no longer needed");

  @Test
  @SuppressWarnings("NullAway") // null on purpose
  void orThrow_success_returnsTheValue() {
    assertThat(success.orThrow()).isEqualTo(42);
    assertThat(new Outcome.Success<Integer>(null).orThrow()).isNull();
  }

  @Test
  void orThrow_failure_throwsWithTheErrorAsCause() {
    assertThatExceptionOfType(TaskFailedException.class)
        .isThrownBy(failure::orThrow)
        .withMessage("task failed")
        .withCause(error);
  }

  @Test
  void orThrow_cancelled_throwsWithTheReason() {
    assertThatExceptionOfType(TaskCancelledException.class)
        .isThrownBy(cancelled::orThrow)
        .withMessage("task was cancelled: reason=no longer needed");
  }

  @Test
  void orThrow_rejected_throwsWhatItHolds() {
    assertThatExceptionOfType(RejectedTaskException.class)
        .isThrownBy(rejected::orThrow)
        .isSameAs(full);
    assertThat(rejected.orElse(1)).isEqualTo(1);
    assertThat(rejected.map(value -> value + 1)).isEqualTo(new Outcome.Rejected<Integer>(full));
  }

  @Test
  @SuppressWarnings("NullAway") // null on purpose
  void orElse_success_returnsTheValue() {
    assertThat(success.orElse(1)).isEqualTo(42);
    assertThat(new Outcome.Success<Integer>(null).orElse(1)).isNull();
  }

  @Test
  @SuppressWarnings("NullAway") // null on purpose
  void orElse_otherwise_returnsTheOther() {
    assertThat(failure.orElse(1)).isEqualTo(1);
    assertThat(cancelled.orElse(1)).isEqualTo(1);
    assertThat(cancelled.orElse(null)).isNull();
  }

  @Test
  @SuppressWarnings("NullAway") // null on purpose
  void map_success_appliesTheFunction() {
    Outcome<String> mapped = success.map(value -> "is " + value);

    assertThat(mapped).isEqualTo(new Outcome.Success<>("is 42"));
    assertThat(success.map(value -> null)).isEqualTo(new Outcome.Success<>(null));
  }

  @Test
  void map_otherwise_leavesItAsItIs() {
    Outcome<String> failed = failure.map(value -> "unused");
    Outcome<String> stopped = cancelled.map(value -> "unused");

    assertThat(failed).isEqualTo(failure);
    assertThat(stopped).isEqualTo(cancelled);
  }

  @Test
  void map_functionThrows_isThrown() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                success.map(
                    value -> {
                      throw new IllegalStateException("from the function");
                    }))
        .withMessage("from the function");
  }

  @Test
  @SuppressWarnings("NullAway") // null on purpose
  void map_nullFunction_isRefusedForEveryKind() {
    for (Outcome<Integer> outcome : java.util.List.of(success, failure, cancelled)) {
      assertThatNullPointerException().isThrownBy(() -> outcome.map(null)).withMessage("function");
    }
  }

  @Test
  void equals_sameParts_isEqual() {
    assertThat(success).isEqualTo(new Outcome.Success<>(42)).isNotEqualTo(failure);
    assertThat(failure).isEqualTo(new Outcome.Failure<>(error)).hasSameHashCodeAs(failure);
    assertThat(cancelled)
        .isEqualTo(new Outcome.Cancelled<>("no longer needed"))
        .isNotEqualTo(new Outcome.Cancelled<>("other"));
  }

  @Test
  void switch_overAllKinds_isComplete() {
    int kinds = 0;
    for (Outcome<Integer> outcome : java.util.List.of(success, failure, cancelled, rejected)) {
      kinds +=
          switch (outcome) {
            case Outcome.Success<Integer>(Integer value) -> value == 42 ? 1 : 0;
            case Outcome.Failure<Integer>(Throwable thrown) -> thrown == error ? 10 : 0;
            case Outcome.Cancelled<Integer>(String reason) -> reason.isEmpty() ? 0 : 100;
            case Outcome.Rejected<Integer>(RejectedTaskException why) -> why == full ? 1_000 : 0;
          };
    }
    assertThat(kinds).isEqualTo(1_111);
  }
}
