// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/**
 * What has been read of a task set, and is right.
 *
 * @param origin the interface
 * @param base what the names of the types begin with
 * @param access {@code public} or nothing
 * @param methods the tasks, in the order of the source
 */
record TaskSetModel(TypeElement origin, String base, List<Modifier> access, List<Method> methods) {

  /**
   * A task.
   *
   * @param method the name of the method
   * @param own the name of the task, without that of the set
   * @param record the name of its record
   * @param constant the name of its descriptor
   * @param name the name of the task
   * @param schemaId stands for the types
   * @param result the type of the method's result; {@code null} for {@code void}
   * @param parameters without the context
   * @param varargs whether the last of them is one
   * @param hasContext whether the context comes after them
   * @param options how it is run
   */
  record Method(
      String method,
      String own,
      String record,
      String constant,
      String name,
      String schemaId,
      @Nullable TypeMirror result,
      List<Parameter> parameters,
      boolean varargs,
      boolean hasContext,
      Options options) {}

  /** A parameter of a method, and a component of its record. */
  record Parameter(String name, TypeMirror type) {}

  /** How a task is run. */
  record Options(
      Optional<Duration> timeout,
      Optional<Duration> totalTimeout,
      Optional<Duration> hedge,
      Optional<RetryModel> retry,
      boolean interruptible,
      boolean blocking) {}

  /** A retry; what is empty is left out. */
  record RetryModel(
      int max,
      Duration delay,
      double factor,
      Optional<Duration> maxDelay,
      double jitter,
      Optional<Duration> maxTime,
      List<TypeMirror> on,
      List<TypeMirror> unless) {}
}
