// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer

import dev.heddle.Outcome
import dev.heddle.TaskEngine
import dev.heddle.TaskHandle

/*
 * The compiler must refuse each line that is marked as an error, and no other. If it accepts one
 * some day, KotlinConsumer.kt has better advice to give.
 */

/** Kotlin decides for Runnable before it looks at what the lambda returns. */
fun typed(engine: TaskEngine): TaskHandle<Int> = engine.submit { 42 } // error

fun joined(engine: TaskEngine): Int = engine.submit { 42 }.join() // error

fun implicitContext(engine: TaskEngine) = engine.submit { it.taskName() } // error

/** Task or Callable? Say <Int> { _ -> 42 }, or leave <Int> out. */
fun explicitType(engine: TaskEngine) = engine.submit<Int> { 42 } // error

fun nullable(engine: TaskEngine, s: String?): String = engine.submit { _ -> s }.join() // error

fun exhaustive(outcome: Outcome<Int>): Int =
  when (outcome) { // error
    is Outcome.Success -> outcome.value
    is Outcome.Failure -> 0
    is Outcome.Cancelled -> 0
  }
