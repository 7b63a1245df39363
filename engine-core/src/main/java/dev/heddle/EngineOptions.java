// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The settings of an engine, each with its default and its rule. The builder checks values with
 * them, {@link EngineConfig#load(java.util.Map)} reads texts with them, README's table is printed
 * from them, and programs may have them among their own {@link Settings}.
 */
public final class EngineOptions {

  /** The smallest share of the memory budget that a worker can work with: one slab. */
  static final long MIN_BYTES_PER_WORKER = 64 << 10;

  private static final int MAX_WORKERS = 1024;

  /** Of {@link EngineConfig#name()}. */
  public static final Setting<String> NAME =
      new Setting<>(
              "name",
              text -> text,
              Names::isName,
              "1 to 128 characters of A-Z a-z 0-9 . _ -",
              "replace the other characters, for example by '-'")
          .byDefault("default")
          .meaning("Stands in thread names, messages and metric tags.");

  /** Of {@link EngineConfig#workers()}. */
  public static final Setting<Integer> WORKERS =
      Setting.ofInt("workers", 1, MAX_WORKERS)
          .byDefault(
              "available processors",
              () -> Math.min(MAX_WORKERS, Runtime.getRuntime().availableProcessors()))
          .fix("leave it out to use one worker a processor")
          .meaning("Worker threads.");

  /** Of {@link EngineConfig#queueCapacity()}. */
  public static final Setting<Integer> QUEUE_CAPACITY =
      Setting.ofInt("queueCapacity", 1, 1 << 30)
          .byDefault("65536")
          .fix("use 1 for an engine that hardly queues")
          .meaning("Accepted tasks that may wait to start, over the whole engine.");

  /** Of {@link EngineConfig#memory()}. */
  public static final Setting<MemorySize> MEMORY =
      Setting.ofSize("memory", MemorySize.bytes(MIN_BYTES_PER_WORKER), MemorySize.MAX)
          .byDefault("64MiB")
          .meaning("Off-heap bytes that running tasks may hold; at least 64 KiB a worker.");

  /** Of {@link EngineConfig#workStealing()}. */
  public static final Setting<Boolean> WORK_STEALING =
      Setting.ofBoolean("workStealing")
          .byDefault("true")
          .meaning("Whether an idle worker takes tasks that were given to another.");

  /** Of {@link EngineConfig#blockingLimit()}. */
  public static final Setting<Integer> BLOCKING_LIMIT =
      Setting.ofInt("blockingLimit", 1, 1_000_000)
          .byDefault("1000")
          .fix("leave it out to allow 1000")
          .meaning("Blocking tasks that run at a time, each on a virtual thread.");

  /** Of {@link EngineConfig#compensationLimit()}. */
  public static final Setting<Integer> COMPENSATION_LIMIT =
      Setting.ofInt("compensationLimit", 0, 10_000)
          .byDefault("256")
          .fix("use 0 to let blocked workers be missed")
          .meaning("Threads at most that stand in for workers whose tasks block.");

  /** Of {@link EngineConfig#retryBudget()}. */
  public static final Setting<Integer> RETRY_BUDGET =
      Setting.ofInt("retryBudget", 0, 10_000)
          .byDefault("20")
          .fix("use 100 for one further attempt a task")
          .meaning("Further attempts for each 100 tasks with a retry, beside 10 a second.");

  /** Of {@link EngineConfig#exactSamples()}. */
  public static final Setting<Boolean> EXACT_SAMPLES =
      Setting.ofBoolean("exactSamples")
          .byDefault("false")
          .meaning("Whether the times and the submit site of every task are taken, not of some.");

  /** Of {@link EngineConfig#memoryChecks()}. */
  public static final Setting<Boolean> MEMORY_CHECKS =
      Setting.ofBoolean("memoryChecks")
          .byDefault("false")
          .meaning(
              "Whether segments are looked at for writes beyond their ends and after their close.");

  /** Of {@link EngineConfig#isolateThreadLocals()}. */
  public static final Setting<Boolean> ISOLATE_THREAD_LOCALS =
      Setting.ofBoolean("isolateThreadLocals")
          .byDefault("false")
          .meaning(
              "Whether each task runs on a thread of its own, without thread-locals of others.");

  /** Of {@link EngineConfig#closeOnExit()}. */
  public static final Setting<Optional<Duration>> CLOSE_ON_EXIT =
      Setting.ofDuration("closeOnExit", Duration.ZERO, Setting.FOREVER)
          .orOff()
          .byDefault("off")
          .meaning("Closes the engine when the JVM exits, waiting at most that long.");

  /** Every one, in the order of README's table. */
  public static final List<Setting<?>> ALL =
      List.of(
          NAME,
          WORKERS,
          QUEUE_CAPACITY,
          MEMORY,
          WORK_STEALING,
          BLOCKING_LIMIT,
          COMPENSATION_LIMIT,
          RETRY_BUDGET,
          EXACT_SAMPLES,
          MEMORY_CHECKS,
          ISOLATE_THREAD_LOCALS,
          CLOSE_ON_EXIT);

  private EngineOptions() {}
}
