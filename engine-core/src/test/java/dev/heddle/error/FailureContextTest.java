// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.heddle.error.FailureContext.Parent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FailureContextTest {

  private static final StackTraceElement SITE =
      new StackTraceElement("com.acme.Feed", "load", "Feed.java", 42);

  private static final FailureContext FULL =
      context(
          3,
          "orders-3",
          Optional.of(SITE),
          List.of(new Parent(12, "load"), new Parent(3, "batch")),
          Optional.of(Duration.ofMillis(2)),
          Optional.of(Duration.ofMillis(500)),
          "attempt 3 of 3");

  private static final FailureContext LEAST =
      context(1, "orders-3", Optional.empty(), List.of(), Optional.empty(), Optional.empty(), "");

  private static FailureContext context(
      int attempt,
      String worker,
      Optional<StackTraceElement> site,
      List<Parent> parents,
      Optional<Duration> waited,
      Optional<Duration> ran,
      String note) {
    return new FailureContext(
        "orders", 17, "parse", attempt, worker, site, parents, waited, ran, note);
  }

  @Test
  void toString_allIsKnown_isFiveLines() {
    assertThat(FULL)
        .hasToString(
            """
            task parse (id 17), attempt 3, on orders-3, engine orders
            submitted at com.acme.Feed.load(Feed.java:42)
            submitted by load (id 12), by batch (id 3)
            waited PT0.002S, ran PT0.5S
            attempt 3 of 3\
            """);
  }

  @Test
  void toString_leastIsKnown_isTwoLines() {
    assertThat(LEAST)
        .hasToString(
            """
            task parse (id 17), attempt 1, on orders-3, engine orders
            waited (not measured), ran (not measured)\
            """);
  }

  @Test
  void toString_namesWithControlCharacters_areEscaped() {
    FailureContext hostile =
        context(
            1,
            "a\nb\u001b[31m",
            Optional.of(new StackTraceElement("C\n", "m\r", "F\u0085.java", 7)),
            List.of(new Parent(1, "p\n\u202e")),
            Optional.empty(),
            Optional.empty(),
            "no\nmore");

    assertThat(hostile.toString().lines())
        .containsExactly(
            "task parse (id 17), attempt 1, on a\\u000ab\\u001b[31m, engine orders",
            "submitted at C\\u000a.m\\u000d(F\\u0085.java:7)",
            "submitted by p\\u000a\\u202e (id 1)",
            "waited (not measured), ran (not measured)",
            "no\\u000amore");
  }

  @Test
  void toString_longSite_keepsTheLine() {
    String type = "x".repeat(500);
    FailureContext deep =
        context(
            1,
            "w",
            Optional.of(new StackTraceElement(type, "m", "F.java", 7)),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            "");

    assertThat(deep.toString()).contains("\nsubmitted at " + type + ".m(F.java:7)\n");
  }

  @Test
  void toMap_allIsKnown_hasEachPartAsPlainData() {
    assertThat(FULL.toMap())
        .hasToString(
            "{engine=orders, taskId=17, taskName=parse, attempt=3, worker=orders-3,"
                + " site=com.acme.Feed.load(Feed.java:42),"
                + " parents=[{id=12, name=load}, {id=3, name=batch}],"
                + " waitedNanos=2000000, ranNanos=500000000, note=attempt 3 of 3}");
    assertThat(FULL.toMap()).containsEntry("taskId", 17L).containsEntry("ranNanos", 500_000_000L);
  }

  @Test
  void toMap_leastIsKnown_leavesOutTheRest() {
    assertThat(LEAST.toMap())
        .hasToString(
            "{engine=orders, taskId=17, taskName=parse, attempt=1, worker=orders-3, parents=[]}");
  }

  @Test
  void toMap_longestTime_isTheLargestNumber() {
    Duration longest = Duration.ofSeconds(Long.MAX_VALUE);
    FailureContext old =
        context(
            1, "w", Optional.empty(), List.of(), Optional.of(longest), Optional.of(longest), "");

    assertThat(old.toMap())
        .containsEntry("waitedNanos", Long.MAX_VALUE)
        .containsEntry("ranNanos", Long.MAX_VALUE);
  }

  @Test
  void withNote_replacesIt() {
    FailureContext spent = FULL.withNote("retry budget is spent");

    assertThat(spent.note()).isEqualTo("retry budget is spent");
    assertThat(spent.withNote(FULL.note())).isEqualTo(FULL);
  }

  @Test
  void parents_areCopied() {
    List<Parent> parents = new ArrayList<>(List.of(new Parent(1, "a")));
    FailureContext copied =
        context(1, "w", Optional.empty(), parents, Optional.empty(), Optional.empty(), "");
    parents.clear();

    assertThat(copied.parents()).containsExactly(new Parent(1, "a"));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> copied.parents().clear());
  }

  @Test
  void attempt_lessThanOne_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                context(
                    0, "w", Optional.empty(), List.of(), Optional.empty(), Optional.empty(), ""))
        .withMessage("attempt must be at least 1: attempt=0 (count the first one as 1)");
  }
}
