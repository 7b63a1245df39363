// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.heddle.error.ConfigurationException.Problem;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskExceptionTest {

  private static final Problem PROBLEM = new Problem("path", "value", "rule", "fix");

  /** One of each kind. */
  private static final List<TaskException> ALL =
      List.of(
          new TaskFailedException("message", new Exception("cause")),
          new TaskCancelledException("message"),
          new TaskTimeoutException("message"),
          new TaskInterruptedException("message", new InterruptedException()),
          new DeadlockException("message"),
          new WaitDepthException("message"),
          RejectedTaskException.queueFull("orders", 7),
          RejectedTaskException.laneFull("orders", 8),
          RejectedTaskException.laneClosed("orders"),
          RejectedTaskException.strategyFailed("orders", "quote", new Exception("cause")),
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
    assertThat(TaskException.class.getPermittedSubclasses()).hasSize(ALL.size() - 7);
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
        .hasSize(5);
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

  private static final class OfAnExtension extends ExtensionException {
    private static final long serialVersionUID = 1L;

    OfAnExtension(String message) {
      super(message, null);
    }
  }
}
