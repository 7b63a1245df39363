// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer

import dev.heddle.TaskEngine
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.future.await
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds

private const val COROUTINES = 10_000

/** Coroutines on two engines: dispatched, delayed and moved from one to the other and back. */
fun coroutines(first: TaskEngine) {
  TaskEngine.builder().name("second").workers(2).build().use { second ->
    first.asExecutorService().asCoroutineDispatcher().use { dispatcher ->
      second.asExecutorService().asCoroutineDispatcher().use { other ->
        runBlocking {
          withContext(dispatcher) {
            val cancelled = AtomicInteger()
            val sum =
              (1..COROUTINES)
                .map { n ->
                  async {
                    onWorkerOf(first)
                    val begin = System.nanoTime()
                    delay((n % 50).milliseconds)
                    check(System.nanoTime() - begin >= (n % 50) * 1_000_000L) { "woken early: $n" }
                    onWorkerOf(first)
                    val square =
                      withContext(other) {
                        onWorkerOf(second)
                        n.toLong() * n
                      }
                    onWorkerOf(first)
                    square
                  }
                }
                .awaitAll()
                .sum()
            same((1L..COROUTINES).sumOf { it * it }, sum)
            repeat(100) {
              launch {
                try {
                  withTimeout(5.milliseconds) { delay(3_600_000.milliseconds) }
                } catch (_: TimeoutCancellationException) {
                  cancelled.incrementAndGet()
                }
              }
            }
            pingPong()
            same(42, first.submit { _ -> 42 }.toCompletableFuture().await())
            onWorkerOf(first)
            while (cancelled.get() < 100) delay(1.milliseconds)
          }
        }
      }
    }
    same(0L, second.metrics().rejected())
  }
  // The view is closed, the engine is not; a delay of an hour that was cancelled holds up nobody.
  same(42, first.submit { _ -> 42 }.join())
  same(0L, first.metrics().rejected())
}

/** A thousand hand-overs, each a dispatch. */
private suspend fun CoroutineScope.pingPong() {
  val there = Channel<Int>()
  val back = Channel<Int>()
  launch {
    for (n in there) back.send(n + 1)
    back.close()
  }
  var n = 0
  repeat(1_000) {
    there.send(n)
    n = back.receive()
  }
  there.close()
  same(1_000, n)
}

private fun onWorkerOf(engine: TaskEngine) {
  val name = Thread.currentThread().name
  check(name.startsWith("heddle-${engine.config().name()}-worker-")) { "on thread $name" }
}
