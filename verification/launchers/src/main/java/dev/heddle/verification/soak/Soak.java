// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.soak;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/** What the soak programs share: arguments, the line of result, the dump of a stalled JVM. */
final class Soak {

  /** Kept, since loggers are collected otherwise. */
  private static final Logger ENGINE_LOG = Logger.getLogger("dev.heddle");

  private Soak() {}

  /** The seed, which is the first argument; printed with the result. */
  static long seed(String[] args) {
    return args.length > 0 ? Long.parseLong(args[0]) : System.nanoTime();
  }

  /** The second argument. */
  static long count(String[] args, long byDefault) {
    return args.length > 1 ? Long.parseLong(args[1]) : byDefault;
  }

  /** Silences the engine's log where failures are made on purpose. */
  static void silence() {
    ENGINE_LOG.setLevel(Level.OFF);
  }

  /** Prints the line of result and ends the process. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  static void finish(String program, boolean passed, String format, Object... values) {
    System.out.printf(
        Locale.ROOT,
        "%s %s: %s%n",
        program,
        passed ? "passed" : "FAILED",
        String.format(Locale.ROOT, format, values));
    System.exit(passed ? 0 : 1);
  }

  /** Prints all threads and ends the process with a failure. */
  static void stalled(String program, String what) {
    for (ThreadInfo thread : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
      System.err.print(thread);
    }
    finish(program, false, "%s", what);
  }

  /**
   * What the JVM has taken from the machine for off-heap segments, in KiB. Needs its tracking of
   * native memory.
   */
  static long offHeapKib() {
    try {
      String report =
          (String)
              ManagementFactory.getPlatformMBeanServer()
                  .invoke(
                      new ObjectName("com.sun.management:type=DiagnosticCommand"),
                      "vmNativeMemory",
                      new Object[] {new String[] {"summary"}},
                      new String[] {String[].class.getName()});
      Matcher other = Pattern.compile("Other \\(reserved=(\\d+)KB").matcher(report);
      if (!other.find()) {
        throw new IllegalStateException("no native memory in the JVM's report: " + report);
      }
      return Long.parseLong(other.group(1));
    } catch (JMException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Spins for a time too short for the operating system's clock. */
  static void spinNanos(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  /** Scrambles a number, so that a sum of them notices two mistakes that cancel out. */
  static long hash(long x) {
    long h = x * 0x9e3779b97f4a7c15L;
    h = (h ^ (h >>> 32)) * 0xd6e8feb86659fd93L;
    return h ^ (h >>> 32);
  }
}
