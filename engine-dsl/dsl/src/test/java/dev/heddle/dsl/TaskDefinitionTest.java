// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import static dev.heddle.dsl.TaskDefinition.define;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.Outcome;
import dev.heddle.Retry;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskOptions;
import dev.heddle.dsl.TaskDefinition.Optioned;
import dev.heddle.error.InvalidNameException;
import dev.heddle.error.ResourceException;
import dev.heddle.error.TaskTimedOutException;
import dev.heddle.resource.Limit;
import dev.heddle.spi.ExecutionStrategy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TaskDefinitionTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Limit GPU = Limit.of("gpu", 2);

  private final TaskEngine engine = TaskEngine.builder().name("dsl").workers(2).build();

  @AfterEach
  void end() {
    engine.close();
  }

  private static Optioned<String, Integer> length() {
    return define("length").input(String.class).output(Integer.class);
  }

  @Test
  void define_everyOption_isThatOfTheEngine() {
    Retry retry = Retry.fixed(SECOND, 3);
    TaskDefinition<String, Integer> defined =
        length()
            .timeout(SECOND)
            .totalTimeout(SECOND.multipliedBy(2))
            .retry(retry)
            .hedge(SECOND)
            .interruptible()
            .uses(GPU, 2)
            .strategy(ExecutionStrategy.caller())
            .handler((text, context) -> text.length());
    assertThat(defined.options())
        .isEqualTo(
            TaskOptions.defaults()
                .name("length")
                .timeout(SECOND)
                .totalTimeout(SECOND.multipliedBy(2))
                .retry(retry)
                .hedge(SECOND)
                .interruptible(true)
                .uses(GPU, 2)
                .strategy(ExecutionStrategy.caller()));
    assertThat(defined.name()).isEqualTo("length");
    assertThat(defined.input()).isEqualTo(TypeRef.of(String.class));
    assertThat(defined.output())
        .isEqualTo(TypeRef.of(Integer.class))
        .isEqualTo(TypeRef.of(int.class));
    assertThat(defined)
        .hasToString("TaskDefinition[length: java.lang.String -> java.lang.Integer]");
  }

  @Test
  void submit_input_runsTheHandlerWithTheOptions() {
    TaskDefinition<String, Integer> defined =
        length().handler((text, context) -> text.length() + context.taskName().length());
    assertThat(defined.submit(engine, "four").join()).isEqualTo(10);
    assertThat(engine.submit(defined.task("four"), defined.options()).join()).isEqualTo(10);
    assertThat(DefinitionSnippets.count(engine, "three little words")).isEqualTo(3);
  }

  @Test
  void submit_timeout_isHeededOnce() {
    TaskDefinition<String, Integer> endless =
        length()
            .timeout(Duration.ofMillis(5))
            .handler(
                (text, context) -> {
                  while (!context.isCancelled()) {
                    Thread.onSpinWait();
                  }
                  return 0;
                });
    assertThat(endless.submit(engine, "x").outcome())
        .isInstanceOfSatisfying(
            Outcome.Failure.class,
            failure -> assertThat(failure.error()).isInstanceOf(TaskTimedOutException.class));
  }

  @Test
  void fallback_afterTheLastAttempt_hasTheResult() {
    AtomicInteger attempts = new AtomicInteger();
    TaskDefinition<String, Integer> defined =
        length()
            .retry(Retry.fixed(Duration.ZERO, 2))
            .fallback((error, context) -> -attempts.get())
            .handler(
                (text, context) -> {
                  attempts.incrementAndGet();
                  throw new IllegalStateException("made on purpose");
                });
    assertThat(defined.submit(engine, "x").join()).isEqualTo(-2);
  }

  @Test
  void blocking_handler_runsOnAVirtualThread() {
    TaskDefinition<String, Boolean> defined =
        define("blocks")
            .input(String.class)
            .output(Boolean.class)
            .blocking()
            .fallback((error, context) -> false)
            .handler((text, context) -> Thread.currentThread().isVirtual());
    assertThat(defined.submit(engine, "x").join()).isTrue();
  }

  /** What is made from a step does not change it. */
  @Test
  void steps_areKept_branchOff() {
    Optioned<String, Integer> base = length();
    TaskDefinition<String, Integer> timed =
        base.timeout(SECOND).handler((text, context) -> text.length());
    TaskDefinition<String, Integer> plain = base.handler((text, context) -> text.length());
    assertThat(timed.options().timeout()).contains(SECOND);
    assertThat(plain.options().timeout()).isEmpty();
  }

  @Test
  void genericTypes_areNamed() {
    TaskDefinition<List<String>, Map<String, Integer>> defined =
        define("generic")
            .input(new TypeRef<List<String>>() {})
            .output(new TypeRef<Map<String, Integer>>() {})
            .handler((texts, context) -> Map.of(texts.getFirst(), texts.size()));
    assertThat(defined.submit(engine, List.of("a", "b")).join()).containsEntry("a", 2);
    assertThat(defined)
        .hasToString(
            "TaskDefinition[generic: java.util.List<java.lang.String> ->"
                + " java.util.Map<java.lang.String, java.lang.Integer>]");
    assertThat(defined.input())
        .isEqualTo(new TypeRef<List<String>>() {})
        .hasSameHashCodeAs(new TypeRef<List<String>>() {})
        .isNotEqualTo(new TypeRef<List<Integer>>() {});
  }

  // ---- what is refused

  static List<UnaryOperator<Optioned<String, Integer>>> options() {
    return List.of(
        step -> step.timeout(SECOND),
        step -> step.totalTimeout(SECOND),
        step -> step.retry(Retry.fixed(SECOND, 2)),
        step -> step.hedge(SECOND),
        Optioned::interruptible,
        step -> step.strategy(ExecutionStrategy.caller()),
        Optioned::blocking,
        step -> step.fallback((error, context) -> 0));
  }

  @ParameterizedTest
  @MethodSource("options")
  void option_twice_isRefused(UnaryOperator<Optioned<String, Integer>> option) {
    Optioned<String, Integer> once = option.apply(length());
    assertThatExceptionOfType(DefinitionException.class)
        .isThrownBy(() -> option.apply(once))
        .withMessageMatching(
            "option must be given once: task=length, option=\\w+, value=.+ \\(leave one of them"
                + " out\\)");
    assertThat(once.handler((text, context) -> 1).submit(engine, "x").join()).isEqualTo(1);
  }

  @Test
  void badValues_areRefusedAtTheirStep() {
    for (String name : List.of("", "a b", "x".repeat(129), "é", "a\n")) {
      assertThatThrownBy(() -> define(name)).isInstanceOf(InvalidNameException.class);
    }
    Optioned<String, Integer> step = length();
    assertThatThrownBy(() -> step.timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout=PT0S");
    assertThatThrownBy(() -> step.totalTimeout(SECOND.negated()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> step.hedge(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> step.uses(GPU, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> step.uses(GPU).uses(GPU)).isInstanceOf(ResourceException.class);
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void nulls_areRefused_byName() {
    Optioned<String, Integer> step = length();
    assertThatNullPointerException().isThrownBy(() -> define(null)).withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> define("x").input((Class<String>) null))
        .withMessage("type");
    assertThatNullPointerException()
        .isThrownBy(() -> define("x").input((TypeRef<String>) null))
        .withMessage("type");
    assertThatNullPointerException()
        .isThrownBy(() -> define("x").input(String.class).output((TypeRef<String>) null))
        .withMessage("type");
    assertThatNullPointerException().isThrownBy(() -> step.handler(null)).withMessage("handler");
    assertThatNullPointerException().isThrownBy(() -> step.fallback(null)).withMessage("fallback");
    assertThatNullPointerException().isThrownBy(() -> step.retry(null)).withMessage("retry");
    assertThatNullPointerException().isThrownBy(() -> step.timeout(null)).withMessage("timeout");
  }

  @Test
  @SuppressWarnings("rawtypes") // on purpose
  void typeRef_withoutAName_isRefused() {
    assertThatExceptionOfType(DefinitionException.class)
        .isThrownBy(() -> new TypeRef() {})
        .withMessageStartingWith("type must be named: class=");
    assertThatExceptionOfType(DefinitionException.class).isThrownBy(this::variable);
    assertThatExceptionOfType(DefinitionException.class).isThrownBy(this::listOfVariable);
  }

  private <T> TypeRef<T> variable() {
    return new TypeRef<T>() {};
  }

  private <T> TypeRef<List<T>> listOfVariable() {
    return new TypeRef<List<T>>() {};
  }

  @Test
  void task_ofADefinition_isTheEnginesOwn() {
    Task<Integer> task = length().handler((text, context) -> text.length()).task("abc");
    assertThat(engine.submit(task).join()).isEqualTo(3);
  }
}
