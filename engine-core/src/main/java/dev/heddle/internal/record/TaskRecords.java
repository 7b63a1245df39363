// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.record;

import dev.heddle.error.MemoryLimitException;
import dev.heddle.internal.util.Seam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes the records of an engine. They are not counted against its budget: there are as many as
 * threads have ever run tasks at a time, and tasks waited inside each other.
 *
 * <p>They stay until the engine is collected, so that a reader never meets memory that is gone.
 */
public final class TaskRecords {

  private static final int RECORDS_A_SLAB = 32;

  private final ReentrantLock lock = new ReentrantLock();
  private final MemorySegment shared;
  private MemorySegment slab; // under lock
  private long cut; // under lock

  /**
   * Makes the first slab.
   *
   * @throws MemoryLimitException if there is no memory for it
   */
  public TaskRecords() {
    try {
      this.slab = newSlab();
    } catch (OutOfMemoryError e) {
      throw new MemoryLimitException(
          "memory of the machine or of the JVM is spent: records="
              + RECORDS_A_SLAB
              + " (raise -XX:MaxDirectMemorySize)",
          e);
    }
    this.shared = slab.asSlice(0, TaskRecord.BYTES);
    this.cut = TaskRecord.BYTES;
  }

  private static MemorySegment newSlab() {
    long bytes = RECORDS_A_SLAB * TaskRecord.BYTES;
    Seam.allocating(bytes);
    return Arena.ofAuto().allocate(bytes, TaskRecord.BYTES);
  }

  /**
   * Makes a record. Without memory for it, it is one that nobody can read: what runs must run.
   *
   * @param runner the number of what runs
   * @return the record
   */
  public TaskRecord newRecord(int runner) {
    lock.lock();
    try {
      if (cut == slab.byteSize()) {
        slab = newSlab();
        cut = 0;
      }
      TaskRecord record =
          new TaskRecord(this, slab.asSlice(cut, TaskRecord.BYTES), true, runner, 0);
      cut += TaskRecord.BYTES;
      return record;
    } catch (OutOfMemoryError e) {
      return new TaskRecord(this, shared, false, runner, 0);
    } finally {
      lock.unlock();
    }
  }
}
