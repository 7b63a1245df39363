// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer

import dev.heddle.TaskEngine
import dev.heddle.dsl.TaskDefinition
import dev.heddle.dsl.TaskSet
import dev.heddle.dsl.Timeout
import dev.heddle.error.TaskFailedException
import java.io.IOException

/*
 * A definition takes a lambda of the input and the context. A task set is an interface, for which
 * kapt has WordTask and WordTasks written. What may be null in it stays so: say "String?" for it.
 */
private val SQUARE: TaskDefinition<Int, Int> =
  TaskDefinition.define("square").input(Int::class.java).output(Int::class.java).handler { n, _ ->
    n * n
  }

private val GREETING: TaskDefinition<String, String> =
  TaskDefinition.define("greeting")
    .input(String::class.java)
    .output(String::class.java)
    .fallback { error, _ -> "nobody, as ${error.message}" }
    .handler { name, context ->
      check(name.isNotEmpty()) { "there is no name" }
      "${context.taskName()} to $name"
    }

fun definitions(engine: TaskEngine) {
  same(144, SQUARE.submit(engine, 12).join())
  same("greeting to Ada", GREETING.submit(engine, "Ada").join())
  same("nobody, as there is no name", GREETING.submit(engine, "").join())
}

@TaskSet
interface WordOps {
  fun count(text: String): Int

  /** The word behind another one, if there is one. */
  fun behind(text: String, word: String?): String?

  @Timeout("10s") @Throws(IOException::class) fun read(name: String): List<String>
}

private object Words : WordOps {
  override fun count(text: String): Int = text.split(' ').size

  override fun behind(text: String, word: String?): String? =
    word?.let { text.split(' ').zipWithNext().firstOrNull { (first, _) -> first == it }?.second }

  override fun read(name: String): List<String> = throw IOException("no such file: $name")
}

fun taskSets(engine: TaskEngine) {
  val words = WordTasks.of(Words)
  val count: Int = engine.submit(words.count("warp weft shed")).join()
  same(3, count)
  val found: String? = engine.submit(words.behind("warp weft shed", "warp")).join()
  same("weft", found)
  val nothing: String? = words.submit(engine, WordTask.Behind("warp weft", null)).join()
  same(null, nothing)
  val failure = runCatching { words.submit(engine, WordTask.Read("loom")).join() }.exceptionOrNull()
  same("no such file: loom", (failure as TaskFailedException).cause?.message)
  same("counts a b", tell(WordTask.Count("a b")))
  same(listOf("word.count", "word.behind", "word.read"), WordTasks.descriptors().map { it.name() })
}

/** Records of a task set are sealed for Kotlin, too: no else. */
private fun tell(task: WordTask<*>): String =
  when (task) {
    is WordTask.Count -> "counts ${task.text()}"
    is WordTask.Behind -> "looks behind ${task.word()}"
    is WordTask.Read -> "reads ${task.name()}"
  }
