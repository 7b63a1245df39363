// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Lets a recursion fork whose arguments fit none of the forms of {@link dev.heddle.fork.ForkScope}.
 * For {@code interface Simpson} with one method, whose first parameter is the scope, the processor
 * writes {@code SimpsonFork} with two methods: {@code join} forks two calls with their arguments,
 * {@code compute} begins. As with those forms, nothing is captured or allocated if the function is
 * a constant.
 *
 * <p>Recursions by several fork functions make a carrier anew where two of them take turns at one
 * depth. Arguments and results of the last forks are referred to until the task has ended.
 *
 * <p>The interface is neither local nor private, and no other of its name has the annotation in its
 * package. The method has a result that is an {@code int}, a {@code long}, a {@code double} or an
 * object, and throws no checked exceptions.
 *
 * {@snippet class="dev.heddle.dsl.ForkFunctionSnippets" region="simpson"}
 *
 * <p>With {@code static final Simpson SIMPSON = Quadrature::integrate}, its body forks by {@code
 * SimpsonFork.join(scope, SIMPSON, from, middle, left, error / 2, middle, to, right, error / 2,
 * Double::sum)}, and {@code SimpsonFork.compute(engine, SIMPSON, 0, 10, whole, 1e-9)} begins.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target(ElementType.TYPE)
public @interface ForkFunction {}
