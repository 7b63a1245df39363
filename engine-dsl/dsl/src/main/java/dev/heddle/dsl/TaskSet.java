// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes tasks of the methods of an interface. For {@code interface MathOps} the processor writes
 *
 * <ul>
 *   <li>{@code MathTask}, a sealed interface, and in it a record for each method, with its
 *       parameters: what is to be done, as data to be switched over;
 *   <li>{@code MathTasks}, made of an implementation of the interface: a method for each method,
 *       which returns its {@link dev.heddle.Task}, one that makes the task of any record, one that
 *       submits it, and a {@link TaskDescriptor} for each as a constant.
 * </ul>
 *
 * <p>Every abstract method is a task. Its result is that of the method, boxed; {@code void} is
 * {@code Void}. JSpecify's {@code @Nullable} on a parameter or a result is kept. A last parameter
 * of type {@link dev.heddle.TaskContext} is given by the engine, and is not in the record. Options
 * are said by {@link Retry}, {@link Timeout}, {@link Hedge}, {@link Interruptible} and {@link
 * Blocking}, on the method or, for all its methods, on the interface.
 *
 * {@snippet class="dev.heddle.dsl.TaskSetSnippets" region="math"}
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target(ElementType.TYPE)
public @interface TaskSet {

  /**
   * Returns what the names begin with: {@code "Math"} for {@code MathTask}, {@code MathTasks} and
   * tasks called {@code math.add}.
   *
   * @return a Java identifier of at most 63 characters of {@code A-Z a-z 0-9}; empty for the name
   *     of the interface, without {@code Ops} at its end
   */
  String value() default "";
}
