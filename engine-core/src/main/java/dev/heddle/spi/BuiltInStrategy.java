// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

/** The strategies without a state. */
enum BuiltInStrategy implements ExecutionStrategy {
  WORK_STEALING {
    @Override
    public void start(TaskExecution execution) {
      execution.enqueue();
    }
  },
  CALLER {
    @Override
    public void start(TaskExecution execution) {
      execution.run();
    }
  },
  DEDICATED_THREAD {
    @Override
    public void start(TaskExecution execution) {
      Thread.ofPlatform()
          .name("heddle-" + execution.engine() + "-" + execution.task())
          .daemon(false)
          .start(execution::run);
    }
  }
}
