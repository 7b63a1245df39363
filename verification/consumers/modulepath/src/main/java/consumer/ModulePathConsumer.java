// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer;

import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.TaskOptions;
import dev.heddle.error.MemoryLimitException;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.NativeOps;
import dev.heddle.nativeops.NativeTask;
import dev.heddle.observe.EngineMetrics;
import java.lang.module.ModuleFinder;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Runs inside a linked image, and looks at what that image holds and hides. */
final class ModulePathConsumer {

  /** No jdk.unsupported: nothing of ours or of JCTools that is reached asks for Unsafe. */
  private static final Set<String> MODULES =
      Set.of(
          "consumer",
          "dev.heddle",
          "dev.heddle.nativeops",
          "java.base",
          "org.jctools.core",
          "org.jctools.core.jdk11");

  private ModulePathConsumer() {}

  public static void main(String[] arguments) throws Exception {
    Set<String> image =
        ModuleFinder.ofSystem().findAll().stream()
            .map(module -> module.descriptor().name())
            .collect(Collectors.toCollection(TreeSet::new));
    same(MODULES, image);
    internalsAreHidden();
    run();
    callC();
    System.out.println(
        "module path: passed, " + NativeOps.get().provider() + ", linked image of " + image);
  }

  private static void internalsAreHidden() throws ReflectiveOperationException {
    Module heddle = TaskEngine.class.getModule();
    same("dev.heddle", heddle.getName());
    Module consumer = ModulePathConsumer.class.getModule();
    for (String name : heddle.getPackages()) {
      same(!name.startsWith("dev.heddle.internal"), heddle.isExported(name, consumer));
      same(false, heddle.isOpen(name, consumer));
    }
    // The class behind the interface is public, and so is its method: only the module keeps us out.
    try (TaskEngine engine = TaskEngine.create()) {
      Class<?> internal = Class.forName(engine.getClass().getName());
      same(true, internal.getPackageName().startsWith("dev.heddle.internal"));
      same(true, Modifier.isPublic(internal.getModifiers()));
      Method metrics = internal.getMethod("metrics");
      try {
        metrics.invoke(engine);
        throw new AssertionError("accessible: " + metrics);
      } catch (IllegalAccessException expected) {
        TaskEngine.class.getMethod("metrics").invoke(engine);
      }
      try {
        metrics.setAccessible(true);
        throw new AssertionError("can be made accessible: " + metrics);
      } catch (InaccessibleObjectException expected) {
        same(false, metrics.canAccess(engine));
      }
    }
  }

  private static void run() {
    TaskEngine engine = TaskEngine.builder().workers(2).build();
    try (engine) {
      same(42, engine.submit(() -> 6 * 7).join());
      TaskOptions options = TaskOptions.defaults().name("quote");
      same("quote", engine.submit(TaskContext::taskName, options).join());
      try {
        engine.allocate(Long.MAX_VALUE); // would tell Flight Recorder, which is not there
        throw new AssertionError("more memory than there is");
      } catch (MemoryLimitException expected) {
        same(0L, engine.memory().reservedBytes());
      }
    }
    EngineMetrics metrics = engine.metrics();
    same(2L, metrics.completed());
    try {
      engine.execute(() -> {});
      throw new AssertionError("a closed engine accepted a task");
    } catch (RejectedTaskException expected) {
      same(1L, engine.metrics().rejected());
    }
  }

  /** The module alone has native access, and so has this program by it. */
  private static void callC() {
    same(true, NativeOps.get().isNative());
    same(false, ModulePathConsumer.class.getModule().isNativeAccessEnabled());
    try (TaskEngine engine = TaskEngine.create();
        NativeTask<Long> primes =
            NativeTask.of(
                engine.allocate(MathOps.sieveBytes(1_000)),
                (bits, context) ->
                    NativeOps.get().math().sieve(1_000, bits, NativeControl.of(context)))) {
      same(168L, engine.submit(primes).join());
    }
  }

  private static void same(Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw new AssertionError("expected=" + expected + ", actual=" + actual);
    }
  }
}
