// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.heddle.error.ConfigurationException.Problem;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class TaskExceptionTest {

  private static final Problem PROBLEM = new Problem("path", "value", "rule", "fix");

  /** One of each kind. */
  private static final List<TaskException> ALL =
      List.of(
          new TaskFailedException("message", new Exception("cause")),
          new TaskCancelledException("message"),
          new TaskTimedOutException("message", null),
          new RetryBudgetException("message"),
          new TaskTimeoutException("message"),
          new TaskInterruptedException("message", new InterruptedException()),
          new DeadlockException("message"),
          new WaitDepthException("message"),
          RejectedTaskException.queueFull("orders", 7),
          RejectedTaskException.laneFull("orders", 8),
          RejectedTaskException.laneClosed("orders"),
          RejectedTaskException.strategyFailed("orders", "quote", new Exception("cause")),
          RejectedTaskException.byExecutor("error=no", new RejectedExecutionException("no")),
          RejectedTaskException.engineClosed("orders"),
          new ConfigurationException(List.of(PROBLEM)),
          new InvalidNameException("name", "a b"),
          new MemoryLimitException("message"),
          new SegmentOwnerException("message"),
          new SegmentReleasedException("message"),
          new SegmentOverrunException("message"),
          ResourceException.timedOut("message"),
          ResourceException.outOfOrder("message"),
          ResourceException.notHeld("message"),
          ResourceException.misuse("message"),
          new ThreadStartException("message", new Error("cause")),
          new TaskContextException("message"),
          new LaneException("message"),
          new ForkScopeException("message"),
          new ForkDepthException("message", new StackOverflowError()),
          new OfAnExtension("message"));

  @Test
  void code_everyKind_isItsOwn() {
    assertThat(ALL).extracting(TaskException::code).containsExactly(ErrorCode.values());
  }

  @Test
  void root_everyKind_isSealedUnderIt() {
    assertThat(TaskException.class.getPermittedSubclasses())
        .allMatch(type -> Modifier.isFinal(type.getModifiers()) || type == ExtensionException.class)
        .containsOnlyOnceElementsOf(
            ALL.stream()
                .<Class<?>>map(
                    e -> e instanceof ExtensionException ? ExtensionException.class : e.getClass())
                .distinct()
                .toList());
    assertThat(TaskException.class.getPermittedSubclasses()).hasSize(ALL.size() - 8);
  }

  @Test
  void getMessage_everyKind_isOneLine() {
    assertThat(ALL).allSatisfy(e -> assertThat(e.getMessage()).matches("[ -~]+"));
  }

  @Test
  void getCause_kindsWithACause_keepIt() {
    assertThat(ALL.stream().filter(e -> e.getCause() != null))
        .hasOnlyElementsOfTypes(
            TaskFailedException.class,
            TaskInterruptedException.class,
            RejectedTaskException.class,
            ThreadStartException.class,
            ForkDepthException.class)
        .hasSize(6);
  }

  @Test
  void queueFull_message_namesEngineCapacityAndFix() {
    assertThat(RejectedTaskException.queueFull("orders", 7))
        .hasMessage(
            "engine is full: engine=orders, queueCapacity=7"
                + " (submit later, or raise queueCapacity)");
  }

  @Test
  void strategyFailed_message_namesEngineAndTask() {
    assertThat(RejectedTaskException.strategyFailed("orders", "quote", new Exception("cause")))
        .hasMessage("strategy must start a task that is due: engine=orders, name=quote")
        .hasRootCauseMessage("cause");
  }

  @Test
  void engineClosed_message_namesEngineAndState() {
    assertThat(RejectedTaskException.engineClosed("orders"))
        .hasMessage(
            "engine does not accept tasks: engine=orders, state=CLOSED (submit before close)");
  }

  @Test
  void invalidName_message_escapesTheValue() {
    assertThat(new InvalidNameException("name", "a\nb"))
        .hasMessage(
            "name must be 1 to 128 characters of A-Z a-z 0-9 . _ -: name=\"a\\u000ab\""
                + " (replace the other characters, for example by '-')");
  }

  @Test
  void configuration_problems_areCopiedAndAllInTheMessage() {
    List<Problem> problems = new ArrayList<>(List.of(PROBLEM, PROBLEM));
    ConfigurationException e = new ConfigurationException(problems);
    problems.clear();

    assertThat(e).hasMessage("rule: path=value (fix); rule: path=value (fix)");
    assertThat(e.problems()).containsExactly(PROBLEM, PROBLEM);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> e.problems().clear());
  }

  // ---- the story

  private static final StackTraceElement SITE =
      new StackTraceElement("com.acme.Feed", "load", "Feed.java", 42);

  private static final FailureContext STORY =
      new FailureContext(
          "orders",
          17,
          "parse",
          1,
          "orders-3",
          Optional.of(SITE),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          "");

  private static final String TOLD =
      "task parse (id 17), attempt 1, on orders-3, engine orders"
          + "\n  submitted at com.acme.Feed.load(Feed.java:42)"
          + "\n  waited (not measured), ran (not measured)";

  @Test
  void toString_everyKindWithoutAStory_isOneLine() {
    assertThat(ALL)
        .allSatisfy(
            e -> {
              assertThat(e.context()).isEmpty();
              assertThat(e).hasToString(e.getClass().getName() + ": " + e.getMessage());
            });
  }

  @Test
  void toString_story_isBelowTheMessage() {
    List<TaskException> told =
        List.of(
            new TaskFailedException("message", new Exception("cause"), STORY),
            new TaskCancelledException("message", STORY),
            new TaskTimedOutException("message", STORY));

    assertThat(told)
        .allSatisfy(
            e -> {
              assertThat(e.context()).contains(STORY);
              assertThat(e).hasMessage("message");
              assertThat(e).hasToString(e.getClass().getName() + ": message\n  " + TOLD);
            });
  }

  @Test
  void getStackTrace_siteIsKnown_endsThere() {
    TaskException e = new TaskTimedOutException("message", STORY);

    StackTraceElement[] stack = e.getStackTrace();
    assertThat(stack[0].getMethodName()).isEqualTo("getStackTrace_siteIsKnown_endsThere");
    assertThat(stack[stack.length - 2]).hasToString("dev.heddle.task.submittedAt(parse)");
    assertThat(stack[stack.length - 1]).isEqualTo(SITE);
  }

  @Test
  void getStackTrace_siteIsNotKnown_isAsUsual() {
    FailureContext unknown =
        new FailureContext(
            "orders",
            17,
            "parse",
            1,
            "orders-3",
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            "");

    assertThat(new TaskTimedOutException("message", unknown).getStackTrace())
        .hasSameSizeAs(new Exception().getStackTrace());
  }

  // ---- as plain maps

  @Test
  void toMap_everyKind_hasTypeMessageAndCode() {
    assertThat(ALL)
        .allSatisfy(
            e -> {
              Map<String, Object> map = e.toMap();
              assertThat(map)
                  .containsEntry("type", e.getClass().getName())
                  .containsEntry("message", e.getMessage())
                  .containsEntry("code", e.code().name())
                  .doesNotContainKeys("context", "suppressed", "leftOut");
              assertThat(map.containsKey("cause")).isEqualTo(e.getCause() != null);
              assertPlain(map);
            });
  }

  @Test
  void toMap_storyCauseAndSuppressed_areToldInOrder() {
    TaskException inner = new TaskCancelledException("inner");
    Exception cause = new IllegalStateException("outer", inner);
    TaskException e = new TaskFailedException("message", cause, STORY);
    e.addSuppressed(new Exception()); // has no message

    Map<String, Object> map = e.toMap();

    assertPlain(map);
    assertThat(map)
        .hasToString(
            "{type=dev.heddle.error.TaskFailedException, message=message, code=TASK_FAILED,"
                + " context="
                + STORY.toMap()
                + ", cause={type=java.lang.IllegalStateException, message=outer,"
                + " cause={type=dev.heddle.error.TaskCancelledException, message=inner,"
                + " code=TASK_CANCELLED}}, suppressed=[{type=java.lang.Exception}]}");
  }

  @Test
  void toMap_causesFormARing_areToldOnce() {
    Exception one = new Exception("one");
    Exception two = new Exception("two", one);
    one.initCause(two);

    assertThat(new TaskFailedException("message", one).toMap().get("cause"))
        .hasToString(
            "{type=java.lang.Exception, message=one, cause={type=java.lang.Exception, message=two,"
                + " cause={type=java.lang.Exception, message=one}}}");
  }

  @Test
  void toMap_manySuppressed_saysHowManyAreLeftOut() {
    TaskException e = new TaskCancelledException("message");
    for (int i = 0; i < 1_000; i++) {
      e.addSuppressed(new Exception("no " + i));
    }

    Map<String, Object> map = e.toMap();

    assertThat((List<?>) map.get("suppressed")).hasSize(63);
    assertThat(map).containsEntry("leftOut", 937);
  }

  @Test
  void toMap_causesWithoutEnd_areCutShort() {
    Object each = new TaskFailedException("message", new Endless()).toMap();
    int depth = 0;
    while (each instanceof Map<?, ?> map) {
      each = map.get("cause");
      depth++;
    }

    assertThat(depth).isEqualTo(64);
  }

  @Test
  void toMap_causeThrowsWhenAsked_isToldAsFarAsItCanBe() {
    TaskException e = new TaskFailedException("message", new Hostile());
    e.addSuppressed(new Hostile());

    assertThat(e.toMap().get("cause"))
        .isEqualTo(Map.of("type", Hostile.class.getName(), "message", "<threw java.lang.Error>"));
    assertThat((List<?>) e.toMap().get("suppressed")).hasSize(1);
  }

  private static void assertPlain(Object value) {
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, each) -> {
            assertThat(key).isInstanceOf(String.class);
            assertPlain(each);
          });
    } else if (value instanceof List<?> list) {
      list.forEach(TaskExceptionTest::assertPlain);
    } else {
      assertThat(value).isInstanceOfAny(String.class, Long.class, Integer.class);
    }
  }

  private static final class Endless extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public synchronized Throwable getCause() {
      return new Endless();
    }
  }

  private static final class Hostile extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new Error("hostile");
    }
  }

  private static final class OfAnExtension extends ExtensionException {
    private static final long serialVersionUID = 1L;

    OfAnExtension(String message) {
      super(message, null);
    }
  }
}
