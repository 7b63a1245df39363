// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer

import dev.heddle.Outcome
import dev.heddle.Task
import dev.heddle.TaskEngine
import dev.heddle.TaskHandle
import dev.heddle.TaskOptions
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch

/*
 * What a Kotlin user should write:
 *
 *   engine.submit { context -> ... }   a task with a result; { _ -> 42 } if it needs no context
 *   engine.submit({ 42 }, options)     with options there is one overload, and any lambda will do
 *   engine.submit(Callable { 42 })     a body with a result and no context; or ::answer
 *   engine.submit { println() }        a body without a result
 *
 * A lambda without parameters is a Runnable to Kotlin, as it is for ExecutorService.submit: of the
 * overloads it takes the one without type parameters, whatever the lambda returns. So the result of
 * engine.submit { 42 } is lost, with no more than the warning "expression is unused", and "it" is
 * unknown in such a lambda. RejectedByKotlin.kt holds what does not compile.
 */
private val QUOTE = TaskOptions.defaults().name("quote")

fun main() {
  TaskEngine.builder().name("kotlin").workers(2).build().use { engine ->
    results(engine)
    lambdasWithoutParameters(engine)
    nullableResults(engine)
    groups(engine)
    outcomes(engine)
    definitions(engine)
    taskSets(engine)
    coroutines(engine)
  }
  println("Kotlin ${KotlinVersion.CURRENT}: passed")
}

private fun answer(): Int = 42

private fun results(engine: TaskEngine) {
  val named: String = engine.submit { context -> context.taskName() }.join()
  same("task", named)
  val number: Int = engine.submit { _ -> 42 }.join()
  same(42, number)
  val task: TaskHandle<Int> = engine.submit(Task { 42 })
  same(42, task.join(Duration.ofMinutes(1)))
  val callable: TaskHandle<Int> = engine.submit(Callable { 42 })
  same(42, callable.get())
  val reference: TaskHandle<Int> = engine.submit(::answer)
  same(42, reference.join())
  val options: TaskHandle<Int> = engine.submit({ 42 }, QUOTE)
  same(42, options.join())
  val tried: TaskHandle<String> = engine.trySubmit({ it.taskName() }, QUOTE).orElseThrow()
  same("quote", tried.join())
}

private fun lambdasWithoutParameters(engine: TaskEngine) {
  val done = CountDownLatch(3)
  engine.execute { done.countDown() }
  engine.submit(Runnable { done.countDown() })
  engine.submit { done.countDown() }
  done.await()

  @Suppress("UNUSED_EXPRESSION") // the warning that tells a user of the mistake
  val lost: TaskHandle<*> = engine.submit { 42 }
  same(null, lost.join())
}

private fun nullableResults(engine: TaskEngine) {
  val nothing: String? = null
  same(null, engine.submit { _ -> nothing }.join())
  same(null, engine.submit(Callable { nothing }).outcome().map { it?.length }.orThrow())
  same("other", engine.submit<String?> { _ -> error("expected") }.outcome().orElse("other"))
}

private fun groups(engine: TaskEngine) {
  val squares: List<Int> = engine.submitAll((1..3).map { n -> Task { n * n } }).join()
  same(listOf(1, 4, 9), squares)
  val lengths: List<Int> =
    engine.submitEach(listOf("one", "three"), { item, _ -> item.length }, QUOTE).join()
  same(listOf(3, 5), lengths)
}

private fun outcomes(engine: TaskEngine) {
  same("42", describe(engine.submit { _ -> 42 }.outcome()))
  same("expected", describe(engine.submit { _ -> error("expected") }.outcome()))
  val never = CountDownLatch(1)
  val handle = engine.submit(Callable { never.await() })
  handle.cancel(true)
  same(true, describe(handle.outcome()).isNotEmpty())
}

/** Outcome is sealed for Kotlin too: no else. */
private fun describe(outcome: Outcome<*>): String =
  when (outcome) {
    is Outcome.Success -> outcome.value.toString()
    is Outcome.Failure -> outcome.error.message.toString()
    is Outcome.Cancelled -> outcome.reason
    is Outcome.Rejected -> outcome.error.message.toString()
  }

internal fun same(expected: Any?, actual: Any?) =
  check(expected == actual) { "expected=$expected, actual=$actual" }
