// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import dev.heddle.dsl.Retry;
import dev.heddle.dsl.TaskSet;
import java.math.BigInteger;

/**
 * What can be computed of numbers. The processor makes {@code MathTask}, with the records {@code
 * Add}, {@code Multiply} and {@code Factorial}, and {@code MathTasks} of it.
 */
@TaskSet
interface MathOps {

  /** Adds up; throws {@link ArithmeticException} if the sum is no {@code long}. */
  long add(long... operands);

  /** Multiplies likewise. */
  long multiply(long... operands);

  @Retry(max = 3)
  BigInteger factorial(int n);
}
