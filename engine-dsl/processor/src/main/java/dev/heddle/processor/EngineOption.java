// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import dev.heddle.EngineOptions;
import dev.heddle.MemorySize;
import dev.heddle.Setting;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An option of the engine.
 *
 * @param constant its name in {@link EngineOptions}
 * @param type of a component that stands for it
 * @param setting the same as the constant
 */
record EngineOption(String constant, TypeName type, Setting<?> setting) {

  /** All of them, by their keys. */
  static final Map<String, EngineOption> ALL =
      Stream.of(
              of("NAME", String.class, EngineOptions.NAME),
              of("WORKERS", int.class, EngineOptions.WORKERS),
              of("QUEUE_CAPACITY", int.class, EngineOptions.QUEUE_CAPACITY),
              of("MEMORY", MemorySize.class, EngineOptions.MEMORY),
              of("WORK_STEALING", boolean.class, EngineOptions.WORK_STEALING),
              of("BLOCKING_LIMIT", int.class, EngineOptions.BLOCKING_LIMIT),
              of("COMPENSATION_LIMIT", int.class, EngineOptions.COMPENSATION_LIMIT),
              of("RETRY_BUDGET", int.class, EngineOptions.RETRY_BUDGET),
              of("EXACT_SAMPLES", boolean.class, EngineOptions.EXACT_SAMPLES),
              of("MEMORY_CHECKS", boolean.class, EngineOptions.MEMORY_CHECKS),
              of("ISOLATE_THREAD_LOCALS", boolean.class, EngineOptions.ISOLATE_THREAD_LOCALS),
              new EngineOption(
                  "CLOSE_ON_EXIT",
                  ParameterizedTypeName.get(Optional.class, Duration.class),
                  EngineOptions.CLOSE_ON_EXIT))
          .collect(Collectors.toUnmodifiableMap(each -> each.setting().key(), each -> each));

  private static EngineOption of(String constant, Class<?> type, Setting<?> setting) {
    return new EngineOption(constant, TypeName.get(type), setting);
  }

  /** The text of its least or greatest value. */
  Optional<String> end(String member) {
    Optional<?> end = member.equals("min") ? setting.min() : setting.max();
    return end.map(Object::toString);
  }
}
