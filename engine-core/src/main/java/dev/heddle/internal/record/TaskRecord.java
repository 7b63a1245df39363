// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.record;

import dev.heddle.error.MemoryLimitException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What one thread runs, in 128 off-heap bytes of a fixed layout. Written by that thread, bound when
 * a task starts there and released when it has ended; read by any thread.
 */
/*
 * Layout.       Two cache lines, aligned to 128 bytes, in the order of the machine. Those with a star have their
 *               place and are not used yet.
 *
 *               line 0, written before the record is bound
 *                0        8        16       24       32   36      40     44    48        56      60     64
 *                +--------+--------+--------+--------+----+-------+------+-----+---------+-------+------+
 *                |genera- | taskId | parent | start  |kind|attempt|runner|exact|deadline*|tenant*|      |
 *                |tion    |        | Id     | Nanos  |    |       |      |     |         |       |      |
 *                +--------+--------+--------+--------+----+-------+------+-----+---------+-------+------+
 *               line 1, written while it is bound
 *                64       72       80       88       96         104             112       120           128
 *                +--------+--------+--------+--------+----------+---------------+---------+-------------+
 *                | done   | total  | arena  | waits  |cancelled | dependencies* | trace   | trace       |
 *                |        |        | Bytes  | For    |   (int)  |               | High*   | Low*        |
 *                +--------+--------+--------+--------+----------+---------------+---------+-------------+
 *
 * Generation.   Even: free. Odd: bound. It grows by one at each change, and differs for 2^63 changes.
 * Writer.       (1) fields, plain; (2) generation, odd, release. At the end: (3) generation, even, release; (4) a fence, so
 *               that no field of the next run is written before it.
 * Reader.       (a) generation, acquire: even says that nothing runs; (b) fields, opaque; (c) a fence; (d) generation, opaque.
 *               The same as at (a): by (1), (2) the fields are not older than this run. They are not of a later one: if (b)
 *               had seen one of those, (4) and (c) would let (d) see (3). Another: read again, or go without.
 *               (Seqlock: Boehm, "Can Seqlocks Get Along With Programming Language Memory Models?", 2012.)
 * Cancelled.    Not of the generation: cleared by the run that first asks for it, set by who cancels. See TaskRunner.
 * Nesting.      A task that runs inside another one, which waits for it, has the record inner, of its own.
 * Evidence.     TaskRecordTest; TaskRecordStressTest and its control without (d).
 */
