// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.util;

import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The seam of the tests: passes everything on, except what one test at a time has asked for. Put in
 * place by the system property that the build gives to the test JVM.
 */
public final class TestSeam extends Seam {

  private static volatile @Nullable Consumer<Point> onPoint;
  private static volatile @Nullable ThreadFactory threads;

  /** Made by {@link Seam} itself. */
  public TestSeam() {}

  /** Something that a test changed and must put back. */
  public interface Change extends AutoCloseable {
    @Override
    void close();
  }

  /** Calls a test back at each {@link Seam.Point}, on whatever thread reaches it. */
  public static Change atPoints(Consumer<Point> callback) {
    onPoint = callback;
    return () -> onPoint = null;
  }

  /** Makes all threads of engines with a factory of the test's. */
  public static Change makeThreads(ThreadFactory factory) {
    threads = factory;
    return () -> threads = null;
  }

  @Override
  protected void pass(Point point) {
    Consumer<Point> callback = onPoint;
    if (callback != null) {
      callback.accept(point);
    }
  }

  @Override
  protected Thread makeThread(ThreadFactory factory, Runnable body) {
    ThreadFactory replacement = threads;
    return (replacement == null ? factory : replacement).newThread(body);
  }
}
