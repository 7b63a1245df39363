// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.spi.ExecutionStrategy;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A context class loader that a body sets does not stay with the thread. */
class ContextClassLoaderTest {

  private static final ClassLoader OTHER =
      new ClassLoader(ContextClassLoaderTest.class.getClassLoader()) {};
  private static final Task<@Nullable ClassLoader> SEE =
      context -> Thread.currentThread().getContextClassLoader();
  private static final Task<@Nullable ClassLoader> SEE_AND_CHANGE =
      context -> {
        ClassLoader found = SEE.run(context);
        Thread.currentThread().setContextClassLoader(OTHER);
        return found;
      };

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private final ClassLoader own = Thread.currentThread().getContextClassLoader();

  @Test
  void nextTask_onTheSameWorker_seesTheWorkersOwn() {
    TaskEngine engine = engines.start(1);
    engine.submit(SEE_AND_CHANGE).join();

    assertThat(engine.submit(SEE).join()).isSameAs(own);
    engine.execute(() -> Thread.currentThread().setContextClassLoader(OTHER));
    assertThat(engine.submit(SEE).join()).isSameAs(own);
  }

  @Test
  void join_taskRunsInsideItsWaiter_eachHasItsOwn() {
    TaskEngine engine = engines.start(1);
    String loaders =
        engine
            .submit(
                context -> {
                  ClassLoader mine = new ClassLoader(own) {};
                  Thread.currentThread().setContextClassLoader(mine);
                  ClassLoader inner = engine.submit(SEE_AND_CHANGE).join();
                  return (inner == own) + ", " + (SEE.run(context) == mine);
                })
            .join();

    assertThat(loaders).isEqualTo("true, true");
  }

  @Test
  void caller_runsATask_keepsItsOwn() {
    TaskEngine engine = engines.start(1);
    engine
        .submit(SEE_AND_CHANGE, TaskOptions.defaults().strategy(ExecutionStrategy.caller()))
        .join();

    assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(own);
  }

  @Test
  void virtualThreads_taskBehindAnother_seesTheOneOfTheStrategy() {
    TaskEngine engine = engines.start(1);
    TaskOptions oneByOne = TaskOptions.defaults().strategy(ExecutionStrategy.virtualThreads(1));
    InheritableThreadLocal<@Nullable String> inheritable = new InheritableThreadLocal<>();
    CountDownLatch submitted = new CountDownLatch(1);
    engine.submit(
        context -> {
          Thread.currentThread().setContextClassLoader(OTHER);
          inheritable.set("mess");
          Gate.await(submitted);
          return null;
        },
        oneByOne);
    TaskHandle<@Nullable ClassLoader> loader = engine.submit(SEE, oneByOne);
    TaskHandle<@Nullable String> local = engine.submit(context -> inheritable.get(), oneByOne);
    submitted.countDown();

    assertThat(loader.join()).isSameAs(own);
    assertThat(local.join()).isNull();
  }
}