public final class TaskRecord {

  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              ValueLayout.JAVA_LONG.withName("generation"),
              ValueLayout.JAVA_LONG.withName("taskId"),
              ValueLayout.JAVA_LONG.withName("parentId"),
              ValueLayout.JAVA_LONG.withName("startNanos"),
              ValueLayout.JAVA_INT.withName("kind"),
              ValueLayout.JAVA_INT.withName("attempt"),
              ValueLayout.JAVA_INT.withName("runner"),
              ValueLayout.JAVA_INT.withName("exact"),
              ValueLayout.JAVA_LONG.withName("deadline"),
              ValueLayout.JAVA_INT.withName("tenant"),
              MemoryLayout.paddingLayout(4),
              ValueLayout.JAVA_LONG.withName("done"),
              ValueLayout.JAVA_LONG.withName("total"),
              ValueLayout.JAVA_LONG.withName("arenaBytes"),
              ValueLayout.JAVA_LONG.withName("waitsFor"),
              ValueLayout.JAVA_INT.withName("cancelled"),
              MemoryLayout.paddingLayout(4),
              ValueLayout.JAVA_LONG.withName("dependencies"),
              ValueLayout.JAVA_LONG.withName("traceHigh"),
              ValueLayout.JAVA_LONG.withName("traceLow"))
          .withByteAlignment(128);

  /** How large a record is, and what its address is a multiple of. */
  static final long BYTES = LAYOUT.byteSize();

  private static final long GENERATION = offset("generation");
  private static final long TASK_ID = offset("taskId");
  private static final long PARENT_ID = offset("parentId");
  private static final long START_NANOS = offset("startNanos");
  private static final long KIND = offset("kind");
  private static final long ATTEMPT = offset("attempt");
  private static final long RUNNER = offset("runner");
  private static final long EXACT = offset("exact");
  private static final long DONE = offset("done");
  private static final long TOTAL = offset("total");
  private static final long ARENA_BYTES = offset("arenaBytes");
  private static final long WAITS_FOR = offset("waitsFor");
  private static final long CANCELLED = offset("cancelled");

  private static final long[] NOT_ALWAYS_WRITTEN = {
    TASK_ID, PARENT_ID, DONE, TOTAL, ARENA_BYTES, WAITS_FOR
  };

  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private static final int READS = 8;

  private final TaskRecords home;
  private final MemorySegment bytes;
  private final MemorySegment cancelFlag;
  private final boolean readable;
  private final int runner;

  // The writer's own, but for what readers look at while the generation says that they may:
  private long generation;
  private long askedForFlag; // the generation in which cancelFlag was asked for last
  private boolean dirty; // fields are not 0 that most runs do not write
  private volatile @Nullable TaskRecord inner;
  private long suspensionsPlain; // the writer's
  private volatile long suspensions; // the same for readers, before each
  private volatile @Nullable Object suspended; // the task, or this record if it has no handle

  /**
   * What a record says about one run.
   *
   * @param generation of the record, for {@link TaskRecord#isStill}
   * @param suspensions likewise
   * @param taskId the number of the task, 0 if it has none, or had none when it started
   * @param parentId the number of the task that has submitted it, 0 if none has
   * @param startNanos when it started, by the engine's clock
   * @param exact whether that is exact; it has started later otherwise, by one of the next tasks
   * @param kind the number of its body in {@link BodyKinds}
   * @param attempt 1 for the first
   * @param runner the number of what runs it: workers come first
   * @param done how much of its work is done, as it has said
   * @param total of how much
   * @param arenaBytes how much its arena has taken
   * @param waitsFor the number of the task that it waits for, 0 if it does not
   * @param suspended the task itself, if it waits for one that runs inside it; the record if it has
   *     no handle; {@code null} if it does not wait so
   */
  public record Contents(
      long generation,
      long suspensions,
      long taskId,
      long parentId,
      long startNanos,
      boolean exact,
      int kind,
      int attempt,
      int runner,
      long done,
      long total,
      long arenaBytes,
      long waitsFor,
      @Nullable Object suspended) {}

  /**
   * Makes a record that is free.
   *
   * @param home where inner ones come from
   * @param bytes {@link #BYTES} of them
   * @param readable whether they are this record's alone
   * @param runner the number of what runs
   * @param generation where it starts, an even number
   */
  TaskRecord(TaskRecords home, MemorySegment bytes, boolean readable, int runner, long generation) {
    this.home = home;
    this.bytes = bytes;
    this.cancelFlag = bytes.asSlice(CANCELLED, Integer.BYTES).asReadOnly();
    this.readable = readable;
    this.runner = runner;
    this.generation = generation;
    bytes.set(ValueLayout.JAVA_INT, ATTEMPT, 1);
    bytes.set(ValueLayout.JAVA_INT, RUNNER, runner);
    LONG.setRelease(bytes, GENERATION, generation);
  }

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  // ---- the writer's side

  /**
   * Says that the run of a body starts.
   *
   * @param kind the number of its body in {@link BodyKinds}
   * @param startNanos the time
   * @param exact whether it is that, or one before
   */
  public void bind(int kind, long startNanos, boolean exact) {
    if (isBound() || dirty) {
      cleanUp();
    }
    publish(kind, startNanos, exact);
  }

  /**
   * Says that the run of a task starts.
   *
   * @param taskId its number, 0 if nobody has asked for it
   * @param parentId the number of its parent, 0 if it has none
   * @param kind the number of its body in {@link BodyKinds}
   * @param startNanos the time
   * @param exact whether it is that, or one before
   */
  public void bind(long taskId, long parentId, int kind, long startNanos, boolean exact) {
    if (isBound() || dirty) {
      cleanUp();
    }
    if ((taskId | parentId) != 0) {
      dirty = true;
      bytes.set(ValueLayout.JAVA_LONG, TASK_ID, taskId);
      bytes.set(ValueLayout.JAVA_LONG, PARENT_ID, parentId);
    }
    publish(kind, startNanos, exact);
  }

  private void publish(int kind, long startNanos, boolean exact) {
    bytes.set(ValueLayout.JAVA_LONG, START_NANOS, startNanos);
    bytes.set(ValueLayout.JAVA_INT, KIND, kind);
    bytes.set(ValueLayout.JAVA_INT, EXACT, exact ? 1 : 0);
    LONG.setRelease(bytes, GENERATION, ++generation);
  }

  /** Says that the run has ended. */
  public void release() {
    if (isBound()) {
      LONG.setRelease(bytes, GENERATION, ++generation);
      VarHandle.storeStoreFence();
    }
  }

  /**
   * Returns when the run has started, if that is known. For the thread that runs, during the run
   * and right after it.
   *
   * @return the time, by the engine's clock; empty if it was not looked at
   */
  public OptionalLong exactStartNanos() {
    return readable && bytes.get(ValueLayout.JAVA_INT, EXACT) != 0
        ? OptionalLong.of(bytes.get(ValueLayout.JAVA_LONG, START_NANOS))
        : OptionalLong.empty();
  }

  private boolean isBound() {
    return (generation & 1) != 0;
  }

  /** Ends a run that was not seen to end, and clears what is not written for each run. */
  private void cleanUp() {
    release();
    for (long field : NOT_ALWAYS_WRITTEN) {
      bytes.set(ValueLayout.JAVA_LONG, field, 0);
    }
    bytes.set(ValueLayout.JAVA_INT, ATTEMPT, 1);
    dirty = false;
  }

  /**
   * Says how far the run is.
   *
   * @param done so much
   * @param total of so much
   */
  public void progress(long done, long total) {
    dirty = true;
    LONG.setOpaque(bytes, TOTAL, total);
    LONG.setOpaque(bytes, DONE, done);
  }

  /**
   * Says which attempt of its task the run is.
   *
   * @param number 1 for the first
   */
  public void attempt(int number) {
    dirty = true;
    INT.setOpaque(bytes, ATTEMPT, number);
  }

  /**
   * Says how much the arena of the run has taken.
   *
   * @param arenaBytes bytes
   */
  public void arena(long arenaBytes) {
    dirty = true;
    LONG.setOpaque(bytes, ARENA_BYTES, arenaBytes);
  }

  /**
   * Says which task the run waits for.
   *
   * @param taskId its number, 0 for none
   */
  public void waitsFor(long taskId) {
    dirty = true;
    LONG.setOpaque(bytes, WAITS_FOR, taskId);
  }

  /**
   * Returns the flag of the run, cleared if it is asked for the first time.
   *
   * @return four bytes
   * @throws MemoryLimitException if this record has no memory of its own
   */
  public MemorySegment cancelFlag() {
    if (!readable) {
      throw new MemoryLimitException(
          "memory of the machine or of the JVM is spent: records=1 (raise"
              + " -XX:MaxDirectMemorySize)");
    }
    if (askedForFlag != generation) {
      askedForFlag = generation;
      INT.setVolatile(bytes, CANCELLED, 0);
    }
    return cancelFlag;
  }

  /** Sets the flag of the run. Called by any thread, which knows that it is still the same run. */
  public void cancel() {
    if (readable) {
      INT.setVolatile(bytes, CANCELLED, 1);
    }
  }

  /**
   * Says that another task runs inside the one that runs.
   *
   * @param task the task that runs, {@code null} if it has no handle
   * @return the record of the other one
   */
  public TaskRecord suspend(@Nullable Object task) {
    TaskRecord record = inner;
    if (record == null) {
      record = home.newRecord(runner);
      inner = record;
    }
    suspensions = ++suspensionsPlain;
    suspended = task == null ? this : task;
    return record;
  }

  /** Says that the other task has ended. */
  public void resume() {
    suspended = null;
  }

  // ---- the readers' side

  /**
   * Reads the record.
   *
   * @return what it says about one run, or {@code null} if there is none, or each try has met
   *     another: short ones, that is
   */
  public @Nullable Contents read() {
    for (int i = 0; i < READS; i++) {
      Contents seen = tryRead();
      if (seen == null || isStill(seen)) {
        return seen;
      }
    }
    return null;
  }

  /** Reads without a look at the end. */
  @Nullable Contents tryRead() {
    long before = (long) LONG.getAcquire(bytes, GENERATION);
    if ((before & 1) == 0 || !readable) {
      return null;
    }
    return new Contents(
        before,
        suspensions,
        (long) LONG.getOpaque(bytes, TASK_ID),
        (long) LONG.getOpaque(bytes, PARENT_ID),
        (long) LONG.getOpaque(bytes, START_NANOS),
        (int) INT.getOpaque(bytes, EXACT) != 0,
        (int) INT.getOpaque(bytes, KIND),
        (int) INT.getOpaque(bytes, ATTEMPT),
        (int) INT.getOpaque(bytes, RUNNER),
        (long) LONG.getOpaque(bytes, DONE),
        (long) LONG.getOpaque(bytes, TOTAL),
        (long) LONG.getOpaque(bytes, ARENA_BYTES),
        (long) LONG.getOpaque(bytes, WAITS_FOR),
        suspended);
  }

  /**
   * Tells whether the record is still of the same run, and nothing else has been started inside:
   * what has been read since, of what runs, is of it, then.
   *
   * @param seen what was read
   * @return whether it is
   */
  public boolean isStill(Contents seen) {
    VarHandle.acquireFence();
    return (long) LONG.getOpaque(bytes, GENERATION) == seen.generation
        && suspensions == seen.suspensions;
  }

  /**
   * Returns what waits, with this record, for a task inside it.
   *
   * @return the task, this record if it has no handle, {@code null} if nothing waits so
   */
  public @Nullable Object suspended() {
    return suspended;
  }

  /**
   * Returns the record of the task that runs inside this one's.
   *
   * @return the record, free if there is none now, or {@code null} if there never was
   */
  public @Nullable TaskRecord inner() {
    return inner;
  }
}
