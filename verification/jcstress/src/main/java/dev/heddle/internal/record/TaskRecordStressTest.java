// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.record;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Races of a record: it is read while one run follows another. */
public final class TaskRecordStressTest {

  private TaskRecordStressTest() {}

  private static final TaskRecords HOME = new TaskRecords();

  /** A record whose runs have the same number as start and as kind. */
  private abstract static class Shared {
    final TaskRecord record =
        new TaskRecord(HOME, MemorySegment.ofArray(new long[16]), true, 0, Long.MAX_VALUE - 1);

    Shared() {
      record.bind(1, 1, false);
    }

    void nextRun() {
      record.release();
      record.bind(2, 2, false);
    }

    static void note(TaskRecord.Contents seen, II_Result r) {
      if (seen != null) {
        r.r1 = (int) seen.startNanos();
        r.r2 = seen.kind();
      }
    }
  }

  /** A reader sees the fields of one run, across the wrap of the generation. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the first run")
  @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "the second run")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "none, in between")
  @Outcome(id = ".*", expect = FORBIDDEN, desc = "fields of both")
  @State
  public static class ReadBetweenRuns extends Shared {

    /** Ends a run, begins the next. */
    @Actor
    public void writer() {
      nextRun();
    }

    /** Reads. */
    @Actor
    public void reader(II_Result r) {
      note(record.read(), r);
    }
  }

  /** The control of {@link ReadBetweenRuns}: the reader does not look at the generation again. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the first run")
  @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "the second run")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "none, in between")
  @Outcome(id = ".*", expect = ACCEPTABLE_INTERESTING, desc = "control: fields of both")
  @State
  public static class ReadBetweenRunsControl extends Shared {

    /** Ends a run, begins the next. */
    @Actor
    public void writer() {
      nextRun();
    }

    /** Reads and believes it. */
    @Actor
    public void reader(II_Result r) {
      note(record.tryRead(), r);
    }
  }
}
