// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

/** A stable name for each kind of error, for logs, metrics and programs. */
public enum ErrorCode {
  /** A task has failed: its body threw, or its timeout was over. */
  TASK_FAILED,
  /** A task was cancelled before its body returned. */
  TASK_CANCELLED,
  /** A task, or an attempt of it, took longer than its options allow. */
  TASK_TIMED_OUT,
  /** The engine makes no further attempt, since there have been too many. */
  RETRY_BUDGET,
  /** A wait for a task took longer than the caller allowed; the task goes on. */
  WAIT_TIMED_OUT,
  /** A thread was interrupted while it waited for a task; the task goes on. */
  WAIT_INTERRUPTED,
  /** A task was about to wait for one that waits for it, or for itself. */
  DEADLOCK,
  /** Tasks wait inside each other deeper than a thread can bear. */
  WAIT_TOO_DEEP,
  /** The engine holds as many tasks as its capacity allows. */
  QUEUE_FULL,
  /** A lane holds as many tasks as its capacity allows. */
  LANE_FULL,
  /** The lane is closed. */
  LANE_CLOSED,
  /** The strategy of a task that was due could not start it. */
  STRATEGY_FAILED,
  /** An executor, of the JDK or of a library, has refused a task in its own words. */
  EXECUTOR_REJECTED,
  /** The engine is closing or closed. */
  ENGINE_CLOSED,
  /** The configuration has one or more mistakes. */
  INVALID_CONFIGURATION,
  /** A name has characters that names may not have, or is too long. */
  INVALID_NAME,
  /** The memory budget of the engine does not allow an allocation. */
  MEMORY_LIMIT,
  /** A segment was used by a task that it does not belong to. */
  SEGMENT_OWNER,
  /** A segment was used, or closed again, after it had been closed or given away. */
  SEGMENT_RELEASED,
  /** Somebody wrote beyond the ends of a segment. */
  SEGMENT_OVERRUN,
  /** A wait for a resource took longer than the caller allowed. */
  RESOURCE_TIMEOUT,
  /** Resources were acquired in an order in which tasks could wait for each other. */
  RESOURCE_ORDER,
  /** A task looked for a resource that it does not hold. */
  RESOURCE_NOT_HELD,
  /** What was held of a resource was used, or given back again, after its end. */
  LEASE_MISUSE,
  /** A worker thread could not be made or started. */
  THREAD_START,
  /** A task context was used after its run or by another thread. */
  CONTEXT_MISUSE,
  /** A lane was used by a second thread. */
  LANE_MISUSE,
  /** The scope of a fork was used outside its branch. */
  FORK_MISUSE,
  /** A recursion of forks was deeper than the stack of its thread bears. */
  FORK_TOO_DEEP,
  /** Something outside of the engine that belongs to it; the class of the exception says what. */
  EXTENSION
}
