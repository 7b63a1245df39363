// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.memory;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/**
 * Tells Java Flight Recorder what happens to an engine's memory, if there is one: the module {@code
 * jdk.jfr} is optional.
 */
final class MemoryEvents {

  private static final boolean RECORDED = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private MemoryEvents() {}

  /** An allocation that was refused. The event has its thread and its stack. */
  @Name("dev.heddle.MemoryExhausted")
  @Label("Memory Exhausted")
  @Category("Heddle")
  @Description(
      "An engine has refused off-heap memory; who waits for it is refused each time he looks")
  @SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
  private static final class Exhausted extends Event {
    @Label("Engine")
    final String engine;

    @Label("Asked For")
    @DataAmount
    final long byteSize;

    @Label("Reserved")
    @DataAmount
    final long reservedBytes;

    @Label("Budget")
    @DataAmount
    final long budgetBytes;

    Exhausted(String engine, long byteSize, long reservedBytes, long budgetBytes) {
      this.engine = engine;
      this.byteSize = byteSize;
      this.reservedBytes = reservedBytes;
      this.budgetBytes = budgetBytes;
    }
  }

  static void exhausted(String engine, long byteSize, MemoryBudget budget) {
    if (RECORDED) {
      new Exhausted(engine, byteSize, budget.usedBytes(), budget.limitBytes()).commit();
    }
  }
}
