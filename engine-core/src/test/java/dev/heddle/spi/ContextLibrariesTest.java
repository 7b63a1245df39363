// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.heddle.EngineProbe;
import dev.heddle.TaskEngine;
import dev.heddle.spi.ContextPropagation.Restored;
import io.micrometer.context.ContextRegistry;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.MDC;

/** Context propagation with the libraries, and without. */
class ContextLibrariesTest {

  private static final ContextKey<String> KEY = ContextKey.named("user");
  private static final ThreadLocal<String> USER = new ThreadLocal<>();

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  private TaskEngine start(ContextPropagation propagation) {
    return engines.start(TaskEngine.builder().workers(1).contextPropagation(propagation));
  }

  @AfterEach
  void forget() {
    MDC.clear();
    USER.remove();
    ContextRegistry.getInstance().removeThreadLocalAccessor("heddle.test");
  }

  private static void registerUser() {
    ContextRegistry.getInstance().registerThreadLocalAccessor("heddle.test", USER);
  }

  private static @Nullable String otelUser() {
    return Context.current().get(KEY);
  }

  // ---- each

  @Test
  void mdc_ofTheSubmitter_isSeenAndPutBack() {
    TaskEngine engine = start(ContextPropagation.mdc());
    MDC.put("user", "ann");
    MDC.put("order", "7");
    Map<String, String> inside =
        engine
            .submit(
                context -> {
                  Map<String, String> found = MDC.getCopyOfContextMap();
                  MDC.put("mess", "left behind");
                  return found;
                })
            .join();

    assertThat(inside).isEqualTo(Map.of("user", "ann", "order", "7"));
    assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("user", "ann", "order", "7"));
    MDC.clear();
    assertThat(engine.submit(context -> MDC.get("user") + MDC.get("mess")).join())
        .isEqualTo("nullnull");
  }

  @Test
  void mdc_emptyInTheSubmitter_hidesWhatTheRunningThreadHas() {
    TaskEngine engine = start(ContextPropagation.mdc());
    String users =
        engine
            .submit(
                context -> {
                  var inner = engine.submit(() -> String.valueOf(MDC.get("user")));
                  MDC.put("user", "outer");
                  return inner.join() + ", " + MDC.get("user");
                })
            .join();

    assertThat(users).isEqualTo("null, outer");
    assertThat(ContextPropagation.mdc().capture())
        .as("one for all that are empty")
        .isSameAs(ContextPropagation.mdc().capture());
  }

  @Test
  void micrometer_whatIsRegistered_isSeenAndPutBack() {
    registerUser();
    TaskEngine engine = start(ContextPropagation.micrometer());
    USER.set("ann");
    String user =
        engine
            .submit(
                context -> {
                  String found = USER.get();
                  USER.set("mess");
                  return found;
                })
            .join();

    assertThat(user).isEqualTo("ann");
    assertThat(USER.get()).isEqualTo("ann");
    USER.remove();
    assertThat(engine.submit(context -> String.valueOf(USER.get())).join()).isEqualTo("null");
    assertThat(
            engine
                .submit(
                    context -> {
                      var inner = engine.submit(() -> String.valueOf(USER.get()));
                      USER.set("outer");
                      return inner.join() + ", " + USER.get();
                    })
                .join())
        .as("what the submitter had not is cleared")
        .isEqualTo("null, outer");
  }

  @Test
  void openTelemetry_current_isSeenAndPutBack() {
    TaskEngine engine = start(ContextPropagation.openTelemetry());
    try (Scope scope = Context.current().with(KEY, "ann").makeCurrent()) {
      assertThat(engine.submit(context -> String.valueOf(otelUser())).join()).isEqualTo("ann");
    }

    assertThat(engine.submit(context -> String.valueOf(otelUser())).join()).isEqualTo("null");
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker") // that is the mistake
  void openTelemetry_bodyLeavesAScopeOpen_theThreadHasWhatItHadBefore() {
    ContextPropagation propagation = ContextPropagation.openTelemetry();
    try (Scope scope = Context.root().with(KEY, "before").makeCurrent()) {
      Restored restored = propagation.capture().restore();
      Context.current().with(KEY, "left open").makeCurrent();
      restored.close();

      assertThat(otelUser()).isEqualTo("before");
    }
  }

  // ---- all

  @Test
  void present_allLibraries_areCombined() {
    registerUser();
    TaskEngine engine = start(ContextPropagation.present());
    MDC.put("user", "ann");
    USER.set("bob");
    try (Scope scope = Context.current().with(KEY, "cid").makeCurrent()) {
      assertThat(
              engine
                  .submit(context -> MDC.get("user") + ", " + USER.get() + ", " + otelUser())
                  .join())
          .isEqualTo("ann, bob, cid");
    }
  }

  // ---- without them

  /** The engine, and nothing but the JDK and some libraries. */
  private static URLClassLoader engineWith(Class<?>... libraries) {
    URL[] places =
        Stream.concat(Stream.of(TaskEngine.class), Stream.of(libraries))
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
            .toArray(URL[]::new);
    return new URLClassLoader(places, ClassLoader.getPlatformClassLoader());
  }

  private static Object make(ClassLoader loader, String factory) throws Throwable {
    Class<?> type = loader.loadClass(ContextPropagation.class.getName());
    assertThat(type).isNotSameAs(ContextPropagation.class);
    try {
      return type.getMethod(factory).invoke(null);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  void present_noLibrary_isNone() throws Throwable {
    try (URLClassLoader loader = engineWith()) {
      assertThat(make(loader, "present")).isSameAs(make(loader, "none"));
    }
  }

  @Test
  void present_oneLibrary_isThatOne() throws Throwable {
    try (URLClassLoader loader = engineWith(Context.class)) {
      assertThat(make(loader, "present").getClass().getName())
          .isEqualTo(OpenTelemetryPropagation.class.getName());
    }
  }

  @Test
  void factories_noLibrary_sayWhatIsMissing() throws Exception {
    try (URLClassLoader loader = engineWith()) {
      for (var missing :
          Map.of(
                  "mdc", "org.slf4j:slf4j-api",
                  "micrometer", "io.micrometer:context-propagation",
                  "openTelemetry", "io.opentelemetry:opentelemetry-context")
              .entrySet()) {
        Throwable thrown = catchThrowable(() -> make(loader, missing.getKey()));

        assertThat(thrown.getClass().getName())
            .isEqualTo("dev.heddle.error.ConfigurationException");
        assertThat(thrown)
            .hasMessage(
                "context propagation needs a library that the engine can use: contextPropagation="
                    + missing.getKey()
                    + ", error="
                    + thrown.getCause()
                    + " (add "
                    + missing.getValue()
                    + " to the path of the engine: the class path, or the module path and"
                    + " --add-modules)")
            .hasCauseExactlyInstanceOf(NoClassDefFoundError.class);
      }
    }
  }
}
